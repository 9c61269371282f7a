import { expect } from '@jest/globals';
import { recordTurns, type OrchestratorTurn } from '../../local/host';
import { readRows, type StoredRow } from '../faults/evidence';
import { answerAsk, endOf, invitation, makeApp, reach, type App } from '../scenarios/app';
import { startStack, type Stack } from '../scenarios/harness';

/** What a version of Slipway leaves behind for the next one. */
export interface Recording {
  /** The last turn of each story: it has the whole history in it. */
  turns: OrchestratorTurn[];
  /** Every row in storage. */
  rows: StoredRow[];
  /** The rollout that waits at its gate, and what its approver was mailed. */
  waiting: { id: string; token: string; code: string };
  /** The one behind it. */
  behind: string;
}

const key = (id: string, text: string): string => `${id}:${Buffer.from(text.padEnd(32, '.')).toString('base64url')}`;

/** Known to everybody, so that tokens and ledger of a recording can be read: they open nothing else. */
export const recordedKeys = {
  linkKeys: key('link', 'links in recorded histories'),
  ledgerKeys: key('ledger', 'ledgers in recorded histories'),
};

export const storyStack = (): Promise<Stack> =>
  startStack({
    apps: { hello: {}, expiring: { expiry: '10m' }, watched: { watch: { for: '2h', every: '5s', window: '10s' } } },
    keys: recordedKeys,
  });

/** Tells one story of each shape, to its end or to where stories wait for days while Slipway is upgraded. */
export async function tellStories(stack: Stack): Promise<Recording> {
  const recorded = recordTurns();
  stack.onTurn(recorded.onTurn);
  const hello = await makeApp(stack, 'hello');
  await endsOf(stack, hello);
  await lost(stack, hello);
  const expiring = await makeApp(stack, 'expiring');
  const expired = await expiring.start({ version: '2.0.0' });
  await stack.until('it expires', async () => (await stack.call(`/api/rollouts/${expired}`)).json.phase === 'done', { stepSeconds: 60 });
  await isWatched(stack, await makeApp(stack, 'watched'));
  const id = await hello.start({ version: '6.0.0' });
  await reach(stack, id, 'asking');
  const behind = await hello.start({ version: '7.0.0' });
  await stack.advance(2);
  const { link, code } = invitation(stack, id);
  return {
    turns: recorded.turns(),
    rows: await readRows(stack.storage),
    waiting: { id, token: link.split('/').at(-1)!, code },
    behind,
  };
}

async function endsOf(stack: Stack, hello: App): Promise<void> {
  const deployed = await hello.start({ version: '2.0.0' });
  await answerAsk(stack, deployed, 'yes');
  expect(await endOf(stack, deployed)).toMatchObject({ outcome: 'deployed' });
  const rejected = await hello.start({ version: '3.0.0' });
  await answerAsk(stack, rejected, 'no');
  expect(await endOf(stack, rejected)).toMatchObject({ outcome: 'rejected' });
  const cancelled = await hello.start({ version: '4.0.0' });
  await reach(stack, cancelled, 'asking');
  await stack.call(`/api/rollouts/${cancelled}/cancel`, { method: 'POST', body: { reason: 'the build is stale' } });
  expect(await endOf(stack, cancelled)).toMatchObject({ outcome: 'cancelled' });
}

/** Its instance is terminated by hand, the watchdog ends it, and a person frees the lane. */
async function lost(stack: Stack, hello: App): Promise<void> {
  const id = await hello.start({ version: '5.0.0' });
  await reach(stack, id, 'asking');
  const systemKey = stack.host.keys().systemKeys['durabletask_extension'];
  await stack.call(`/runtime/webhooks/durabletask/instances/${id}/terminate?reason=by+hand&code=${systemKey}`, { method: 'POST' });
  await stack.until('the watchdog ends it', async () => (await stack.call(`/api/rollouts/${id}`)).json.phase === 'done', {
    stepSeconds: 20,
  });
  const unblocked = await stack.call('/api/lanes/hello/production/unblock', { method: 'POST', body: { reason: 'looked at both slots' } });
  expect(unblocked.status).toBe(200);
}

/** One that was swapped back while it was watched, and one that still is watched. */
async function isWatched(stack: Stack, app: App): Promise<void> {
  const back = await app.start({ version: '2.0.0' });
  await answerAsk(stack, back, 'yes');
  await reach(stack, back, 'watching');
  await stack.call(`/api/rollouts/${back}/roll-back`, { method: 'POST', body: { reason: 'customers complain' } });
  expect(await endOf(stack, back)).toMatchObject({ outcome: 'rolled-back' });
  const watched = await app.start({ version: '3.0.0' });
  await answerAsk(stack, watched, 'yes');
  await reach(stack, watched, 'watching');
}
