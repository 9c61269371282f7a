import { afterEach, expect, jest, test } from '@jest/globals';
import type * as Durable from 'durable-functions';
import { computeTurn, freshRegistry, registerInto, type OrchestratorTurn } from '../../local/host';
import { eventRaised, executionStarted, orchestratorStarted } from '../../local/host/durable/history';
import { replay } from '../../local/host/durable/replay';
import { ActionKind } from '../../local/host/durable/state';
import { bench, removeFolders, type Bench } from './bench';
import { anyApp } from './replay-rules';

const open: Bench[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.host.stop()));
  removeFolders();
});

/** Registers through whichever copy of the packages `require` gives. */
function registerStory(): void {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- a fresh copy is what this is about
  const df = require('durable-functions') as typeof Durable;
  df.app.activity('Hello', { handler: (name: string) => `Hello ${name}` });
  df.app.orchestration('Story', function* (context) {
    const said: unknown = yield context.df.callActivity('Hello', context.df.newGuid(''));
    if (context.df.getInput<{ fail?: boolean }>().fail) throw new Error('as asked');
    return said;
  });
}

test('a turn computed again in a fresh module registry answers the same, to the byte', async () => {
  const turns: OrchestratorTurn[] = [];
  const one = await bench(registerStory, { onTurn: (turn) => void turns.push(turn) });
  open.push(one);
  await one.client('startNew', 'Story', { instanceId: 'good', input: {} });
  await one.client('startNew', 'Story', { instanceId: 'bad', input: { fail: true } });
  await one.host.whenIdle();
  expect(turns).toHaveLength(4);
  for (const turn of turns) {
    const registry = freshRegistry();
    await jest.isolateModulesAsync(async () => {
      await registerInto(registry, registerStory);
    });
    expect(registry.functions.size).toBe(2);
    expect(JSON.stringify(await computeTurn(registry, turn.functionName, turn.payload))).toBe(JSON.stringify(turn.response));
  }
  await expect(computeTurn(freshRegistry(), 'Story', '{}')).rejects.toThrow(
    'No orchestrator named "Story" is registered in this registry.',
  );
});

const started = (input: string) =>
  executionStarted({ instanceId: 'i', executionId: 'e', name: 'Switch', version: null, input, parent: null, generation: 0 }, 0);

test('an event in the batch of the switch to a new generation goes along; an earlier one does not', () => {
  const actions = [
    { actionType: ActionKind.waitForExternalEvent, externalEventName: 'switch' },
    { actionType: ActionKind.continueAsNew, input: 1 },
  ];
  const late = eventRaised('other', '2', 0);
  const history = [orchestratorStarted(0), started('0'), eventRaised('other', '1', 0), eventRaised('switch', 'null', 0), late];
  const { ending } = replay(history, { isDone: true, actions: [actions] }, anyApp);
  expect(ending).toEqual({ kind: 'continuedAsNew', input: 1, carried: [late] });
});
