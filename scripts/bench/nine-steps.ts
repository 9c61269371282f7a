import * as df from 'durable-functions';

/**
 * The work that is measured: eight activities, and between the fourth and the fifth an event raced with a timer: nine durable steps. The floors do
 * the same in plain code (see `floor.ts`).
 */
export const orchestrator = 'NineSteps';
export const eventName = 'go';
export const stepsARun = 9;
export const activitiesBeforeEvent = 4;
export const activitiesAfterEvent = 4;
const hourMs = 3_600_000;

interface Count {
  count: number;
}

/** What each activity does, here and in the floors. */
export const addOne = ({ count }: Count): Count => ({ count: count + 1 });

/** Who drives the runs wants to know how far one is. Told in the turn that comes there, before that is committed. */
export interface Signals {
  /** An activity has run. */
  step?(): void;
  waits(id: string): void;
  ends(id: string): void;
}

const toNobody: Signals = { waits: () => undefined, ends: () => undefined };

export function registerNineSteps(signals: Signals = toNobody): void {
  const handler = (input: Count): Count => {
    const result = addOne(input);
    signals.step?.();
    return result;
  };
  df.app.activity('AddOne', { handler });
  df.app.orchestration(orchestrator, function* (context) {
    let total: Count = { count: 0 };
    for (let step = 0; step < activitiesBeforeEvent; step += 1) total = (yield context.df.callActivity('AddOne', total)) as Count;
    const event = context.df.waitForExternalEvent(eventName);
    const timer = context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + hourMs));
    if (!context.df.isReplaying) signals.waits(context.df.instanceId);
    const first: unknown = yield context.df.Task.any([event, timer]);
    if (first === event) timer.cancel();
    for (let step = 0; step < activitiesAfterEvent; step += 1) total = (yield context.df.callActivity('AddOne', total)) as Count;
    signals.ends(context.df.instanceId);
    return total;
  });
}

/** `count` activities one after the other: what a growing history costs. */
export const longOrchestrator = 'ManySteps';
export function registerManySteps(): void {
  df.app.orchestration(longOrchestrator, function* (context) {
    const steps = context.df.getInput<number>();
    let total: Count = { count: 0 };
    for (let step = 0; step < steps; step += 1) total = (yield context.df.callActivity('AddOne', total)) as Count;
    return total;
  });
}
