import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Call } from '../../src/activities/activity';
import { createCloseRollout } from '../../src/activities/close-rollout';
import { createEnterPhase } from '../../src/activities/enter-phase';
import { createGrantSwap } from '../../src/activities/grant-swap';
import { createLookAtLane } from '../../src/activities/look-at-lane';
import { createOpenAsk } from '../../src/activities/open-ask';
import { createPostSwap } from '../../src/activities/post-swap';
import { createReadLive } from '../../src/activities/read-live';
import { createWriteMarker } from '../../src/activities/write-marker';
import type { AppControl } from '../../src/azure/app-control';
import { appendLedger } from '../../src/azure/ledger';
import type { Ports } from '../../src/azure/ports';
import { changeRow } from '../../src/azure/rows';
import type { GateRow } from '../../src/domain/gate';
import type { LaneRow } from '../../src/domain/lane';
import type { SlotState, Slots } from '../../src/domain/live';
import type { GoPlan } from '../../src/domain/plan';
import type { RolloutRow } from '../../src/domain/rollout';
import { failed, needsAttention } from '../../src/domain/endings';
import { settingsSchema } from '../../src/domain/settings';
import {
  gateKey,
  laneKey,
  lanePartition,
  ledgerEntryKey,
  ledgerHeadKey,
  releaseSettingsKey,
  rolloutKey,
  sourceKey,
  swapKey,
} from '../../src/domain/tables';
import { rowsInMemory } from '../rows-in-memory';

/** What activities refuse when they run late, twice, or of a rollout that was ended without them. */

const id = 'hello-production-2-0-0-0badcafe';
const at = '2026-11-23T10:00:00.000Z';
const lane = lanePartition('hello', 'production');
const settingsOf = (approvers: string[], more: object = {}) =>
  settingsSchema.parse({
    azure: { subscription: 's', resourceGroup: 'g' },
    people: { team: ['team@example.com'] },
    apps: { hello: { environments: { production: { functionApp: 'hello', policy: 'careful' } } } },
    policies: { careful: { gates: [{ name: 'release', kind: 'signed-link', approvers, ...more }] } },
  });

const slotOf = (rolloutId: string): SlotState => ({
  marker: `${rolloutId}.0123456789ab`,
  content: { kind: 'read', deploymentId: rolloutId, message: `${rolloutId}.1` },
  swapStatus: null,
  operationInProgress: false,
  running: true,
  hostName: 'hello.example',
});

let ports: Ports;
let slots: Slots;
let posts: number;
let writes: number;
const woken: string[] = [];
const call = { instances: { wake: (instance: string) => Promise.resolve(void woken.push(instance)) } } as unknown as Call;

beforeEach(() => {
  slots = { production: slotOf('old-1'), staging: slotOf(id) };
  posts = 0;
  writes = 0;
  woken.length = 0;
  ports = {
    settings: settingsOf(['ann@example.com', 'bob@example.com']),
    rows: rowsInMemory(),
    clock: { now: () => Date.parse(at), sleep: () => Promise.resolve() },
    ledgerKeys: [{ id: 'k', key: new Uint8Array(32) }],
    linkKeys: [{ id: 'l', key: new Uint8Array(32) }],
    appControl: {
      readHosting: () => Promise.resolve({ planTier: 'ElasticPremium', os: 'linux', onContainerApps: false, runsImage: false }),
      readSlots: () => Promise.resolve(slots),
      postSwap: () => Promise.resolve({ kind: (posts += 1) ? 'accepted' : 'unknown' }),
      writeSlotSettings: () => Promise.resolve({ changed: Boolean((writes += 1)) }),
    } as unknown as AppControl,
  } as unknown as Ports;
});

async function begin(more: Partial<RolloutRow> = {}): Promise<void> {
  const { policy } = { policy: ports.settings.policies['careful'] };
  const plan = { kind: 'go', policy, gates: policy?.gates, combine: 'all', live: slots } as GoPlan;
  const row = {
    ...{ v: 1, id, app: 'hello', environment: 'production', kind: 'deploy', admittedAt: at, round: 1, checks: [], plan },
    ...{ release: { version: '2.0.0', sha256: '0123456789ab', functions: [], settingNames: [] } },
    ...{ requester: { name: 'ann@example.com', verified: true, via: 'http' }, phase: 'asking', phases: [], lastWriteAt: at },
    ...more,
  };
  const held: LaneRow = { v: 1, state: 'held', holder: id, epoch: 3, queue: [] };
  await ports.rows.write([{ kind: 'insert', partition: id, row: rolloutKey, value: row }]);
  await ports.rows.write([{ kind: 'insert', partition: lane, row: laneKey, value: held }]);
}

const row = async (): Promise<RolloutRow> => {
  const found = await ports.rows.read<RolloutRow>(id, rolloutKey);
  if (!found) throw new Error('the row is gone');
  return found.value;
};
const change = (more: Partial<RolloutRow>) => changeRow<RolloutRow>(ports.rows, id, rolloutKey, (now) => ({ value: { ...now, ...more } }));
const ending = { outcome: 'needs-attention', at, reason: 'It stopped.', next: 'Look.', serves: '' } as const;
const staged = { marker: slotOf(id).marker, content: slotOf(id).content };

describe('a phase', () => {
  it('never goes back, also when an old run wakes up late', async () => {
    await begin({ phase: 'watching' });
    await createEnterPhase(ports)({ rolloutId: id, phase: 'staging' }, call);
    expect((await row()).phase).toBe('watching');
    await createEnterPhase(ports)({ rolloutId: id, phase: 'undoing' }, call);
    expect((await row()).phase).toBe('undoing');
  });

  it('of the past takes no act with it: markers are written while staging, swaps posted from the grant on', async () => {
    await begin({ phase: 'watching' });
    await expect(createWriteMarker(ports)({ rolloutId: id, epoch: 3 }, call)).rejects.toThrow('is watching');
    await change({ phase: 'asking' });
    await expect(createPostSwap(ports)({ rolloutId: id, epoch: 3, attempt: 1, basis: slots }, call)).rejects.toThrow('is asking');
    expect([writes, posts]).toEqual([0, 0]);
  });
});

describe('a rollout that somebody ended', () => {
  it('posts no swap and is granted none, though its lane is not blocked yet', async () => {
    await begin({ phase: 'swapping', ending });
    await expect(createPostSwap(ports)({ rolloutId: id, epoch: 3, attempt: 1, basis: slots }, call)).rejects.toThrow('is ended');
    await expect(createGrantSwap(ports)({ rolloutId: id, epoch: 3, staged }, call)).rejects.toThrow('is ended');
    expect(posts).toBe(0);
  });

  it('while its swap is granted is not granted', async () => {
    await begin({ ask: { state: 'granted', openedAt: at, expiresAt: at, decisions: [] } });
    ports.settings = settingsSchema.parse({ ...settingsOf(['ann@example.com']), policies: { careful: {} } });
    ports.appControl.readSlots = async () => {
      await change({ ending, phase: 'telling' });
      return slots;
    };
    await expect(createGrantSwap(ports)({ rolloutId: id, epoch: 3, staged }, call)).rejects.toThrow('was ended');
  });
});

describe('a swap', () => {
  const post = () => createPostSwap(ports)({ rolloutId: id, epoch: 3, attempt: 1, basis: slots }, call);
  beforeEach(() => begin({ phase: 'swapping' }));

  it('is posted once by attempt', async () => {
    expect(await post()).toEqual({ kind: 'accepted' });
    expect(await post()).toEqual({ kind: 'unknown', code: 'posted-before' });
    expect(posts).toBe(1);
  });

  it.each<[string, Partial<SlotState> | undefined, 'changed' | 'unreadable']>([
    ['holds something else by now', { content: { kind: 'read', deploymentId: 'x', message: 'by hand' } }, 'changed'],
    ['carries another marker by now', { marker: 'another-1.0123456789ab' }, 'changed'],
    ['can not be read by now', { content: { kind: 'unreadable' } }, 'unreadable'],
    ['is being changed', { operationInProgress: true }, 'unreadable'],
    ['is out of reach', undefined, 'unreadable'],
  ])('is not posted when staging %s', async (_what, change, why) => {
    const basis = slots;
    ports.appControl.readSlots = () =>
      change ? Promise.resolve({ ...basis, staging: { ...basis.staging, ...change } }) : Promise.reject(new Error('no answer'));
    expect(await post()).toEqual({ kind: 'not-posted', why });
    expect(posts).toBe(0);
    expect(await ports.rows.read(id, swapKey(1))).toBeUndefined();
  });
});

describe('the ask', () => {
  const yes = (approver: string) => ({ gate: 'release', approver, answer: 'yes' as const, at });
  const gate = async () => (await ports.rows.read<GateRow>(id, gateKey('release')))?.value;
  const grant = () => createGrantSwap(ports)({ rolloutId: id, epoch: 3, staged }, call);

  it('is not put to whoever asked for the rollout where policy says so', async () => {
    ports.settings = settingsOf(['ann@example.com', 'bob@example.com'], { notRequester: true });
    await begin();
    await createOpenAsk(ports)({ rolloutId: id }, call);
    expect((await gate())?.approvers.map(({ address }) => address)).toEqual(['bob@example.com']);
  });

  it('goes to those whom policy names today when whoever said yes may no longer', async () => {
    await begin();
    await createOpenAsk(ports)({ rolloutId: id }, call);
    await change({ ask: { state: 'granted', openedAt: at, expiresAt: at, decisions: [yes('ann@example.com')] } });
    ports.settings = settingsOf(['bob@example.com', 'cy@example.com']);
    expect(await grant()).toEqual({ kind: 'ask-again', number: 101, gates: ['release'] });
    expect((await gate())?.approvers.map(({ address }) => address)).toEqual(['bob@example.com', 'cy@example.com']);
    expect((await row()).ask).toMatchObject({ state: 'open', reopened: 1 });
  });

  it('is not opened for nobody', async () => {
    await begin();
    await createOpenAsk(ports)({ rolloutId: id }, call);
    await change({ ask: { state: 'granted', openedAt: at, expiresAt: at, decisions: [yes('ann@example.com')] } });
    ports.settings = settingsSchema.parse({ ...settingsOf([`x@example.com`]), policies: { careful: {} } });
    expect(await grant()).toMatchObject({ kind: 'refused', problem: { code: 'approvers-gone' } });
  });
});

describe('what loses to other writers', () => {
  it('ends in words where rows contradict each other, instead of never', async () => {
    await begin();
    const stale = { kind: 'replace', partition: id, row: 'gone', value: {}, etag: 'x' } as const;
    await expect(changeRow(ports.rows, id, rolloutKey, (value) => ({ value, also: [stale] }))).rejects.toThrow('lost to other writers');
    const deed = { id: 'a', kind: 'a', at, data: {} };
    await appendLedger(ports, { app: 'hello', environment: 'production' }, deed);
    await ports.rows.write([{ kind: 'delete', partition: lane, row: ledgerHeadKey }]);
    await expect(appendLedger(ports, { app: 'hello', environment: 'production' }, { ...deed, id: 'b' })).rejects.toThrow(
      'head does not fit',
    );
    expect(await ports.rows.read(lane, ledgerEntryKey(1))).toBeDefined();
  });
});

describe('the lane', () => {
  const laneNow = async () => (await ports.rows.read<LaneRow>(lane, laneKey))?.value;
  const setLane = (more: Partial<LaneRow>) => changeRow<LaneRow>(ports.rows, lane, laneKey, (now) => ({ value: { ...now, ...more } }));
  const look = () => createLookAtLane(ports)({ rolloutId: id, round: 2 }, call);

  it('is neither taken nor waited for by a rollout that has ended, when an old look wakes up late', async () => {
    await begin({ phase: 'done', ending: { ...ending, outcome: 'deployed' } });
    await setLane({ state: 'free', holder: null });
    expect((await look()).lane.kind).toBe('waiting');
    expect(await laneNow()).toMatchObject({ state: 'free', queue: [] });
  });

  it('is given up again by a rollout that is ended while it takes it, and the next one is woken', async () => {
    await begin({ phase: 'queued' });
    const next = { rolloutId: 'next-1', admittedAt: '2026-11-24T00:00:00.000Z' };
    await setLane({ state: 'free', holder: null, queue: [next] });
    await ports.rows.write([{ kind: 'insert', partition: next.rolloutId, row: rolloutKey, value: { round: 7 } }]);
    const { rows } = ports;
    let isFirst = true;
    ports.rows = {
      ...rows,
      async write(changes) {
        if (isFirst && changes.some(({ row }) => row === laneKey)) {
          isFirst = false;
          await change({ phase: 'telling', ending: { ...ending, outcome: 'cancelled' } });
        }
        return rows.write(changes);
      },
    };
    expect((await look()).lane.kind).toBe('waiting');
    expect(await laneNow()).toMatchObject({ state: 'free', queue: [next] });
    expect(woken).toEqual([next.rolloutId]);
  });

  it('is not taken by a rollout that was cancelled while it waited', async () => {
    await begin({ phase: 'queued', intent: { kind: 'cancel', by: 'ann', reason: 'No.', at } });
    await changeRow<LaneRow>(ports.rows, lane, laneKey, (now) => ({ value: { ...now, state: 'free', holder: null } }));
    const { intent } = await createLookAtLane(ports)({ rolloutId: id, round: 2 }, call);
    expect(intent?.kind).toBe('cancel');
    expect((await ports.rows.read<LaneRow>(lane, laneKey))?.value.state).toBe('free');
  });
});

describe('an end', () => {
  const close = (ending = failed({ code: 'x', sentence: 'It broke.', next: 'Mend it.' })) =>
    createCloseRollout(ports)({ rolloutId: id, ending, by: 'watchdog' }, call);
  const old = 'old-1';
  beforeEach(async () => {
    await begin({ phase: 'staging' });
    await ports.rows.write([{ kind: 'insert', partition: old, row: rolloutKey, value: { release: { version: '1.0.0' } } }]);
  });

  it.each<[string, Partial<SlotState>]>([
    ['Production of hello serves 1.0.0.', {}],
    ['its content could not be read just now', { content: { kind: 'unreadable' } }],
    ['is not what Slipway pushed', { content: { kind: 'read', deploymentId: 'x', message: 'by hand' } }],
    ['whose rollout is not known here', { marker: 'gone-1.0123456789ab' }],
    ['never rolled out', { marker: null }],
  ])('says of production: %s', async (sentence, changed) => {
    slots = { ...slots, production: { ...slots.production, ...changed } };
    await close();
    expect((await row()).ending?.serves).toContain(sentence);
  });

  it('forgets the address of the package, which may be signed', async () => {
    await ports.rows.write([{ kind: 'insert', partition: id, row: sourceKey, value: { v: 1, url: 'https://x.example/?sig=1' } }]);
    await close();
    expect(await ports.rows.read(id, sourceKey)).toBeUndefined();
  });

  it('that needs attention blocks the lane of its turn, and says so only then', async () => {
    await close(needsAttention('story-lost', 'It stopped.'));
    expect((await row()).ending?.reason).toContain('the lane is blocked');
    expect((await ports.rows.read<LaneRow>(lane, laneKey))?.value).toMatchObject({ state: 'blocked', epoch: 4 });
  });

  it('that needs attention before its turn blocks nothing', async () => {
    await changeRow<LaneRow>(ports.rows, lane, laneKey, (now) => ({ value: { ...now, holder: 'another' } }));
    await close(needsAttention('story-lost', 'It stopped.'));
    expect((await row()).ending?.reason).toContain('the lane is not blocked by it');
    expect((await ports.rows.read<LaneRow>(lane, laneKey))?.value.state).toBe('held');
  });
});

describe('what is live', () => {
  const read = async () => (await createReadLive(ports)({ rolloutId: id }, call)).live.sameSettings;
  const bring = (rolloutId: string, values: Record<string, string>) =>
    ports.rows.write([{ kind: 'insert', partition: rolloutId, row: releaseSettingsKey, value: { v: 1, values } }]);

  it('came with the same settings or others, as rows say it; the values go nowhere', async () => {
    await begin({ phase: 'planning' });
    ports.packages = { has: () => Promise.resolve(true) } as unknown as Ports['packages'];
    expect(await read()).toBe(true);
    await bring('old-1', { A: 'tr0ub4dor', B: '2' });
    expect(await read()).toBe(false);
    await bring(id, { B: '2', A: 'tr0ub4dor' });
    expect(await read()).toBe(true);
    expect(JSON.stringify(await createReadLive(ports)({ rolloutId: id }, call))).not.toContain('tr0ub4dor');
    slots = { ...slots, production: { ...slots.production, marker: null } };
    expect(await read()).toBe(false);
  });
});
