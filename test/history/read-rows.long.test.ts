import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { RolloutRow } from '../../src/domain/rollout';
import { completeKey, openPartition } from '../../src/domain/tables';
import { decide, mailsOf, reach, type Invitation } from '../scenarios/app';
import { approver, type Stack } from '../scenarios/harness';
import { readRecording, recordedVersions } from './recordings';
import { storyStack, type Recording } from './tell-stories';

/** What an older version wrote and mailed, on a Slipway of today that knows nothing else. */
describe.each(recordedVersions())('rows and links of version %s', (version) => {
  const { rows, waiting, behind }: Recording = readRecording(version);
  const rollouts = rows.filter(({ row }) => row === 'rollout').map(({ value }) => value as RolloutRow);
  let stack: Stack;
  let mailed: Invitation;

  beforeAll(async () => {
    stack = await storyStack();
    await stack.clock.advanceTo(Math.max(...rollouts.map(({ lastWriteAt }) => Date.parse(lastWriteAt))));
    for (const { partition, row, value } of rows)
      await stack.ports.rows.write([{ kind: 'insert', partition, row, value: value as object }]);
    // They were there before it, so before it has asked what there is.
    await stack.ports.rows.write([{ kind: 'delete', partition: openPartition, row: completeKey }]);
    mailed = { link: `${stack.host.url}/api/approvals/${waiting.token}`, code: waiting.code };
  }, 60_000);
  afterAll(() => stack.stop());

  test('are read: every rollout, the one that waits and the one behind it', async () => {
    const { json } = await stack.call('/api/rollouts');
    expect(json.rollouts.map(({ id }: { id: string }) => id).sort()).toEqual(rollouts.map(({ id }) => id).sort());
    for (const { id, phase, ending } of rollouts)
      expect((await stack.call(`/api/rollouts/${id}`)).json).toMatchObject({ id, phase, ...(ending && { outcome: ending.outcome }) });
    const { json: lanes } = await stack.call('/api/lanes');
    expect(JSON.stringify(lanes)).toContain(waiting.id);
    expect(JSON.stringify(lanes)).toContain(behind);
  });

  test('the ledger that it began is whole', async () => {
    for (const app of ['hello', 'expiring', 'watched']) {
      const { status, json } = await stack.call(`/api/ledger/${app}/production`);
      expect({ app, status, chain: json.chain.kind }).toEqual({ app, status: 200, chain: 'whole' });
      expect(json.entries.length).toBeGreaterThan(3);
    }
  });

  test('a link that it mailed shows the question, and takes the code and no other', async () => {
    const page = await fetch(mailed.link);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('6.0.0');
    expect((await decide({ ...mailed, code: '0000-0000' }, 'yes')).status).toBe(403);
    expect((await decide(mailed, 'yes')).status).toBe(200);
    const { json } = await stack.call(`/api/rollouts/${waiting.id}`);
    expect(json.ask.decisions).toMatchObject([{ gate: 'release', approver, answer: 'yes' }]);
  });

  test('a rollout that it began and whose story is gone ends, is told, and its lane can be freed', async () => {
    await stack.until('the watchdog comes by', async () => (await stack.call(`/api/rollouts/${waiting.id}`)).json.phase === 'done', {
      stepSeconds: 20,
    });
    expect((await reach(stack, waiting.id, 'done')).outcome).toBe('needs-attention');
    await stack.settle();
    expect(mailsOf(stack, waiting.id).map(({ subject }) => subject)).toContainEqual(expect.stringContaining('Needs attention'));
    const freed = await stack.call('/api/lanes/hello/production/unblock', { method: 'POST', body: { reason: 'looked at both slots' } });
    expect(freed.status).toBe(200);
  });
});
