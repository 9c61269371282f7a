import path from 'node:path';
import { expect, jest, test } from '@jest/globals';
import * as df from 'durable-functions';
import Database from 'libsql';
import { cutPowerAt, startHost, virtualClock, type Side } from '../../local/host';
import { appFolder, benches, type Bench } from './bench';

/** What a watch is told of, and what becomes of a host whose watch throws. */

const host = benches();

/** One after the other in the same round, so that they are written together. */
async function startTogether({ host }: Bench, orchestrator: string, ids: string[]): Promise<void> {
  const code = host.keys().systemKeys['durabletask_extension'];
  const start = (id: string): Promise<unknown> =>
    host.ask({ method: 'POST', path: `/runtime/webhooks/durabletask/orchestrators/${orchestrator}/${id}?code=${code}` });
  await Promise.all(ids.map(start));
}

test.each<[Side, string[]]>([
  ['before', ['a 1', 'a 1', 'a 2', 'b 1', 'b 1', 'b 2']],
  ['after', ['a 1', 'a 2', 'b 1', 'b 2']],
])('a watch that throws an error of its own %s a commit ends the host there, and breaks it', async (at, ran) => {
  const stateFile = path.join(appFolder(), 'state.db');
  const seen: string[] = [];
  const load = (): void => {
    df.app.activity('Note', { handler: (text: string) => (seen.push(text), {}) });
    df.app.orchestration('Story', function* (context) {
      for (const n of [1, 2]) yield context.df.callActivity('Note', `${context.df.instanceId} ${n}`);
    });
  };
  let thrown = 0;
  const one = await host(load, {
    stateFile,
    onCommit({ parts }, side) {
      if (side !== at || thrown > 0 || !seen.includes('b 1') || parts.length < 2) return;
      thrown += 1;
      throw new Error('Two parts are one too many.');
    },
  });
  await startTogether(one, 'Story', ['a', 'b']);
  await expect(one.host.whenIdle()).rejects.toThrow('Two parts are one too many.');
  await expect(one.host.whenBroken).rejects.toThrow('Two parts are one too many.');
  expect(thrown).toBe(1);
  expect(one.log.filter(({ level }) => level === 'error')).toHaveLength(1);

  const two = await host(load, { stateFile, virtual: virtualClock(one.clock.now()) });
  for (const id of ['a', 'b']) expect(await two.finish(id)).toMatchObject({ runtimeStatus: 'Completed' });
  expect(seen.toSorted()).toEqual(ran);
});

test('a start that the watch ends closes its file', async () => {
  const close = jest.spyOn(Database.prototype, 'close');
  const { onCommit } = cutPowerAt('keys made', 'before');
  const started = startHost({ appDirectory: appFolder(), stateFile: ':memory:', settings: {}, load: () => {}, onCommit });
  await expect(started).rejects.toThrow('The power was cut here.');
  expect(close).toHaveBeenCalledTimes(1);
  close.mockRestore();
});
