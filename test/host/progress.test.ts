import { afterEach, expect, test } from '@jest/globals';
import * as df from 'durable-functions';
import type { OrchestrationContext, Task } from 'durable-functions';
import fc from 'fast-check';
import { freshRegistry, registerInto, type OrchestratorTurn } from '../../local/host';
import { computeTurn } from '../../local/host';
import { EventKind, type HistoryEvent } from '../../local/host/durable/history';
import { createKeeper, emptyPast, longerBy } from '../../local/host/durable/past';
import { turnPayload } from '../../local/host/durable/payload';
import { parseOnTop } from '../../local/host/durable/progress';
import { replay } from '../../local/host/durable/replay';
import { findFunction, invoke } from '../../local/host/invoke';
import { bench, removeFolders } from './bench';
import { anyApp } from './replay-rules';

/** A turn is taken on top of what the turns before came to. It has to come to the same as a replay of the whole history. */

afterEach(removeFolders);

const dayMs = 86_400_000;

type Step = 'activity' | 'all' | 'race' | 'lost race' | 'timer' | 'long timer' | 'retry' | 'child' | 'again' | 'status';
const steps: Step[] = ['activity', 'all', 'race', 'lost race', 'timer', 'long timer', 'retry', 'child', 'again', 'status'];

function* tell(context: OrchestrationContext, plan: Step[]): Generator<Task, unknown, unknown> {
  const later = (ms: number) => context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + ms));
  const echo = (at: number) => context.df.callActivity('Echo', { at });
  const told: unknown[] = [];
  for (const [at, step] of plan.entries()) {
    if (step === 'activity') told.push(yield echo(at));
    else if (step === 'all') told.push(yield context.df.Task.all([echo(at), later(10), echo(at + 100)]));
    else if (step === 'race' || step === 'lost race') {
      const timer = later(1000);
      const event = context.df.waitForExternalEvent(step === 'race' ? `event-${at}` : 'never');
      if (step === 'race') context.df.setCustomStatus({ wants: `event-${at}` });
      if ((yield context.df.Task.any([event, timer])) === event) timer.cancel();
    } else if (step === 'timer') yield later(500);
    else if (step === 'long timer') yield later(7 * dayMs);
    else if (step === 'retry') told.push(yield context.df.callActivityWithRetry('Flaky', new df.RetryOptions(100, 3), { at }));
    else if (step === 'child') told.push(yield context.df.callSubOrchestrator('Child', { at }));
    else if (step === 'again') {
      // A task that is done is yielded again: no action, no wait.
      const task = echo(at);
      yield task;
      told.push(yield task);
    } else context.df.setCustomStatus({ at });
  }
  return told;
}

const scheduled = new Set<number>([EventKind.taskScheduled, EventKind.subOrchestrationCreated, EventKind.timerCreated]);
const line = (event: HistoryEvent) => [event.EventType, event.EventId, event.Name ?? Date.parse(event.FireAt ?? '')].join(' ');

/** What a full replay of a turn decides, and what the next turn's history says was decided. */
function compareTurns(turns: OrchestratorTurn[]): { full: string[]; taken: string[] }[] {
  const kinds = {
    activity: EventKind.taskScheduled,
    subOrchestration: EventKind.subOrchestrationCreated,
    timer: EventKind.timerCreated,
    send: EventKind.eventSent,
  };
  const histories = turns.map((turn) => (JSON.parse(turn.payload) as { history: HistoryEvent[] }).history);
  return histories.slice(0, -1).map((history, at) => ({
    full: replay(history, structuredClone(turns[at]!.response), anyApp).decisions.map((one) =>
      [kinds[one.kind], one.id, 'fireAtMs' in one ? one.fireAtMs : 'name' in one ? one.name : ''].join(' '),
    ),
    taken: (() => {
      const added = histories[at + 1]!.slice(history.length);
      const end = added.findIndex((event) => event.EventType === EventKind.orchestratorCompleted);
      return added
        .slice(0, end)
        .filter((event) => scheduled.has(event.EventType))
        .map(line);
    })(),
  }));
}

test('a turn on top of the turns before decides what a replay of the whole history does', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...steps), { minLength: 1, maxLength: 7 }), async (plan) => {
      const turns: OrchestratorTurn[] = [];
      const raised = new Set<string>();
      let flaky = 0;
      const one = await bench(
        () => {
          df.app.activity('Echo', { handler: (given: { at: number }) => given });
          df.app.activity('Flaky', {
            handler: (given: { at: number }) => {
              flaky += 1;
              if (flaky % 2 === 1) throw new Error('flaky');
              return given;
            },
          });
          df.app.orchestration('Child', function* (context) {
            return yield context.df.callActivity('Echo', context.df.getInput());
          });
          df.app.orchestration('Story', function* (context) {
            return yield* tell(context, plan);
          });
        },
        {
          onTurn(turn) {
            if (turn.instanceId !== 'story') return;
            turns.push(turn);
            const wants = (turn.response.customStatus as { wants?: string } | undefined)?.wants;
            if (!wants || raised.has(wants)) return;
            raised.add(wants);
            void one.client('raiseEvent', 'story', wants, { wants }).catch(() => {});
          },
        },
      );
      await one.client('startNew', 'Story', { instanceId: 'story' });
      const ended = await one.finish('story');
      await one.host.stop();
      expect(ended.runtimeStatus).toBe('Completed');
      for (const { full, taken } of compareTurns(turns)) expect(taken).toEqual(full);
    }),
    { numRuns: 25 },
  );
});

test('only an answer that begins with what is known is taken on top of it', () => {
  const text = '{"isDone":false,"actions":[[{"a":1},{"b":2},{"c":3}]],"schemaVersion":3}';
  expect(parseOnTop(text, '{"a":1},{"b":2}')).toEqual({ isDone: false, actions: [[{ c: 3 }]], schemaVersion: 3 });
  expect(parseOnTop(text, '{"a":1},{"b":2},{"c":3}')).toEqual({ isDone: false, actions: [[]], schemaVersion: 3 });
  expect(parseOnTop(text.replace('false', 'true'), '')).toEqual({
    isDone: true,
    actions: [[{ a: 1 }, { b: 2 }, { c: 3 }]],
    schemaVersion: 3,
  });
  expect(parseOnTop(text, '{"a":2}')).toBeUndefined();
  expect(parseOnTop(text, '{"a":1},{"b":2},{"c":3},{"d":4}')).toBeUndefined();
  expect(parseOnTop('{"actions":[[]]}', '')).toBeUndefined();
});

test('what is kept in memory is bounded, and the longest unused goes first', () => {
  const keeper = createKeeper({ instances: 2, characters: 10 });
  const instance = (id: string) => ({ id }) as Parameters<typeof keeper.keep>[0];
  for (const id of ['a', 'b']) keeper.keep(instance(id));
  keeper.keep(instance('a'));
  keeper.keep(instance('c'));
  expect(['a', 'b', 'c'].map((id) => keeper.find(id) !== undefined)).toEqual([true, false, true]);
  keeper.keepPast('a', longerBy(emptyPast(), [], 'x'.repeat(11)));
  keeper.keep(instance('c'));
  expect(['a', 'c'].map((id) => keeper.find(id) !== undefined)).toEqual([false, true]);
});

test("a turn's metadata is what the package itself makes of the payload", async () => {
  const registry = freshRegistry();
  let seen: unknown;
  await registerInto(registry, () => {
    df.app.orchestration('Looks', function* (context) {
      seen = context.triggerMetadata;
      return 1;
    });
  });
  const history = [
    { EventType: 12, EventId: -1, IsPlayed: false, Timestamp: '2026-01-05T09:00:00Z' },
    { EventType: 0, EventId: -1, IsPlayed: false, Timestamp: '2026-01-05T09:00:00Z', Name: 'Looks', Input: null, Tags: null },
  ];
  const instance = { id: 'i', input: '{"Some":[{"Inner":null}]}', parent: null } as Parameters<typeof turnPayload>[0];
  const payload = turnPayload(instance, JSON.stringify(history).slice(1, -1), instance.input, false, 30_000);
  await computeTurn(registry, 'Looks', payload);
  const ours = seen;
  const fn = findFunction(registry, 'Looks')!;
  const binding = Object.keys(fn.metadata.bindings)[0]!;
  const data = { string: payload };
  await invoke(registry, fn, { inputs: [{ name: binding, data }], triggerMetadata: { [binding]: data } });
  expect(ours).toEqual(seen);
  expect(Object.keys(ours as object)).toEqual([binding]);
});
