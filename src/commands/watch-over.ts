import type { Instances } from '../azure/instances';
import type { Ports } from '../azure/ports';
import { createTellPeople } from '../activities/tell-people';
import { startDelivery } from '../azure/notice-rows';
import { isoNow } from '../azure/clock';
import { giveUpLane, readLane } from '../azure/lane-rows';
import { letGo, noteUnlisted, openIds } from '../azure/rollout-index';
import { wakeRollout } from '../azure/wake-rollout';
import { judgeStory } from '../domain/judge-story';
import { reportTelemetry } from './report-telemetry';
import { hasEnded, type EndedRollout } from '../domain/ended-row';
import type { NoticeRow } from '../domain/notice';
import type { RolloutRow } from '../domain/rollout';
import { placesOf } from '../domain/settings';
import { lanePartition, noticesPartition, rolloutKey, watchdogKey, watchdogPartition } from '../domain/tables';

/** So long after its last word a rollout is looked after no more, if its notices were sent or given up and telemetry took it. */
const quietForMs = 3_600_000;
/** Neither a notice nor a collector is waited for longer. */
const waitedForMs = 3 * 86_400_000;
const deliveryGraceMs = 2 * 60_000;

export interface Unwatched {
  /** As a log says it: `rollout <id>`, `the lanes`. */
  what: string;
  error: unknown;
}

/** Row of the watchdog itself. */
interface WatchdogRow {
  v: 1;
  /** Since when it has looked without a longer break. */
  since: string;
  lastAt: string;
  /** Where the links that were mailed lead, and how often that has moved. */
  publicUrl: string;
  moves: number;
}

/** A break longer than this means that Slipway was off. */
const breakMs = 15 * 60_000;

type Needs = Pick<Ports, 'rows' | 'clock' | 'settings' | 'ledgerKeys' | 'publicUrl' | 'telemetry'>;

/**
 * Looks after every rollout that has not ended or has not told its end, the lanes, and notices without a rollout, and hands over telemetry. What can't be
 * looked after keeps it from none of the others. `log` takes a line for each rollout that ended.
 */
export function createWatchOver(ports: Needs): (instances: Instances, log: (line: string) => void) => Promise<Unwatched[]> {
  return async (instances, log) => {
    const unwatched: Unwatched[] = [];
    const attempt = async (what: string, act: () => Promise<void>): Promise<void> => {
      try {
        await act();
      } catch (error) {
        unwatched.push({ what, error });
      }
    };
    const { since, lastAt, moves, publicUrl } = await readWatchdog(ports);
    const hasMoved = publicUrl !== ports.publicUrl;
    if (dayOf(lastAt) !== dayOf(isoNow(ports.clock))) await attempt('what no list has', () => noteUnlisted(ports));
    const open: RolloutRow[] = [];
    const quiet: EndedRollout[] = [];
    for (const id of await openIds(ports))
      await attempt(`rollout ${id}`, async () => {
        const row = (await ports.rows.read<RolloutRow>(id, rolloutKey))?.value;
        if (!row) return;
        open.push(row);
        if (row.phase !== 'done') await lookAfter(row, instances, ports.clock.now(), Date.parse(since));
        if (hasMoved) await askAgain(ports, row, instances, moves + 1);
        const isTold = await lookAfterNotices(ports, row.id, instances);
        if (isTold && isQuiet(ports, row)) quiet.push(row);
      });
    await attempt('the lanes', () => lookAfterLanes(ports, open, instances));
    await attempt('the notices that no rollout has', async () => {
      await lookAfterNotices(ports, noticesPartition, instances);
    });
    const isAllTold = hasMoved && unwatched.length === 0;
    const unwatchedBefore = unwatched.length;
    await attempt('telemetry', () => reportTelemetry(ports, open, log));
    // What could not be handed over is to be found again.
    const heldMs = unwatched.length === unwatchedBefore ? 0 : waitedForMs;
    for (const row of quiet) if (agoMs(ports, row.lastWriteAt) > heldMs) await attempt(`rollout ${row.id}`, () => letGo(ports, row));
    await writeWatchdog(ports, {
      v: 1,
      since,
      lastAt: isoNow(ports.clock),
      ...(isAllTold ? { publicUrl: ports.publicUrl, moves: moves + 1 } : { publicUrl, moves }),
    });
    return unwatched;
  };
}

async function readWatchdog(ports: Needs): Promise<WatchdogRow> {
  const at = isoNow(ports.clock);
  const found = (await ports.rows.read<WatchdogRow>(watchdogPartition, watchdogKey))?.value;
  if (!found) return { v: 1, since: at, lastAt: at, publicUrl: ports.publicUrl, moves: 0 };
  return ports.clock.now() - Date.parse(found.lastAt) > breakMs ? { ...found, since: at } : found;
}

const dayOf = (at: string): string => at.slice(0, 10);

const agoMs = ({ clock }: Pick<Ports, 'clock'>, at: string): number => clock.now() - Date.parse(at);

const isQuiet = (ports: Needs, row: RolloutRow): row is EndedRollout =>
  hasEnded(row) && row.phase === 'done' && agoMs(ports, row.lastWriteAt) > quietForMs;

/** Of two that look at once either may have the last word: both say the same. */
async function writeWatchdog({ rows }: Needs, value: WatchdogRow): Promise<void> {
  const found = await rows.read(watchdogPartition, watchdogKey);
  const place = { partition: watchdogPartition, row: watchdogKey, value };
  await rows.write([found ? { kind: 'replace', ...place, etag: found.etag } : { kind: 'insert', ...place }]);
}

/** Slipway is reached at another address now: the links in mails that wait for an answer lead nowhere, so they are sent again. */
async function askAgain(ports: Needs, row: RolloutRow, instances: Instances, move: number): Promise<void> {
  if (row.phase === 'asking' && row.ask?.state === 'open' && !row.ending)
    await createTellPeople(ports)({ rolloutId: row.id, moment: 'waiting', number: firstMoveNumber + move }, { instances });
}

/** Apart from the numbers of mails that were locked, and from asks that were opened again. */
const firstMoveNumber = 1000;

async function lookAfter(row: RolloutRow, instances: Instances, nowMs: number, watchedSinceMs: number): Promise<void> {
  const verdict = judgeStory(row, await instances.status(row.id), nowMs, watchedSinceMs);
  switch (verdict.kind) {
    case 'leave':
      return;
    case 'wake':
      return instances.wake(row.id, row.round);
    case 'start':
      return instances.start('rollout', row.id, { rolloutId: row.id });
    case 'end':
      return instances.start('endRollout', `end-${row.id}`, { rolloutId: row.id, why: verdict.why });
  }
}

/**
 * A rollout that has told its end holds no lane and waits in no queue: an old run of an activity may have put it back there. And nobody waits at a lane that
 * is free.
 */
async function lookAfterLanes(ports: Needs, open: readonly RolloutRow[], instances: Instances): Promise<void> {
  // Who holds or waits is open, also where slipway.yaml has dropped the place.
  const places = new Map([...placesOf(ports.settings), ...open].map((place) => [lanePartition(place.app, place.environment), place]));
  for (const place of places.values()) {
    const lane = await readLane(ports, place);
    const inLane = [...(lane.state === 'held' && lane.holder !== null ? [lane.holder] : []), ...lane.queue.map((one) => one.rolloutId)];
    for (const rolloutId of inLane) {
      const row = (await ports.rows.read<RolloutRow>(rolloutId, rolloutKey))?.value;
      const next = row?.ending && row.phase === 'done' ? await giveUpLane(ports, row) : undefined;
      if (next) await wakeRollout(ports.rows, instances, next);
    }
    // Whoever gave it up woke the first in its queue, or was cut off before that.
    const [first] = lane.queue;
    if (lane.state === 'free' && first) await wakeRollout(ports.rows, instances, first.rolloutId);
  }
}

/** Whether each was sent, given up, or waited for too long. */
async function lookAfterNotices(ports: Pick<Ports, 'rows' | 'clock'>, rolloutId: string, instances: Instances): Promise<boolean> {
  const notices = (await ports.rows.list<NoticeRow>(rolloutId, 'notice-')).map(({ value }) => value);
  const waiting = notices.filter(({ state, model }) => state === 'to-send' && agoMs(ports, model.at) <= waitedForMs);
  for (const notice of waiting) if (agoMs(ports, notice.model.at) > deliveryGraceMs) await startDelivery(instances, rolloutId, notice);
  return waiting.length === 0;
}
