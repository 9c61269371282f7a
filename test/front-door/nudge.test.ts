import { beforeEach, describe, expect, it } from '@jest/globals';
import { createLookAtAsk } from '../../src/activities/look-at-ask';
import { createStartRollout } from '../../src/commands/start-rollout';
import type { RolloutRow } from '../../src/domain/rollout';
import { nudgeRolloutHandler } from '../../src/triggers/rollouts.http';
import { plan } from '../mail/world';
import { call, endedAs, frontDoorPorts, recordedInstances, requestOf, requester, rolloutRow, tell } from './ports';

/** A service says that there is something to look at: what it costs, and what it does not do. */

const second = 1000;
const ask = { state: 'open' as const, openedAt: '2026-11-23T10:00:00.000Z', expiresAt: '2026-11-30T10:00:00.000Z', decisions: [] };
const requests = [{ gate: 'change', service: 'servicenow' as const, number: 'CHG0030001', says: 'is in Authorize' }];
const waiting: Partial<RolloutRow> = { phase: 'asking', round: 7, plan, ask: { ...ask, requests } };

let door: ReturnType<typeof frontDoorPorts> & ReturnType<typeof recordedInstances>;
let id: string;
beforeEach(async () => {
  door = { ...frontDoorPorts(), ...recordedInstances() };
  const begun = await createStartRollout(door.ports)(requestOf(), { requester, key: 'k' }, door.instances);
  id = begun.kind === 'refused' ? '' : begun.id;
  await tell(door.ports, id, waiting);
});

const nudge = (sent: { text?: string; params?: Record<string, string>; headers?: Record<string, string> } = {}) =>
  call(
    nudgeRolloutHandler(door.ports, () => door.instances),
    { method: 'POST', params: { id }, ...sent },
  );

describe('a nudge', () => {
  it('has the rollout look at once, and decides nothing, whatever it says', async () => {
    const before = await rolloutRow(door.ports, id);
    const text = JSON.stringify({ state: 'approved', decision: 'yes', approver: 'mallory' });
    expect(await nudge({ text })).toMatchObject({ status: 200, body: { id, looks: 'now' } });
    expect(door.woken).toEqual([`${id} 7`]);
    const { ask: nudged, lastWriteAt: _at, ...after } = await rolloutRow(door.ports, id);
    const { ask: asked, lastWriteAt: _before, ...rest } = before;
    expect(after).toEqual(rest);
    expect(nudged).toEqual({ ...asked, nudgedAt: '2026-11-23T10:00:00.000Z', nudges: 1 });
  });

  it('is heeded once in half a minute, however many come and at once', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => nudge()));
    expect(all.map(({ body }) => body['looks']).sort()).toEqual(['now', ...Array.from({ length: 19 }, () => 'soon')]);
    door.time.nowMs += 29 * second;
    expect((await nudge()).body).toEqual({ id, looks: 'soon' });
    expect(door.woken).toHaveLength(1);
    door.time.nowMs += second;
    expect((await nudge()).body).toEqual({ id, looks: 'now' });
    expect(door.woken).toHaveLength(2);
  });

  it('is heeded ever more seldom where they do not end', async () => {
    const row = await rolloutRow(door.ports, id);
    await tell(door.ports, id, { ask: { ...ask, ...row.ask, nudgedAt: '2026-11-23T10:00:00.000Z', nudges: 60 } });
    door.time.nowMs += 30 * second;
    expect((await nudge()).body).toEqual({ id, looks: 'now' });
    door.time.nowMs += 59 * second;
    expect((await nudge()).body).toEqual({ id, looks: 'soon' });
    door.time.nowMs += second;
    expect((await nudge()).body).toEqual({ id, looks: 'now' });
  });

  it('has another look follow, which answers those that came meanwhile', async () => {
    await door.ports.rows.write([
      {
        kind: 'insert',
        partition: id,
        row: 'gate-change',
        value: { gate: 'change', kind: 'servicenow', approvers: [], policy: { poll: 60 } },
      },
    ]);
    door.time.nowMs += 20 * 3600 * second;
    const look = async () => (await createLookAtAsk(door.ports)({ rolloutId: id, round: 8 }, { instances: door.instances })).services;
    expect(await look()).toEqual([{ gate: 'change', everySeconds: 2400 }]);
    await nudge();
    expect(await look()).toEqual([{ gate: 'change', everySeconds: 31 }]);
    door.time.nowMs += 31 * second;
    expect(await look()).toEqual([{ gate: 'change', everySeconds: 2402 }]);
  });

  it('is left to the watchdog where its wake is lost', async () => {
    await tell(door.ports, id, { roundOpenedAt: '2026-11-23T10:00:00.000Z', lastWriteAt: '2026-11-23T10:00:00.000Z' });
    await nudge();
    const { lastWriteAt, roundOpenedAt = '' } = await rolloutRow(door.ports, id);
    expect(lastWriteAt > roundOpenedAt).toBe(true);
  });

  it.each<[string, Partial<RolloutRow>]>([
    ['is granted: the service is read anyway before the swap', { ask: { ...ask, requests, state: 'granted' } }],
    ['has ended', endedAs('deployed')],
    ['is to be cancelled', { intent: { kind: 'cancel', by: 'olga', reason: '', at: '2026-11-23T10:00:00.000Z' } }],
    ['is answered by links alone', { ask }],
    ['is not asked yet', { phase: 'proving' }],
  ])('of a rollout that %s changes nothing', async (_what, changes) => {
    await tell(door.ports, id, changes);
    if (changes.phase === 'proving') {
      const { ask: _ask, ...row } = await rolloutRow(door.ports, id);
      await tell(door.ports, id, { ...row, ask: undefined } as unknown as RolloutRow);
    }
    const before = await rolloutRow(door.ports, id);
    expect(await nudge()).toMatchObject({ status: 200, body: { id, looks: 'not' } });
    expect(await rolloutRow(door.ports, id)).toEqual(before);
    expect(door.woken).toEqual([]);
  });

  it('of a rollout that nobody knows, or with an identity that nobody vouches for, is refused', async () => {
    expect((await nudge({ params: { id: 'none' } })).status).toBe(404);
    expect((await nudge({ params: { id: '../x' } })).status).toBe(404);
    expect((await nudge({ headers: { 'x-ms-client-principal': 'e30=' } })).status).toBe(403);
    expect(door.woken).toEqual([]);
  });
});
