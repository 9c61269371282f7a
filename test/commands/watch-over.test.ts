import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Instances } from '../../src/azure/instances';
import type { Rows } from '../../src/azure/rows';
import { createWatchOver } from '../../src/commands/watch-over';
import { letGo } from '../../src/azure/rollout-index';
import type { EndedRollout, EndedRow } from '../../src/domain/ended-row';
import type { LaneRow } from '../../src/domain/lane';
import type { NoticeRow } from '../../src/domain/notice';
import type { RolloutRow } from '../../src/domain/rollout';
import { endedPartition, gateKey, laneKey, lanePartition, openPartition, rolloutKey } from '../../src/domain/tables';
import { gate, keys, opened, rollout, rolloutId, settings } from '../mail/world';
import { rowsInMemory } from '../rows-in-memory';

const minute = 60_000;

let rows: Rows;
let nowMs: number;
let seen: string[];
let status: 'running' | 'ended' | 'unknown';

const instances: Instances = {
  start: (orchestrator, id) => Promise.resolve(void seen.push(`start ${orchestrator} ${id}`)),
  wake: (id, round) => Promise.resolve(void seen.push(`wake ${id} ${round}`)),
  status: () => Promise.resolve(status),
  terminate: (id) => Promise.resolve(void seen.push(`terminate ${id}`)),
};

const logged = (line: string): void => void seen.push(line);
const clock = { now: () => nowMs, sleep: () => Promise.resolve() };
const look = (publicUrl = 'http://127.0.0.1:7071') =>
  createWatchOver({ rows, clock, settings, ledgerKeys: keys, publicUrl })(instances, logged);
const put = (changes: Partial<RolloutRow>) =>
  rows.write([
    { kind: 'insert', partition: rolloutId, row: rolloutKey, value: { ...rollout, ...changes } },
    { kind: 'insert', partition: rolloutId, row: gateKey(gate.gate), value: gate },
  ]);
const lookEveryFiveMinutes = async (minutes: number) => {
  for (let passed = 0; passed < minutes; passed += 5) {
    nowMs += 5 * minute;
    await look();
  }
};
const asked = async () => (await rows.list<NoticeRow>(rolloutId, 'notice-')).map(({ value }) => value.recipient).sort();

beforeEach(() => {
  rows = rowsInMemory();
  nowMs = opened;
  seen = [];
  status = 'running';
});

describe('the watchdog', () => {
  it('wakes a round whose rows changed after it had looked', async () => {
    await put({ roundOpenedAt: rollout.admittedAt });
    expect(await look()).toEqual([]);
    expect(seen).toEqual([`wake ${rolloutId} ${rollout.round}`]);
  });

  it('leaves a round alone that has seen everything', async () => {
    await put({ roundOpenedAt: rollout.lastWriteAt });
    await look();
    expect(seen).toEqual([]);
  });

  it('takes a rollout that has told its end out of the lane, and wakes the next', async () => {
    const ending = { outcome: 'deployed', at: rollout.lastWriteAt, reason: 'It is live.', next: '', serves: '' } as const;
    await put({ phase: 'done', ending });
    const next = { rolloutId: 'next-1', admittedAt: rollout.lastWriteAt };
    const partition = lanePartition(rollout.app, rollout.environment);
    const lane = (queue: object[], more: object) => ({ v: 1, state: 'held', holder: rolloutId, epoch: 2, queue, ...more });
    await rows.write([{ kind: 'insert', partition, row: laneKey, value: lane([next], {}) }]);
    await rows.write([{ kind: 'insert', partition: next.rolloutId, row: rolloutKey, value: { ...rollout, id: next.rolloutId, round: 4 } }]);
    await look();
    expect((await rows.read<LaneRow>(partition, laneKey))?.value).toMatchObject({ state: 'free', holder: null, queue: [next] });
    expect(seen).toContain('wake next-1 4');
    const found = await rows.read<LaneRow>(partition, laneKey);
    const waiting = lane([{ rolloutId, admittedAt: '' }, next], { holder: next.rolloutId });
    await rows.write([{ kind: 'replace', partition, row: laneKey, value: waiting, etag: found?.etag ?? '' }]);
    await look();
    expect((await rows.read<LaneRow>(partition, laneKey))?.value).toMatchObject({ holder: next.rolloutId, queue: [next] });
  });

  it('wakes whoever is first at a lane that is free, where the one who gave it up was cut off before that', async () => {
    const queue = ['next-1', 'next-2'].map((id) => ({ rolloutId: id, admittedAt: rollout.lastWriteAt }));
    const value = { v: 1, state: 'free', holder: null, epoch: 2, queue };
    await rows.write([{ kind: 'insert', partition: lanePartition(rollout.app, rollout.environment), row: laneKey, value }]);
    for (const [n, { rolloutId: id }] of queue.entries()) {
      const waits = { ...rollout, id, phase: 'queued', round: n + 4, roundOpenedAt: rollout.lastWriteAt };
      await rows.write([{ kind: 'insert', partition: id, row: rolloutKey, value: waits }]);
    }
    await look();
    expect(seen).toEqual(['wake next-1 4']);
  });

  it('ends a rollout that shows no sign of life while the watchdog looks', async () => {
    await put({ phase: 'proving', roundOpenedAt: rollout.lastWriteAt });
    await look();
    await lookEveryFiveMinutes(20);
    expect(seen).toEqual([]);
    await lookEveryFiveMinutes(5);
    expect(seen).toEqual([`start endRollout end-${rolloutId}`]);
  });

  it('gives a rollout time to go on after Slipway itself was off', async () => {
    await put({ phase: 'proving', roundOpenedAt: rollout.lastWriteAt });
    await look();
    nowMs += 600 * minute;
    await look();
    expect(seen).toEqual([]);
    await lookEveryFiveMinutes(25);
    expect(seen).toEqual([`start endRollout end-${rolloutId}`]);
  });

  it('sends open asks again when Slipway is reached at another address, once', async () => {
    await put({ roundOpenedAt: rollout.lastWriteAt });
    await look();
    expect(await asked()).toEqual([]);
    await look('http://127.0.0.1:7072');
    await look('http://127.0.0.1:7072');
    expect(await asked()).toEqual(gate.approvers.map(({ address }) => address).sort());
  });

  it('starts deliveries again that got lost, also of notices that no rollout has', async () => {
    const notice = {
      v: 1,
      id: 'n1',
      rolloutId: '',
      moment: 'failure',
      channel: 'mail',
      recipient: 'team@example.com',
      state: 'to-send',
      attempts: 0,
    };
    await rows.write([{ kind: 'insert', partition: 'notices', row: 'notice-n1', value: { ...notice, model: { at: rollout.admittedAt } } }]);
    nowMs += 5 * minute;
    await look();
    expect(seen).toEqual(['start deliverNotice deliver-n1']);
  });

  describe('lets go of a rollout that has ended', () => {
    const ending = { outcome: 'deployed', at: rollout.lastWriteAt, reason: 'It is live.', next: '', serves: '' } as const;
    const notice = { v: 1, id: 'n1', rolloutId, moment: 'success', channel: 'mail', recipient: 'team@example.com', attempts: 0 };
    const isOpen = async () => (await rows.list(openPartition, 'open-')).length === 1;
    const settle = async (state: string) => {
      const found = await rows.read(rolloutId, 'notice-n1');
      const value = { ...notice, state, model: { at: rollout.admittedAt } };
      await rows.write([{ kind: 'replace', partition: rolloutId, row: 'notice-n1', value, etag: found?.etag ?? '' }]);
    };
    beforeEach(async () => {
      await put({ phase: 'done', ending });
      await rows.write([{ kind: 'insert', partition: rolloutId, row: 'notice-n1', value: notice }]);
      await settle('sent');
      await look();
    });

    it('an hour after its last word', async () => {
      await lookEveryFiveMinutes(60);
      expect(await isOpen()).toBe(true);
      await lookEveryFiveMinutes(5);
      expect(await isOpen()).toBe(false);
      for (const partition of [endedPartition, lanePartition(rollout.app, rollout.environment)])
        expect((await rows.list<EndedRow>(partition, 'ended-')).map(({ value }) => value)).toEqual([
          expect.objectContaining({ id: rolloutId, outcome: 'deployed', at: ending.at }),
        ]);
    });

    it('not before each of its notices was sent or given up', async () => {
      await settle('to-send');
      await lookEveryFiveMinutes(600);
      expect(await isOpen()).toBe(true);
      expect(seen).toContain('start deliverNotice deliver-n1');
      await settle('given-up');
      await look();
      expect(await isOpen()).toBe(false);
    });

    it('after three days, though a notice or the collector still waits: none is sent so late', async () => {
      await settle('to-send');
      const telemetry = { send: () => Promise.reject(new Error('away')) };
      const lookAndReport = () => createWatchOver({ rows, clock, settings, ledgerKeys: keys, publicUrl: '', telemetry })(instances, logged);
      nowMs += 3 * 24 * 60 * minute - 60 * minute;
      await lookAndReport();
      expect(await isOpen()).toBe(true);
      nowMs += 120 * minute;
      seen = [];
      await lookAndReport();
      expect(await isOpen()).toBe(false);
      expect(seen.filter((one) => one.startsWith('start'))).toEqual([]);
    });

    it('not before the collector has heard of it', async () => {
      let isAway = true;
      const telemetry = { send: () => (isAway ? Promise.reject(new Error('away')) : Promise.resolve()) };
      const lookAndReport = () => createWatchOver({ rows, clock, settings, ledgerKeys: keys, publicUrl: '', telemetry })(instances, logged);
      nowMs += 90 * minute;
      expect((await lookAndReport()).map(({ what }) => what)).toEqual(['telemetry']);
      expect(await isOpen()).toBe(true);
      isAway = false;
      expect(await lookAndReport()).toEqual([]);
      expect(await isOpen()).toBe(false);
    });

    it('not while it tells its end', async () => {
      const found = await rows.read<RolloutRow>(rolloutId, rolloutKey);
      const value = { ...found?.value, phase: 'telling' };
      await rows.write([{ kind: 'replace', partition: rolloutId, row: rolloutKey, value, etag: found?.etag ?? '' }]);
      await lookEveryFiveMinutes(120);
      expect(await isOpen()).toBe(true);
    });
  });

  it('looks after whatever an older Slipway left, and reads the whole table once for that', async () => {
    await put({ roundOpenedAt: rollout.admittedAt });
    let times = 0;
    const everywhere: Rows['everywhere'] = (row) => {
      times += 1;
      return rows.everywhere(row);
    };
    const watch = createWatchOver({ rows: { ...rows, everywhere }, clock, settings, ledgerKeys: keys, publicUrl: '' });
    await watch(instances, logged);
    await watch(instances, logged);
    expect(seen.filter((one) => one.startsWith('wake'))).toEqual([
      `wake ${rolloutId} ${rollout.round}`,
      `wake ${rolloutId} ${rollout.round}`,
    ]);
    expect(times).toBe(1);
  });

  it('finds within a day what no list has, and nothing that ended again', async () => {
    await look();
    await put({ roundOpenedAt: rollout.admittedAt });
    const ended = {
      ...rollout,
      id: 'ended-1',
      phase: 'done',
      ending: { outcome: 'failed', at: rollout.lastWriteAt, reason: '', next: '', serves: '' },
    };
    await rows.write([{ kind: 'insert', partition: 'ended-1', row: rolloutKey, value: ended }]);
    await letGo({ rows }, ended as EndedRollout);
    await look();
    expect(seen).toEqual([]);
    nowMs = Date.parse(`${new Date(nowMs + 24 * 60 * minute).toISOString().slice(0, 10)}T00:01:00Z`);
    await look();
    expect(seen.filter((one) => !one.startsWith('start'))).toEqual([`wake ${rolloutId} ${rollout.round}`]);
    expect((await rows.list(openPartition, 'open-')).map(({ row }) => row)).toEqual([`open-${rolloutId}`]);
  });

  it('looks after the others when the row of one can not be read', async () => {
    await put({ roundOpenedAt: rollout.admittedAt });
    await rows.write([{ kind: 'insert', partition: 'broken', row: rolloutKey, value: { ...rollout, id: 'broken' } }]);
    const without: Rows = {
      ...rows,
      read: (partition, row) => (partition === 'broken' ? Promise.reject(new Error('storage is away')) : rows.read(partition, row)),
    };
    const unwatched = await createWatchOver({ rows: without, clock, settings, ledgerKeys: keys, publicUrl: '' })(instances, logged);
    expect(unwatched.map((one) => one.what)).toEqual(['rollout broken']);
    expect(seen).toEqual([`wake ${rolloutId} ${rollout.round}`]);
  });

  it('looks after the lane of an environment that slipway.yaml names no more', async () => {
    const place = { app: 'gone', environment: 'production' };
    const waits = { ...rollout, ...place, id: 'waits', phase: 'queued', round: 4, roundOpenedAt: rollout.lastWriteAt };
    await rows.write([{ kind: 'insert', partition: 'waits', row: rolloutKey, value: waits }]);
    const value = { v: 1, state: 'free', holder: null, epoch: 2, queue: [{ rolloutId: 'waits', admittedAt: rollout.lastWriteAt }] };
    await rows.write([{ kind: 'insert', partition: lanePartition(place.app, place.environment), row: laneKey, value }]);
    await look();
    expect(seen).toEqual(['wake waits 4']);
  });

  it('looks after the others when one can not be looked after', async () => {
    await put({});
    const refuses: Instances = { ...instances, status: () => Promise.reject(new Error('storage is away')) };
    const unwatched = await createWatchOver({ rows, clock, settings, ledgerKeys: keys, publicUrl: '' })(refuses, logged);
    expect(unwatched.map((one) => one.what)).toEqual([`rollout ${rolloutId}`]);
  });

  it('looks after notices that no rollout has when the lanes can not be looked after', async () => {
    await put({ roundOpenedAt: rollout.lastWriteAt });
    const value = { v: 1, id: 'n1', state: 'to-send', model: { at: new Date(nowMs - 5 * minute).toISOString() } };
    await rows.write([{ kind: 'insert', partition: 'notices', row: 'notice-n1', value }]);
    const without: Rows = {
      ...rows,
      read: (partition, row) => (row === laneKey ? Promise.reject(new Error('storage is away')) : rows.read(partition, row)),
    };
    const unwatched = await createWatchOver({ rows: without, clock, settings, ledgerKeys: keys, publicUrl: '' })(instances, logged);
    expect(unwatched.map((one) => one.what)).toEqual(['the lanes']);
    expect(seen).toEqual(['start deliverNotice deliver-n1']);
  });
});
