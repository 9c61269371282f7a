import type { OrchestrationContext, Task } from 'durable-functions';

/** Stories that look at what a story must not look at, each into an activity's input, and one that does not. Loaded anew by the turn check. */

type Story = (context: OrchestrationContext) => Generator<Task, unknown, unknown>;

const noting = (what: (context: OrchestrationContext) => unknown): Story =>
  function* (context) {
    yield context.df.callActivity('note', { seen: what(context) });
    yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 60_000));
    return yield context.df.callActivity('note', { seen: 'the end' });
  };

let count = 0;

export const goodStory = noting((context) => ({ at: context.df.currentUtcDateTime, id: context.df.newGuid('a') }));
export const clockStory = noting(() => Date.now());
export const dateStory = noting(() => new Date().toISOString());
export const randomStory = noting(() => Math.random());
export const environmentStory = noting(() => process.env['PATH']);
export const countingStory = noting(() => ++count);

/** The same in a fresh registry, and not the same as the turn before said: it forgets what it scheduled. */
export const forgetfulStory: Story = function* (context) {
  const isFirst = !context.df.isReplaying;
  yield context.df.callActivity('note', { seen: isFirst ? 'first' : 'again' });
  yield context.df.callActivity('note', { seen: 'the end' });
  return {};
};

export function* outputStory(context: OrchestrationContext): Generator<Task, unknown, unknown> {
  yield context.df.callActivity('note', { seen: 'nothing' });
  context.df.setCustomStatus({ at: Date.now() });
  return {};
}
