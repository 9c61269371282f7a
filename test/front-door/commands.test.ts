import { createCancelRollout } from '../../src/commands/cancel-rollout';
import { createRollBackRollout } from '../../src/commands/roll-back-rollout';
import { createStartRollout } from '../../src/commands/start-rollout';
import { createUnblockLane } from '../../src/commands/unblock-lane';
import { readLedger } from '../../src/azure/ledger';
import { letGo, openRollouts } from '../../src/azure/rollout-index';
import type { KeyRow } from '../../src/domain/admission';
import { hasEnded } from '../../src/domain/ended-row';
import { freeLane, type LaneRow } from '../../src/domain/lane';
import type { GoPlan } from '../../src/domain/plan';
import { markerOf } from '../../src/domain/release';
import { phases, type RolloutRow } from '../../src/domain/rollout';
import { keyPartition, keyRow, laneKey, lanePartition, releaseSettingsKey, rolloutKey, sourceKey } from '../../src/domain/tables';
import { endedAs, frontDoorPorts, recordedInstances, requester, requestOf, rolloutRow, sha256, tell } from './ports';

function door() {
  const { ports, time } = frontDoorPorts();
  const recorded = recordedInstances();
  const start = createStartRollout(ports);
  const begin = async (key?: string, changes: Parameters<typeof requestOf>[0] = {}) => {
    const answer = await start(requestOf(changes), { requester, key }, recorded.instances);
    if (answer.kind === 'refused') throw new Error(answer.problem.sentence);
    return answer;
  };
  return { ports, time, ...recorded, start, begin };
}

/** A plan as far as a roll-back looks at it. */
const planReplacing = (marker: string | null) => ({ kind: 'go', replaces: { marker, version: null } }) as unknown as GoPlan;

describe('start', () => {
  it('writes key, rollout, source and settings, then starts the story', async () => {
    const { ports, begin, started } = door();
    const { id, already } = await begin('request:1', {
      settings: { Colour: 'red' },
      actor: 'bob',
      functions: [{ name: 'q', trigger: 'queue' }],
    });
    expect(already).toBe(false);
    expect(id).toMatch(/^hello-production-2-0-0-[0-9a-f]{8}$/);
    expect(started).toEqual([{ orchestrator: 'rollout', id, input: { rolloutId: id } }]);
    expect(await rolloutRow(ports, id)).toMatchObject({
      v: 1,
      kind: 'deploy',
      phase: 'queued',
      round: 0,
      starter: null,
      checks: [],
      actor: 'bob',
      requester,
      phases: [{ phase: 'queued', startedAt: '2026-11-23T10:00:00.000Z' }],
      release: { version: '2.0.0', sha256, settingNames: ['Colour'], functions: [{ name: 'q', trigger: 'queue' }] },
    });
    expect((await ports.rows.read(id, sourceKey))?.value).toEqual({ v: 1, url: 'https://builds.example/hello.zip?sig=URLSECRET' });
    expect((await ports.rows.read(id, releaseSettingsKey))?.value).toEqual({ v: 1, values: { Colour: 'red' } });
    const key = (await ports.rows.read<KeyRow>(keyPartition('request:1'), keyRow))?.value;
    expect(key).toMatchObject({ rolloutId: id, expiresAt: '2027-12-28T10:00:00.000Z' });
    expect(JSON.stringify([await rolloutRow(ports, id), key])).not.toMatch(/URLSECRET|red/);
  });

  it('gives the same rollout for the same key, even after it ended and with a newly signed URL', async () => {
    const { ports, begin, started } = door();
    const { id } = await begin('request:1');
    await tell(ports, id, endedAs('deployed'));
    expect(await begin('request:1', { package: { url: 'https://builds.example/hello.zip?sig=OTHER', sha256 } })).toEqual({
      kind: 'started',
      id,
      already: true,
    });
    expect(started).toHaveLength(1);
  });

  it.each([
    ['version', { version: '2.0.1' }],
    ['path of the package', { package: { url: 'https://builds.example/other.zip?sig=URLSECRET', sha256 } }],
    ['settings', { settings: { A: 'b' } }],
    ['actor', { actor: 'somebody' }],
  ])('refuses the same key with another %s', async (_what, changes) => {
    const { start, instances, begin, started } = door();
    await begin('request:1');
    expect(await start(requestOf(changes), { requester, key: 'request:1' }, instances)).toMatchObject({
      kind: 'refused',
      problem: { code: 'key-reused' },
    });
    expect(started).toHaveLength(1);
  });

  it('refuses an unknown app and writes nothing', async () => {
    const { ports, start, instances, started } = door();
    for (const app of ['nobody', 'constructor', '__proto__'])
      expect(await start(requestOf({ app }), { requester, key: 'k' }, instances)).toMatchObject({
        problem: { code: 'unknown-target', next: expect.stringContaining('hello to production') as string },
      });
    expect(started).toEqual([]);
    expect(await ports.rows.everywhere(rolloutKey)).toEqual([]);
    expect(await ports.rows.everywhere(keyRow)).toEqual([]);
  });

  it.each([
    ['the key row', 2],
    ['the row by which it is found', 3],
  ])('a redelivery completes what a crash left: after %s, after the rows, after the start', async (_where, lost) => {
    const { ports, begin, start, instances, failNextStart, started } = door();
    const { write } = ports.rows;
    let writes = 0;
    ports.rows.write = (changes) => (++writes === lost ? Promise.reject(new Error('crash')) : write(changes));
    await expect(start(requestOf(), { requester, key: 'k' }, instances)).rejects.toThrow('crash');
    expect(await ports.rows.everywhere(rolloutKey)).toEqual([]);
    failNextStart();
    await expect(start(requestOf(), { requester, key: 'k' }, instances)).rejects.toThrow('crashed before the start');
    expect(await ports.rows.everywhere(rolloutKey)).toHaveLength(1);
    expect(started).toEqual([]);
    const { id } = await begin('k');
    await begin('k');
    expect(started.map((one) => one.id)).toEqual([id]);
    expect((await openRollouts(ports)).map((row) => row.id)).toEqual([id]);
  });

  it('a redelivery does not open again what ended and was let go', async () => {
    const { ports, begin } = door();
    const { id } = await begin('k');
    await tell(ports, id, endedAs('deployed'));
    for (const row of (await openRollouts(ports)).filter(hasEnded)) await letGo(ports, row);
    expect(await begin('k')).toMatchObject({ id, already: true });
    expect(await openRollouts(ports)).toEqual([]);
  });

  it('does not start again a rollout that has ended and whose instance is purged', async () => {
    const { ports, begin, failNextStart, start, instances, started } = door();
    failNextStart();
    await expect(start(requestOf(), { requester, key: 'k' }, instances)).rejects.toThrow();
    const [row] = await ports.rows.everywhere<RolloutRow>(rolloutKey);
    await tell(ports, row?.partition ?? '', endedAs('cancelled'));
    expect(await begin('k')).toMatchObject({ already: true });
    expect(started).toEqual([]);
  });

  it.each([
    ['with one key', 'k'],
    ['without a key', undefined],
  ])('makes one rollout of a hundred starts at once, %s', async (_how, key) => {
    const { ports, begin, started } = door();
    const answers = await Promise.all(Array.from({ length: 100 }, () => begin(key)));
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    expect(answers.filter(({ already }) => !already)).toHaveLength(1);
    expect(await ports.rows.everywhere(rolloutKey)).toHaveLength(1);
    expect(started).toHaveLength(1);
  });

  it('without a key joins what runs, whatever its key, and makes the next attempt once that ended', async () => {
    const { ports, begin } = door();
    const keyed = await begin('request:1');
    expect(await begin()).toEqual({ kind: 'started', id: keyed.id, already: true });
    await tell(ports, keyed.id, endedAs('failed'));
    const second = await begin();
    expect(second).toMatchObject({ already: false });
    await tell(ports, second.id, endedAs('failed'));
    const third = await begin();
    expect(new Set([keyed.id, second.id, third.id]).size).toBe(3);
  });

  it('without a key does not join a rollout of other settings, digest or version', async () => {
    const { begin } = door();
    const ids = await Promise.all([
      begin(),
      begin(undefined, { settings: { A: '1' } }),
      begin(undefined, { settings: { A: '2' } }),
      begin(undefined, { version: '2.0.1' }),
      begin(undefined, { package: { url: 'https://b.example/x.zip', sha256: 'cd'.repeat(32) } }),
    ]);
    expect(new Set(ids.map(({ id }) => id)).size).toBe(5);
    expect((await begin(undefined, { buildUrl: 'https://ci.example/2', actor: 'x' })).id).toBe(ids[0].id);
  });
});

describe('cancel', () => {
  it('stops one that was only to give way', async () => {
    const { ports, begin, instances } = door();
    const { id } = await begin('k');
    const cancel = createCancelRollout(ports);
    await tell(ports, id, { phase: 'proving', intent: { kind: 'supersede', by: 'newer', reason: 'newer', at: '' } });
    expect(await cancel(id, { by: 'bob', reason: 'now' }, instances)).toEqual({ kind: 'accepted', id, already: false });
    expect((await rolloutRow(ports, id)).intent).toMatchObject({ kind: 'cancel', by: 'bob' });
  });

  it.each(phases.slice(0, phases.indexOf('swapping')))('is kept while %s, once, and wakes the open round', async (phase) => {
    const { ports, begin, instances, woken } = door();
    const { id } = await begin('k');
    await tell(ports, id, { phase, round: 7 });
    const cancel = createCancelRollout(ports);
    expect(await cancel(id, { by: 'ann', reason: 'not today' }, instances)).toEqual({ kind: 'accepted', id, already: false });
    expect(await cancel(id, { by: 'bob', reason: 'again' }, instances)).toEqual({ kind: 'accepted', id, already: true });
    expect((await rolloutRow(ports, id)).intent).toEqual({
      kind: 'cancel',
      by: 'ann',
      reason: 'not today',
      at: '2026-11-23T10:00:00.000Z',
    });
    expect(woken).toEqual([`${id} 7`, `${id} 7`]);
  });

  it.each([
    ['swapping', 'too-late', /roll-back/],
    ['watching', 'too-late', /roll-back/],
    ['undoing', 'closing-now', /in a moment/],
    ['telling', 'closing-now', /in a moment/],
  ] as const)('is refused while %s', async (phase, code, next) => {
    const { ports, begin, instances, woken } = door();
    const { id } = await begin('k');
    await tell(ports, id, { phase });
    const answer = await createCancelRollout(ports)(id, { by: 'ann', reason: 'r' }, instances);
    expect(answer).toMatchObject({ kind: 'refused', problem: { code, next: expect.stringMatching(next) as string } });
    expect((await rolloutRow(ports, id)).intent).toBeUndefined();
    expect(woken).toEqual([]);
  });

  it('says how an ended rollout ended, and that an unknown one is unknown', async () => {
    const { ports, begin, instances } = door();
    const { id } = await begin('k');
    await tell(ports, id, endedAs('failed'));
    const cancel = createCancelRollout(ports);
    expect(await cancel(id, { by: 'ann', reason: 'r' }, instances)).toMatchObject({
      problem: { code: 'ended-already', sentence: expect.stringContaining('ended failed') as string },
    });
    expect(await cancel('nobody', { by: 'ann', reason: 'r' }, instances)).toMatchObject({ problem: { code: 'unknown-rollout' } });
  });

  it('loses against the swap that began between its read and its write', async () => {
    const { ports, begin, instances } = door();
    const { id } = await begin('k');
    await tell(ports, id, { phase: 'asking' });
    const { read } = ports.rows;
    let raced = false;
    ports.rows.read = async (partition, row) => {
      const found = await read(partition, row);
      if (!raced) {
        raced = true;
        ports.rows.read = read;
        await tell(ports, id, { phase: 'swapping' });
      }
      return found as never;
    };
    expect(await createCancelRollout(ports)(id, { by: 'ann', reason: 'r' }, instances)).toMatchObject({ problem: { code: 'too-late' } });
  });
});

describe('roll back', () => {
  const asking = { requester, reason: 'it smells' };

  it.each(['queued', 'staging', 'asking'] as const)('is refused while %s', async (phase) => {
    const { ports, begin, instances } = door();
    const { id } = await begin('k');
    await tell(ports, id, { phase });
    expect(await createRollBackRollout(ports)(id, asking, instances)).toMatchObject({
      problem: { code: 'too-early', next: 'Use cancel.' },
    });
  });

  it.each(['swapping', 'watching'] as const)('is kept while %s, over a newer release that wants the lane', async (phase) => {
    const { ports, begin, instances, woken } = door();
    const { id } = await begin('k');
    await tell(ports, id, { phase, round: 3, intent: { kind: 'supersede', by: 'slipway', reason: 'newer', at: '' } });
    const rollBack = createRollBackRollout(ports);
    expect(await rollBack(id, asking, instances)).toEqual({ kind: 'accepted', id, already: false });
    expect(await rollBack(id, asking, instances)).toEqual({ kind: 'accepted', id, already: true });
    expect((await rolloutRow(ports, id)).intent).toMatchObject({ kind: 'roll-back', by: 'ann@example.com', reason: 'it smells' });
    expect(woken).toEqual([`${id} 3`, `${id} 3`]);
  });

  it('after the end admits one revert of the release before, joined while it runs and followed by another', async () => {
    const { ports, begin, instances, started } = door();
    const old = await begin('old', { version: '1.0.0', settings: { Colour: 'red' } });
    await tell(ports, old.id, endedAs('deployed'));
    const { id } = await begin('new');
    await tell(ports, id, { ...endedAs('deployed'), plan: planReplacing(markerOf(old.id, sha256)) });
    const rollBack = createRollBackRollout(ports);
    const answers = await Promise.all(Array.from({ length: 20 }, () => rollBack(id, asking, instances)));
    const ids = new Set(answers.map((one) => (one.kind === 'accepted' ? one.id : '')));
    expect(ids.size).toBe(1);
    const [revert = ''] = ids;
    expect(revert).toMatch(/^hello-production-1-0-0-/);
    expect(await rolloutRow(ports, revert)).toMatchObject({
      kind: 'revert',
      reverts: id,
      requester,
      release: { version: '1.0.0', sha256, settingNames: ['Colour'] },
    });
    expect((await ports.rows.read(revert, releaseSettingsKey))?.value).toEqual({ v: 1, values: { Colour: 'red' } });
    expect(await ports.rows.read(revert, sourceKey)).toBeUndefined();
    expect(started.map((one) => one.id)).toEqual([old.id, id, revert]);
    await tell(ports, revert, endedAs('failed'));
    const again = await rollBack(id, asking, instances);
    expect(again).toMatchObject({ kind: 'accepted', already: false });
    expect(again).not.toMatchObject({ id: revert });
  });

  it.each([
    ['no marker', null],
    ['a marker of nobody', `gone-rollout.${'a'.repeat(12)}`],
    ['no marker at all', 'junk'],
  ])('admits a revert to what Slipway never admitted: %s', async (_what, marker) => {
    const { ports, begin, instances } = door();
    const { id } = await begin('k');
    await tell(ports, id, { ...endedAs('deployed'), plan: planReplacing(marker) });
    const answer = await createRollBackRollout(ports)(id, asking, instances);
    if (answer.kind === 'refused') throw new Error(answer.problem.sentence);
    expect((await rolloutRow(ports, answer.id)).release).toEqual({
      version: 'before 2.0.0',
      unnamed: true,
      sha256: '',
      functions: [],
      settingNames: [],
    });
  });

  describe('of what went live before another', () => {
    /** Rollouts that end one after the other, an hour apart. */
    function history() {
      const at = door();
      const rollBack = createRollBackRollout(at.ports);
      let hour = 10;
      const ends = async (id: string, outcome: 'deployed' | 'failed' | 'needs-attention' = 'deployed', isLetGo = false) => {
        hour += 1;
        const { phase, ending } = endedAs(outcome);
        await tell(at.ports, id, { phase, ending: { ...ending, at: `2026-11-23T${hour}:00:00.000Z` }, plan: planReplacing(null) });
        const row = await rolloutRow(at.ports, id);
        if (isLetGo && hasEnded(row)) await letGo(at.ports, row);
        return id;
      };
      const deploys = async (version: string, ...how: Parameters<typeof ends> extends [string, ...infer Rest] ? Rest : never) =>
        ends((await at.begin(version, { version })).id, ...how);
      const asked = (id: string) => rollBack(id, asking, at.instances);
      const reverts = async (id: string): Promise<string> => {
        const answer = await asked(id);
        if (answer.kind === 'refused') throw new Error(answer.problem.sentence);
        return ends(answer.id);
      };
      return { ...at, ends, deploys, asked, reverts };
    }

    it.each([true, false])('is refused, with what is live now and can be rolled back (let go: %s)', async (isLetGo) => {
      const { deploys, asked, started } = history();
      const first = await deploys('1.0.0', 'deployed', isLetGo);
      const second = await deploys('2.0.0', 'deployed', isLetGo);
      await deploys('3.0.0', 'failed');
      const begun = started.length;
      expect(await asked(first)).toEqual({
        kind: 'refused',
        problem: {
          code: 'no-longer-live',
          sentence: `Rollout ${first} is no longer what is live: ${second} went live after it, at 2026-11-23 12:00 UTC.`,
          next: `Use POST /api/rollouts/${second}/roll-back: that one is live.`,
        },
      });
      expect(started).toHaveLength(begun);
      expect(await asked(second)).toMatchObject({ kind: 'accepted', already: false });
    });

    it('joins a revert that was admitted before the other went live', async () => {
      const { deploys, asked } = history();
      const first = await deploys('1.0.0');
      const joined = await asked(first);
      await deploys('2.0.0');
      expect(await asked(first)).toEqual({ ...joined, already: true });
    });

    it('is the revert that took it back, as long as nothing followed that', async () => {
      const { deploys, asked, reverts } = history();
      const first = await deploys('1.0.0');
      const back = await reverts(first);
      expect(await asked(first)).toEqual({ kind: 'accepted', id: back, already: true });
      const next = await deploys('2.0.0');
      expect(await asked(first)).toMatchObject({ problem: { code: 'no-longer-live', next: expect.stringContaining(next) as unknown } });
    });

    it('is admitted where that was taken back and it is live again, also as a roll-back of a roll-back', async () => {
      const { deploys, asked, reverts } = history();
      const first = await deploys('1.0.0');
      const second = await deploys('2.0.0');
      const back = await reverts(second);
      expect(await asked(first)).toMatchObject({ kind: 'accepted', already: false });
      const forth = await reverts(back);
      expect(await asked(first)).toMatchObject({ kind: 'accepted', already: true });
      expect(await asked(second)).toMatchObject({ kind: 'accepted', already: false });
      expect(await asked(back)).toMatchObject({ kind: 'accepted', id: forth, already: true });
    });

    it('is left to the plan where an end in between left nobody sure', async () => {
      const { deploys, asked, reverts } = history();
      const first = await deploys('1.0.0');
      await deploys('2.0.0', 'needs-attention');
      expect(await asked(first)).toMatchObject({ kind: 'accepted', already: false });
      const third = await deploys('3.0.0');
      await reverts(third);
      await deploys('4.0.0', 'needs-attention');
      expect(await asked(third)).toMatchObject({ kind: 'accepted', already: false });
    });
  });

  it('is refused where the rollout left nothing in production', async () => {
    const { ports, begin, instances } = door();
    const { id } = await begin('k');
    await tell(ports, id, endedAs('failed'));
    expect(await createRollBackRollout(ports)(id, asking, instances)).toMatchObject({ problem: { code: 'nothing-to-roll-back' } });
  });
});

describe('unblock', () => {
  const place = { app: 'hello', environment: 'production' };
  const partition = lanePartition('hello', 'production');

  it('frees a blocked lane, on record, and wakes who waits first', async () => {
    const { ports, begin, instances, woken } = door();
    const { id } = await begin('k');
    const lane: LaneRow = {
      v: 1,
      state: 'blocked',
      holder: 'old',
      epoch: 4,
      queue: [{ rolloutId: id, admittedAt: '' }],
      blocked: { by: 'watchdog', reason: 'lost', at: '' },
    };
    await ports.rows.write([{ kind: 'insert', partition, row: laneKey, value: lane }]);
    const unblock = createUnblockLane(ports);
    expect(await unblock(place, { by: 'ann', reason: 'looked' }, instances)).toMatchObject({
      kind: 'unblocked',
      lane: { state: 'free', holder: null, epoch: 5 },
    });
    expect(woken).toEqual([`${id} 0`]);
    expect(await readLedger(ports, place)).toMatchObject([
      { kind: 'unblocked', data: { by: 'ann', reason: 'looked', blockedBy: 'watchdog', blockedFor: 'lost' } },
    ]);
    expect(await unblock(place, { by: 'bob', reason: 'me too' }, instances)).toMatchObject({ problem: { code: 'lane-not-blocked' } });
    expect(await readLedger(ports, place)).toHaveLength(1);
  });

  it('never frees without a record: a crash in between is asked for again', async () => {
    const { ports, instances } = door();
    await ports.rows.write([{ kind: 'insert', partition, row: laneKey, value: { ...freeLane, state: 'blocked', epoch: 2 } }]);
    const { write } = ports.rows;
    ports.rows.write = (changes) => (changes[0].row === laneKey ? Promise.reject(new Error('crash')) : write(changes));
    const unblock = createUnblockLane(ports);
    await expect(unblock(place, { by: 'ann', reason: 'looked' }, instances)).rejects.toThrow('crash');
    ports.rows.write = write;
    expect(await unblock(place, { by: 'ann', reason: 'looked' }, instances)).toMatchObject({ kind: 'unblocked' });
    expect(await readLedger(ports, place)).toHaveLength(1);
  });

  it('refuses a lane that nobody knows', async () => {
    const { ports, instances } = door();
    const unblock = createUnblockLane(ports);
    expect(await unblock({ app: 'nobody', environment: 'production' }, { by: 'a', reason: 'r' }, instances)).toMatchObject({
      problem: { code: 'unknown-lane' },
    });
    expect(await unblock(place, { by: 'a', reason: 'r' }, instances)).toMatchObject({ problem: { code: 'lane-not-blocked' } });
  });
});
