import { randomUUID } from 'node:crypto';
import type { FaultBoard } from '../faults';
import type { Pace } from '../pace';
import type { Schedule } from '../schedule';
import { placeOf, production, settingsAfterSwap, type Sites, type Slot } from '../sites';
import type { Slots } from '../slots/slots';
import type { Store } from '../store';
import type { SwapReceipt } from '../types';
import { webError, type WebError } from './errors';

/** One swap. Its row says what comes next and when, so that a new process goes on where a killed one was. */
export interface SwapOperation {
  id: string;
  site: string;
  source: string;
  target: string;
  by: SwapReceipt['by'];
  next: 'begin' | 'apply' | 'warm-up' | 'route' | 'finish' | 'nothing';
  dueMs: number;
  createdMs: number;
  pings: number;
  phases: { name: string; atMs: number }[];
  outcome: SwapReceipt['outcome'];
  error: WebError | null;
}

export interface Swaps {
  /** At once, or after a while, unless another one is running then: Azure works on one at a time. */
  begin(site: string, source: string, target: string, by: SwapReceipt['by'], afterMs?: number): SwapOperation;
  /** Begun and done at once. */
  apply(site: string, source: string, target: string, by: SwapReceipt['by']): void;
  get(id: string): SwapOperation | undefined;
  running(site: string): SwapOperation | undefined;
  all(): SwapOperation[];
  ended(id: string): Promise<SwapOperation>;
  resume(): void;
}

export interface SwapParts {
  store: Store;
  sites: Sites;
  slots: Slots;
  schedule: Schedule;
  faults: FaultBoard;
  pace: Pace;
  /** One request to a slot, as the platform's warm-up sends it: the status, or null where nothing answers. */
  ping(site: string, slot: string, path: string): Promise<number | null>;
}

const pingsAllowed = 5;

export function openSwaps(parts: SwapParts): Swaps {
  const { store, schedule, pace } = parts;
  const rows = store.collection<SwapOperation>('swap');
  const waiters = new Map<string, ((operation: SwapOperation) => void)[]>();

  const plan = (operation: SwapOperation): void => {
    rows.put(operation.id, operation);
    if (operation.next !== 'nothing') {
      schedule.at(operation.dueMs, () => step(operation.id));
      return;
    }
    for (const waiter of waiters.get(operation.id) ?? []) waiter(operation);
    waiters.delete(operation.id);
  };
  const later = (operation: SwapOperation, next: SwapOperation['next'], afterMs: number, phase?: string): void => {
    const phases = phase === undefined ? operation.phases : [...operation.phases, { name: phase, atMs: schedule.now() }];
    plan({ ...operation, next, dueMs: schedule.now() + afterMs, phases });
  };
  const end = (operation: SwapOperation, phase: string, outcome: 'applied' | 'failed', error: WebError | null): void => {
    plan({ ...operation, next: 'nothing', outcome, error, phases: [...operation.phases, { name: phase, atMs: schedule.now() }] });
  };

  const begun = (): SwapOperation[] => rows.all().filter(({ next }) => next !== 'begin');

  const step = async (id: string): Promise<void> => {
    const operation = rows.get(id);
    const ends = operation && endsOf(parts.sites, operation);
    if (!operation || !ends) return;
    switch (operation.next) {
      case 'begin':
        if (self.running(operation.site)) return rows.remove(id);
        return plan({
          ...operation,
          next: 'apply',
          dueMs: schedule.now() + pace.swapApplyMs,
          createdMs: schedule.now(),
          phases: [{ name: 'begun', atMs: schedule.now() }],
        });
      case 'apply':
        await applySettings(parts, ends);
        return later(operation, 'warm-up', pace.swapWarmUpMs, 'settings applied to the source, which restarts');
      case 'warm-up': {
        const answer = await warmUp(parts, operation, ends);
        if (answer.kind === 'warm') return later(operation, 'route', pace.swapRouteMs, 'source warmed up');
        if (answer.kind === 'silent' && operation.pings + 1 < pingsAllowed) {
          return later({ ...operation, pings: operation.pings + 1 }, 'warm-up', pace.swapPingAgainMs);
        }
        await takeBack(parts, ends.source);
        return end(
          operation,
          'changes to the source taken back',
          'failed',
          answer.kind === 'failed' ? answer.error : webError.noPing(operation.site, operation.source),
        );
      }
      case 'route': {
        const switched = { ...operation, next: 'finish' as const, dueMs: schedule.now() + pace.swapFinishMs };
        switched.phases = [...operation.phases, { name: 'routing switched', atMs: schedule.now() }];
        store.together(() => {
          exchange(parts, operation, ends);
          rows.put(id, switched);
        });
        return plan(switched);
      }
      case 'finish':
        // What served the target until now has moved to the source slot; it restarts there with that slot's own settings.
        await parts.slots.restart(ends.source);
        // At once: a kill in between would note one swap with two times, or lose the one that undoes it.
        return store.together(() => {
          noteSwap(parts, operation, ends);
          end(operation, 'source restarted', 'applied', null);
          const reverts = operation.by !== 'itself' && parts.faults.strike('swap-reverts-itself', placeOf(ends.source));
          if (reverts) self.begin(operation.site, operation.source, operation.target, 'itself', reverts.afterMs);
        });
      case 'nothing':
        return;
    }
  };

  const self: Swaps = {
    begin(site, source, target, by, afterMs = 0) {
      const nowMs = schedule.now();
      const operation: SwapOperation = {
        id: randomUUID(),
        site,
        source,
        target,
        by,
        next: afterMs > 0 ? 'begin' : 'apply',
        dueMs: nowMs + (afterMs > 0 ? afterMs : pace.swapApplyMs),
        createdMs: nowMs,
        pings: 0,
        phases: afterMs > 0 ? [] : [{ name: 'begun', atMs: nowMs }],
        outcome: 'running',
        error: null,
      };
      plan(operation);
      return operation;
    },
    apply(site, source, target, by) {
      const nowMs = schedule.now();
      const phases = ['begun', 'routing switched'].map((name) => ({ name, atMs: nowMs }));
      const operation: SwapOperation = {
        ...{ id: randomUUID(), site, source, target, by, phases, next: 'nothing', dueMs: nowMs, createdMs: nowMs, pings: 0 },
        ...{ outcome: 'applied', error: null },
      };
      const ends = endsOf(parts.sites, operation);
      if (!ends) return;
      exchange(parts, operation, ends);
      noteSwap(parts, operation, ends);
      rows.put(operation.id, operation);
    },
    get: (id) => rows.get(id),
    running: (site) => begun().find((row) => row.outcome === 'running' && row.site.toLowerCase() === site.toLowerCase()),
    all: () => begun(),
    ended(id) {
      const operation = rows.get(id);
      if (operation && operation.outcome !== 'running') return Promise.resolve(operation);
      return new Promise((resolve) => waiters.set(id, [...(waiters.get(id) ?? []), resolve]));
    },
    resume() {
      for (const row of rows.all()) if (row.outcome === 'running') schedule.at(row.dueMs, () => step(row.id));
    },
  };
  return self;
}

interface Ends {
  source: Slot;
  target: Slot;
}

function endsOf(sites: Sites, operation: SwapOperation): Ends | undefined {
  const source = sites.slot(operation.site, operation.source);
  const target = sites.slot(operation.site, operation.target);
  return source && target ? { source, target } : undefined;
}

/** Runs the source's content with the settings it will have at the target; after a swap with preview it does so already. */
export async function applySettings(
  { sites, slots }: SwapParts,
  { source, target }: Ends,
  preview: Pick<Slot, 'targetSwapSlot'> = { targetSwapSlot: null },
): Promise<void> {
  const site = sites.find(source.site);
  if (!site || source.targetSwapSlot !== null) return;
  await slots.restart(sites.change(source, { preparedSettings: settingsAfterSwap(site, source, target), ...preview }));
}

export async function takeBack({ sites, slots }: SwapParts, source: Slot): Promise<void> {
  await slots.restart(sites.change(source, { preparedSettings: null, targetSwapSlot: null }));
}

type WarmUp = { kind: 'warm' } | { kind: 'silent' } | { kind: 'failed'; error: WebError };

async function warmUp(parts: SwapParts, operation: SwapOperation, { source }: Ends): Promise<WarmUp> {
  const { site, source: slot } = operation;
  if (parts.faults.strike('vm-allocation-400', placeOf(source))) return { kind: 'failed', error: webError.instancesChanged(site, slot) };
  if (parts.faults.strike('ping-fails-417', placeOf(source))) return { kind: 'failed', error: webError.noPing(site, slot) };
  if (source.state === 'Stopped') return { kind: 'failed', error: webError.noPing(site, slot) };
  const settings = source.preparedSettings ?? source.settings;
  const status = await parts.ping(site, slot, settings['WEBSITE_SWAP_WARMUP_PING_PATH'] || '/');
  if (status === null) return { kind: 'silent' };
  const accepted = (settings['WEBSITE_SWAP_WARMUP_PING_STATUSES'] ?? '')
    .split(',')
    .map((each) => each.trim())
    .filter(Boolean);
  // Without the setting any answer will do, a 500 or 503 of an app that does not start as well: so it is in Azure.
  return accepted.length === 0 || accepted.includes(String(status)) ? { kind: 'warm' } : { kind: 'silent' };
}

/** Content, its deployment records and the settings that travel change places, all at once. */
function exchange({ sites, schedule }: SwapParts, operation: SwapOperation, { source, target }: Ends): void {
  const site = sites.find(operation.site);
  if (!site) return;
  const moving = { preparedSettings: null, targetSwapSlot: null, lastModifiedMs: schedule.now() };
  const { volume, deploymentId } = source;
  const settings = { target: settingsAfterSwap(site, source, target), source: settingsAfterSwap(site, target, source) };
  sites.change(source, { ...moving, volume: target.volume, deploymentId: target.deploymentId, settings: settings.source });
  sites.change(target, { ...moving, volume, deploymentId, settings: settings.target });
}

function noteSwap({ sites, schedule }: SwapParts, operation: SwapOperation, { source, target }: Ends): void {
  // The real one writes production with a capital here, whatever the request said.
  const shown = (name: string): string => (name.toLowerCase() === production ? 'Production' : name);
  const slotSwapStatus = {
    timestampUtc: new Date(schedule.now()).toISOString(),
    sourceSlotName: shown(operation.source),
    destinationSlotName: shown(operation.target),
  };
  for (const slot of [source, target]) sites.change(slot, { slotSwapStatus, lastModifiedMs: schedule.now() });
}
