import path from 'node:path';
import { afterAll, expect, jest, test } from '@jest/globals';
import * as df from 'durable-functions';
import { checkTurns, startHost, virtualClock, type Host, type Orchestrator, type Registry } from '../../local/host';
import { currentRegistry } from '../../local/host/functions-core';
import * as stories from './bad-stories';

/** The programming model is set once in a process, with the first function that is registered. */
let model: Registry['model'];
const clock = virtualClock();
let host: Host | undefined;

/** With its module anew, in a registry of modules of its own; the packages alone are the host's. */
function loadStory(name: string): Orchestrator | undefined {
  let loaded: Record<string, Orchestrator> = {};
  jest.isolateModules(() => {
    jest.doMock('durable-functions', () => df);
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded anew
    loaded = require('./bad-stories') as Record<string, Orchestrator>;
    jest.dontMock('durable-functions');
  });
  return loaded[name];
}

async function tell(name: keyof typeof stories): Promise<Host> {
  host = await startHost({
    appDirectory: path.join(__dirname, '../..'),
    stateFile: ':memory:',
    settings: { TASK_HUB_NAME: 'Determinism', AzureWebJobsStorage: 'none' },
    clock,
    onTurn: checkTurns({ load: loadStory, register: df.app.orchestration, model: () => model }),
    load() {
      const registry = currentRegistry();
      if (model) registry.model = model;
      df.app.orchestration(name, stories[name]);
      df.app.activity('note', { handler: () => ({}) });
      model = registry.model;
    },
  });
  const started = await fetch(
    `${host.url}/runtime/webhooks/durabletask/orchestrators/${name}?code=${host.keys().systemKeys['durabletask_extension']}`,
    { method: 'POST' },
  );
  expect(started.status).toBe(202);
  return host;
}

const endOfStory = async (told: Host): Promise<void> => {
  await Promise.race([clock.advance(120_000), told.whenBroken]);
  await told.whenIdle();
};

afterAll(() => host?.kill());

test.each([
  ['clockStory', 'callActivity "note"'],
  ['dateStory', 'callActivity "note"'],
  ['randomStory', 'callActivity "note"'],
  ['environmentStory', 'callActivity "note"'],
  ['countingStory', 'callActivity "note"'],
  ['forgetfulStory', 'callActivity "note"'],
  ['outputStory', 'customStatus'],
] as const)('%s fails, by its name and that of the action', async (name, what) => {
  const told = await tell(name);
  await expect(endOfStory(told)).rejects.toThrow(new RegExp(`^Turn \\d+ of orchestrator "${name}" is not deterministic: .*${what}`));
  told.kill();
});

test('a story that takes time and ids from its context passes', async () => {
  const told = await tell('goodStory');
  await endOfStory(told);
  const status = await fetch(`${told.url}/runtime/webhooks/durabletask/instances?code=${told.keys().systemKeys['durabletask_extension']}`);
  expect(await status.json()).toEqual([expect.objectContaining({ name: 'goodStory', runtimeStatus: 'Completed' })]);
  told.kill();
});
