import { describe, expect, test } from '@jest/globals';
import * as df from 'durable-functions';
import type { OrchestrationContext } from 'durable-functions';
import type { OrchestratorTurn } from '../../local/host';
import type { HistoryEvent } from '../../local/host/durable/history';
import { benches } from './bench';

/** What goes from one generation to the next, as DurableTask's dispatcher and its Azure Storage provider do it. */
const host = benches();

const soon = (context: OrchestrationContext, ms: number): Date => new Date(context.df.currentUtcDateTime.getTime() + ms);

/** A turn's history in short: the numbers of its events, `p` for those that were played. */
const inShort = (turn: OrchestratorTurn): string =>
  (JSON.parse(turn.payload) as { history: HistoryEvent[] }).history
    .map((event) => `${event.EventType}${event.IsPlayed ? 'p' : ''}`)
    .join(' ');

/** Holds messages back until there are as many as asked for; those after them come one by one. */
function gate() {
  const least = { count: 1 };
  return {
    least,
    schedule: {
      choose(_id: string, waiting: readonly HistoryEvent[]) {
        if (waiting.length > 0 && waiting.length < least.count) return undefined;
        if (waiting.length > 0) least.count = 1;
        return waiting.map((_, at) => at);
      },
      connect: () => {},
    },
  };
}

/** Takes three events, one a generation. */
function registerCollector(): void {
  df.app.orchestration('Collect', function* (context) {
    const got = context.df.getInput<string[]>();
    const all = [...got, (yield context.df.waitForExternalEvent('E')) as string];
    if (all.length < 3) context.df.continueAsNew(all);
    return all;
  });
}

describe('a generation’s history', () => {
  test('has no end of its own for a first turn that scheduled nothing (recorded)', async () => {
    const turns: string[] = [];
    const { least, schedule } = gate();
    const one = await host(registerCollector, { schedule, onTurn: (turn) => void turns.push(inShort(turn)) });
    await one.client('startNew', 'Collect', { instanceId: 'c', input: [] });
    await one.host.whenIdle();
    await one.client('raiseEvent', 'c', 'E', 'a');
    await one.host.whenIdle();
    least.count = 2;
    for (const value of ['b', 'c']) await one.client('raiseEvent', 'c', 'E', value);
    expect((await one.finish('c')).output).toEqual(['a', 'b', 'c']);
    expect(turns).toEqual(['12 0', '12 0p 13 12 15', '12 0 13', '12 0p 13p 12 15 15', '12 0 15p 13']);
  });

  test('keeps what was carried into it, and has an end for a first turn that scheduled something', async () => {
    const turns: string[] = [];
    const { least, schedule } = gate();
    const one = await host(
      () => {
        df.app.activity('Do', { handler: () => 'done' });
        df.app.orchestration('Switch', function* (context) {
          if (context.df.getInput<number>() === 1)
            return [yield context.df.callActivity('Do'), yield context.df.waitForExternalEvent('late')];
          yield context.df.waitForExternalEvent('switch');
          context.df.continueAsNew(1);
          return undefined;
        });
      },
      { schedule, onTurn: (turn) => void turns.push(inShort(turn)) },
    );
    await one.client('startNew', 'Switch', { instanceId: 's', input: 0 });
    await one.host.whenIdle();
    least.count = 2;
    await one.client('raiseEvent', 's', 'switch', 1);
    await one.client('raiseEvent', 's', 'late', 2);
    expect((await one.finish('s')).output).toEqual(['done', 2]);
    expect(turns.slice(2)).toEqual(['12 0 15p 13', '12 0p 15p 13p 4 13 12 5']);
  });
});

test('an instance continues as new once all that it left open is over, and what was raised meanwhile goes along', async () => {
  const one = await host(() => {
    df.app.orchestration('Left', function* (context) {
      if (context.df.getInput<number>() === 1) return yield context.df.waitForExternalEvent('meanwhile');
      yield context.df.Task.any([context.df.waitForExternalEvent('go'), context.df.createTimer(soon(context, 60_000))]);
      context.df.continueAsNew(1);
      return undefined;
    });
  });
  await one.client('startNew', 'Left', { instanceId: 'l', input: 0 });
  await one.host.whenIdle();
  await one.client('raiseEvent', 'l', 'go', 1);
  await one.host.whenIdle();
  await one.client('raiseEvent', 'l', 'meanwhile', 'kept');
  await one.host.whenIdle();
  expect(await one.status('l')).toMatchObject({ runtimeStatus: 'Running', input: 0 });
  expect(one.log.map((entry) => entry.text).join('\n')).toContain('stays Running until the task that it left open is over');
  await one.clock.advance(60_000);
  expect(await one.finish('l')).toMatchObject({ runtimeStatus: 'Completed', input: 1, output: 'kept' });
});

describe('the status of a new generation', () => {
  test('goes on showing the custom status of the one before until its second turn, and was created when it began', async () => {
    const one = await host(() => {
      df.app.orchestration('Shown', function* (context) {
        if (context.df.getInput<number>() === 1) {
          for (const name of ['a', 'b']) yield context.df.waitForExternalEvent(name);
          return undefined;
        }
        context.df.setCustomStatus('of the first');
        yield context.df.createTimer(soon(context, 5000));
        context.df.continueAsNew(1);
        return undefined;
      });
    });
    await one.client('startNew', 'Shown', { instanceId: 's', input: 0 });
    await one.host.whenIdle();
    await one.clock.advance(5000);
    await one.host.whenIdle();
    expect(await one.status('s')).toMatchObject({ customStatus: 'of the first', createdTime: '2026-01-05T09:00:05Z' });
    await one.client('raiseEvent', 's', 'a', 1);
    await one.host.whenIdle();
    expect((await one.status('s')).customStatus).toBeNull();
  });
});

test('a new generation that is given a text reads the JSON of it, as a child does not', async () => {
  const one = await host(() => {
    df.app.orchestration('Text', function* (context) {
      const input = context.df.getInput<string>();
      if (input !== 'first') return { input, child: yield context.df.callSubOrchestrator('Child', 'text') };
      context.df.continueAsNew('second');
      return undefined;
    });
    df.app.orchestration('Child', function* (context) {
      return context.df.getInput<string>();
    });
  });
  await one.client('startNew', 'Text', { instanceId: 't', input: 'first' });
  expect((await one.finish('t')).output).toEqual({ input: '"second"', child: 'text' });
});

test('an activity that lost a race is waited for before the instance continues as new', async () => {
  const order: string[] = [];
  const one = await host(() => {
    df.app.activity('Note', { handler: (name: string) => void order.push(name) });
    df.app.orchestration('Story', function* (context) {
      const n = context.df.getInput<number>();
      if (n === 2) return order.push('second generation');
      yield context.df.createTimer(soon(context, 1000));
      yield context.df.Task.any([context.df.callActivity('Note', 'late'), context.df.waitForExternalEvent('early')]);
      context.df.continueAsNew(n + 1);
      return undefined;
    });
  });
  await one.client('startNew', 'Story', { instanceId: 'story', input: 1 });
  await one.client('raiseEvent', 'story', 'early', 1);
  expect((await one.finish('story')).runtimeStatus).toBe('Completed');
  expect(order).toEqual(['late', 'second generation']);
});
