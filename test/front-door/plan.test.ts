import { expect, test } from '@jest/globals';
import { createPlanRollout, nextRelease, type Asking, type Foreseen } from '../../src/commands/plan-rollout';
import { createStartRollout } from '../../src/commands/start-rollout';
import { freeLane, type LaneRow } from '../../src/domain/lane';
import { laneKey, lanePartition } from '../../src/domain/tables';
import { endedAs, frontDoorPorts, recordedInstances, requester, requestOf, sha256, tell } from './ports';
import { standOn } from './target';

/** What `plan` says while a rollout is on its way to the place. */

async function onItsWay(policy: object, lane: Partial<LaneRow> = {}) {
  const { ports } = frontDoorPorts();
  standOn(ports, {}, policy);
  const { instances } = recordedInstances();
  const start = () => createStartRollout(ports)(requestOf(), { requester, key: undefined }, instances);
  const started = await start();
  if (started.kind === 'refused') throw new Error('It can be started.');
  const { id } = started;
  const value: LaneRow = { ...freeLane, state: 'held', holder: id, epoch: 1, ...lane };
  await ports.rows.write([{ kind: 'insert', partition: lanePartition('hello', 'production'), row: laneKey, value }]);
  const plan = async (asked: Partial<Asking> = {}): Promise<Foreseen> => {
    const place = { app: 'hello', environment: 'production', version: '2.0.0', requester };
    const answer = await createPlanRollout(ports)({ ...place, ...asked });
    if (answer.kind === 'refused') throw new Error('It can be planned.');
    return answer;
  };
  return { ports, id, start, plan };
}

const codesOf = ({ problems }: Foreseen) => problems.map(({ code }) => code);

test.each(['queue', 'refuse'])('a release that is on its way already is joined, as a start joins it, by onNewer: %s', async (onNewer) => {
  const { ports, id, start, plan } = await onItsWay({ onNewer });
  const joins = { id, sentence: `It is on its way already as ${id}: a start joins it.` };
  for (const version of ['2.0.0', nextRelease]) {
    const planned = await plan({ version, sha256 });
    expect(planned).toMatchObject({ joins, problems: [] });
    expect(planned).not.toHaveProperty('turn');
  }
  expect(await start()).toEqual({ kind: 'started', id, already: true });
  const others: Partial<Asking>[] = [{ sha256: 'cd'.repeat(32) }, { version: '3.0.0', sha256 }, {}];
  for (const other of others) {
    const planned = await plan(other);
    expect(planned).not.toHaveProperty('joins');
    expect(codesOf(planned)).toEqual(onNewer === 'refuse' ? ['lane-taken'] : []);
  }
  await tell(ports, id, endedAs('deployed'));
  expect(await plan({ sha256 })).not.toHaveProperty('joins');
});

test('one that brings it elsewhere, or back, is not joined', async () => {
  const { ports, id, plan } = await onItsWay({});
  await tell(ports, id, { environment: 'test' });
  expect(await plan({ sha256 })).not.toHaveProperty('joins');
  await tell(ports, id, { environment: 'production', app: 'other' });
  expect(await plan({ sha256 })).not.toHaveProperty('joins');
  await tell(ports, id, { app: 'hello', kind: 'revert' });
  expect(await plan({ sha256 })).not.toHaveProperty('joins');
});

test.each(['queue', 'refuse'])('of another time nothing is told from who has the lane now, by onNewer: %s', async (onNewer) => {
  const { plan } = await onItsWay({ onNewer });
  const planned = await plan({ version: '3.0.0', at: '2026-12-24T17:00' });
  expect(planned).toMatchObject({ problems: [] });
  for (const one of [planned, await plan({ sha256, at: '2026-12-24T17:00' })]) {
    expect(one).not.toHaveProperty('turn');
    expect(one).not.toHaveProperty('joins');
  }
});

test('a lane that is blocked is told at any time, and also of what is on its way', async () => {
  const blocked = { by: 'hello-production-1', reason: 'Nobody can say what production serves.', at: '2026-11-23T10:00:00.000Z' };
  const { plan } = await onItsWay({ onNewer: 'refuse' }, { state: 'blocked', holder: 'hello-production-1', blocked });
  for (const asked of [{}, { at: '2026-12-24T17:00' }, { sha256 }]) expect(codesOf(await plan(asked))).toEqual(['lane-blocked']);
});
