import { expect, test } from '@jest/globals';
import * as df from 'durable-functions';
import { benches, webhook } from './bench';

/** How the real extension's table of instances keeps what events say of them: each event changes its own fields, and nothing is not kept. */
const host = benches();

test('the reasons of a suspension and of what resumed it stay as the output until there is another', async () => {
  const one = await host(() => {
    df.app.orchestration('Waiter', function* (context) {
      yield context.df.waitForExternalEvent('go');
    });
  });
  const ask = webhook(one);
  await one.client('startNew', 'Waiter', { instanceId: 'w' });
  await one.host.whenIdle();
  const shown: unknown[] = [];
  for (const path of ['suspend?reason=hold', 'resume', 'suspend', 'resume?reason=on', 'raiseEvent/go']) {
    expect((await ask('POST', `instances/w/${path}`, 'null')).status).toBe(202);
    await one.host.whenIdle();
    const { runtimeStatus, output } = await one.status('w');
    shown.push([path, runtimeStatus, output]);
  }
  expect(shown).toEqual([
    ['suspend?reason=hold', 'Suspended', 'hold'],
    ['resume', 'Running', 'hold'],
    ['suspend', 'Suspended', 'hold'],
    ['resume?reason=on', 'Running', 'on'],
    // What it returned is nothing.
    ['raiseEvent/go', 'Completed', 'on'],
  ]);
});
