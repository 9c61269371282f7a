import { createHmac } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { FaultBoard } from '../faults';
import type { Pace } from '../pace';
import type { Schedule } from '../schedule';
import { placeOf, type Sites, type Slot } from '../sites';
import { packageUrlOf, type FetchPackage } from './package-url';
import type { HostKeys, IndexedFunction, RunContent, RunningContent } from './running';

export type Serving =
  | { kind: 'empty' } // nothing was ever pushed: the platform's own page answers
  | { kind: 'stopped' }
  | { kind: 'starting' }
  | { kind: 'broken' } // the app does not start
  | { kind: 'running'; content: RunningContent };

export interface Slots {
  serving(slot: Slot): Serving;
  /** Stops what runs and starts the slot's content with its present settings; resolves when that runs, or can't. */
  restart(slot: Slot): Promise<void>;
  /** Undefined while the host can't say. */
  functions(slot: Slot): Promise<IndexedFunction[] | undefined>;
  keys(slot: Slot): Promise<HostKeys | undefined>;
  startAll(): Promise<void>;
  stop(): Promise<void>;
}

interface Seat {
  running: RunningContent | undefined;
  broken: boolean;
  readyAtMs: number;
  /** How often in a row it ended by itself soon after its start. */
  crashes: number;
  /** Restarts of one volume come one after the other. */
  last: Promise<void>;
}

export interface SlotsParts {
  sites: Sites;
  schedule: Schedule;
  faults: FaultBoard;
  pace: Pace;
  directory: string;
  run: RunContent;
  fetchPackage: FetchPackage;
  hostName(site: string, slot: string): string;
  keySecret: string;
  log(line: string): void;
}

/** An app that ended by itself is started again after a second, after two when that happens again, and so on up to half a minute. */
const shortestPauseMs = 1000;
const longestPauseMs = 30_000;
const steadyMs = 60_000;

/**
 * What runs is kept by *volume*, not by slot: a swap exchanges the volumes of two slots, and with that what their front doors find,
 * without a restart of what was warmed up.
 */
export function openSlots(parts: SlotsParts): Slots {
  const { sites, schedule, faults, pace } = parts;
  const seats = new Map<string, Seat>();
  let stopped = false;
  const seatOf = (volume: string): Seat => {
    const seat = seats.get(volume) ?? { running: undefined, broken: false, readyAtMs: 0, crashes: 0, last: Promise.resolve() };
    seats.set(volume, seat);
    return seat;
  };
  const ownKeys = (slot: Slot): HostKeys => slotKeys(parts.keySecret, slot);

  const crashed = (volume: string, seat: Seat): void => {
    seat.running = undefined;
    seat.broken = true;
    seat.crashes = schedule.now() - seat.readyAtMs > steadyMs ? 1 : seat.crashes + 1;
    const pauseMs = Math.min(longestPauseMs, shortestPauseMs * 2 ** (seat.crashes - 1));
    schedule.at(schedule.now() + pauseMs, () => (seat.broken && !seat.running ? again(volume, seat) : undefined));
  };

  const again = (volume: string, seat: Seat): Promise<void> => {
    seat.readyAtMs = Infinity;
    seat.last = seat.last.then(() => schedule.busy(() => start(volume, seat)));
    return seat.last;
  };

  const isEmpty = (slot: Slot): boolean => packageUrlOf(slot) === undefined && sites.volume(slot.volume).activeDeployment === null;

  /** Where the files are; undefined: there is a package, and it can't be mounted. */
  const contentOf = async (slot: Slot): Promise<string | undefined> => {
    const url = packageUrlOf(slot);
    if (url === undefined) {
      const { contentDirectory } = sites.volume(slot.volume);
      return contentDirectory === null ? undefined : path.join(parts.directory, contentDirectory);
    }
    try {
      return await parts.fetchPackage(slot, url, path.join(parts.directory, 'mounted', slot.volume));
    } catch (error) {
      parts.log(`${slot.site} (${slot.name}) can't fetch its package: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  };

  const start = async (volume: string, seat: Seat): Promise<void> => {
    const slot = sites.slotOfVolume(volume);
    seat.broken = false;
    await halt(seat);
    if (stopped || !slot || slot.state === 'Stopped' || isEmpty(slot)) return;
    const directory = await contentOf(slot);
    if (directory === undefined) {
      seat.broken = true;
      return;
    }
    const slow = faults.strike('slot-slow-start', placeOf(slot));
    seat.readyAtMs = schedule.now() + Math.max(pace.restartMs, slow ? (slow.afterMs ?? 3000) : 0);
    const stateDirectory = path.join(parts.directory, 'volumes', volume);
    mkdirSync(stateDirectory, { recursive: true });
    try {
      const running = await parts.run({
        site: slot.site,
        slot: slot.name,
        hostName: parts.hostName(slot.site, slot.name),
        directory,
        stateDirectory,
        settings: slot.preparedSettings ?? slot.settings,
        keys: ownKeys(slot),
      });
      seat.running = running;
      void running.ended.then(() => {
        if (seat.running !== running) return;
        parts.log(`${slot.site} (${slot.name}) ended by itself and is started again.`);
        crashed(volume, seat);
      });
    } catch (error) {
      seat.broken = true;
      parts.log(`${slot.site} (${slot.name}) does not start: ${error instanceof Error ? error.message : String(error)}`);
    }
  };

  const self: Slots = {
    serving(slot) {
      if (slot.state === 'Stopped') return { kind: 'stopped' };
      if (isEmpty(slot)) return { kind: 'empty' };
      const seat = seatOf(slot.volume);
      if (seat.running) return schedule.now() < seat.readyAtMs ? { kind: 'starting' } : { kind: 'running', content: seat.running };
      return seat.broken ? { kind: 'broken' } : { kind: 'starting' };
    },
    restart(slot) {
      const seat = seatOf(slot.volume);
      seat.crashes = 0;
      return again(slot.volume, seat);
    },
    async functions(slot) {
      const serving = self.serving(slot);
      if (faults.has('zero-functions', placeOf(slot)) || serving.kind === 'empty') return [];
      if (serving.kind === 'running') return serving.content.functions().catch(() => undefined);
      return serving.kind === 'broken' ? [] : undefined;
    },
    async keys(slot) {
      const serving = self.serving(slot);
      if (serving.kind === 'running') return serving.content.keys().catch(() => undefined);
      return serving.kind === 'starting' ? undefined : ownKeys(slot);
    },
    async startAll() {
      const all = sites.sites.all().flatMap((site) => sites.slotsOf(site.name));
      await Promise.all(all.map((slot) => self.restart(slot)));
    },
    async stop() {
      stopped = true;
      await Promise.all([...seats.values()].map((seat) => seat.last.then(() => halt(seat))));
    },
  };
  return self;
}

async function halt(seat: Seat): Promise<void> {
  const former = seat.running;
  // Forgotten first, so that its end is not taken for a crash.
  seat.running = undefined;
  await former?.stop();
}

/** Host keys lie under the host id, which a setting can name and a swap then leaves where it is; they are the same after a restart. */
function slotKeys(secret: string, slot: Slot): HostKeys {
  const hostId = (slot.preparedSettings ?? slot.settings)['AzureFunctionsWebHost__hostid'] ?? `${slot.site}/${slot.name}`;
  const key = (name: string): string => createHmac('sha256', secret).update(`${hostId}/${name}`).digest('base64url');
  return { masterKey: key('master'), functionKeys: { default: key('default') }, systemKeys: { durabletask_extension: key('durabletask') } };
}
