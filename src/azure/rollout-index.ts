/*
 * Finds rollouts without reading the whole table, which grows for years. A rollout is `open` from before its own rows are there until the
 * watchdog has seen that nothing is left to do for it; only then, and once it is among the ended ones, newest end first, it is let go.
 * Of what is open its own row is the truth; what is not can't change any more.
 */
import { endedRowOf, hasEnded, saysWhatServes, type EndedRollout, type EndedRow } from '../domain/ended-row';
import { figuresFrom } from '../domain/figures';
import { hasDeployed, type Deployed, type Requirement } from '../domain/promotion';
import type { Outcome, RolloutRow } from '../domain/rollout';
import { completeKey, endedKey, endedPartition, endedPrefix, lanePartition, openKey, openPartition, rolloutKey } from '../domain/tables';
import type { Place } from './ledger';
import type { Ports } from './ports';

type Needs = Pick<Ports, 'rows'>;

/** Before the rollout's rows are written: a row here without them harms nobody, the other way round nobody would look after it. */
export async function noteOpen({ rows }: Needs, rolloutId: string): Promise<void> {
  await rows.write([{ kind: 'insert', partition: openPartition, row: openKey(rolloutId), value: { v: 1, rolloutId } }]);
}

/** Every rollout that has not ended, and those that ended a little while ago. */
export const openRollouts = async (ports: Needs): Promise<RolloutRow[]> => readRollouts(ports, await openIds(ports));

/** One of them may have no row yet. */
export async function openIds({ rows }: Needs): Promise<string[]> {
  const list = () => rows.list<{ rolloutId: string }>(openPartition, '');
  let open = await list();
  if (!open.some(({ row }) => row === completeKey)) {
    // What an older Slipway left. Whoever is cut off in between leaves it to the next.
    await noteUnlisted({ rows });
    await rows.write([{ kind: 'insert', partition: openPartition, row: completeKey, value: { v: 1 } }]);
    open = await list();
  }
  return open.filter(({ row }) => row !== completeKey).map(({ value }) => value.rolloutId);
}

/** Reads the whole table: a rollout that neither list has (an older Slipway that still ran admitted it, somebody deleted rows) is open from now on. */
export async function noteUnlisted({ rows }: Needs): Promise<void> {
  const listed = new Set((await rows.list(openPartition, openKey(''))).map(({ row }) => row));
  for await (const { value } of rows.walk<EndedRow>(endedPartition, endedPrefix)) listed.add(openKey(value.id));
  for (const { partition } of await rows.everywhere(rolloutKey)) if (!listed.has(openKey(partition))) await noteOpen({ rows }, partition);
}

/** Nothing is left to do for it. Whoever is cut off in between does it again. */
export async function letGo({ rows }: Needs, row: EndedRollout): Promise<void> {
  const ended = { kind: 'insert', row: endedKey(row.id, row.ending.at), value: endedRowOf(row) } as const;
  for (const partition of [lanePartition(row.app, row.environment), endedPartition]) await rows.write([{ ...ended, partition }]);
  await rows.write([{ kind: 'delete', partition: openPartition, row: openKey(row.id) }]);
}

/** What ended, newest end first, read as far as it is taken: everywhere, or at one place. */
async function* endedRollouts({ rows }: Needs, open: readonly RolloutRow[], place?: Place): AsyncGenerator<EndedRow> {
  const isMeant = (row: Place): boolean => place === undefined || (row.app === place.app && row.environment === place.environment);
  const recent = open
    .filter(hasEnded)
    .filter(isMeant)
    .map(endedRowOf)
    .sort((a, b) => (a.at < b.at ? 1 : -1));
  const told = new Set(recent.map(({ id }) => id));
  const partition = place === undefined ? endedPartition : lanePartition(place.app, place.environment);
  for await (const { value } of rows.walk<EndedRow>(partition, endedPrefix)) {
    while (recent[0] !== undefined && recent[0].at >= value.at) yield recent.shift() as EndedRow;
    if (!told.has(value.id)) yield value;
  }
  yield* recent;
}

export interface Search {
  app?: string | undefined;
  environment?: string | undefined;
  outcome?: Outcome | 'running' | undefined;
  limit: number;
}

type Found = Pick<RolloutRow, 'id' | 'app' | 'environment' | 'admittedAt'>;

/** Whoever admits a rollout may have another clock than whoever ends it. */
const clocksApartMs = 5 * 60_000;

/** Admitted last comes first. */
export async function newestRollouts(ports: Needs, { app, environment, outcome, limit }: Search): Promise<RolloutRow[]> {
  const isMeant = (one: Found, ended: Outcome | 'running'): boolean =>
    (app ?? one.app) === one.app && (environment ?? one.environment) === one.environment && (outcome ?? ended) === ended;
  const open = await openRollouts(ports);
  const newest = (found: readonly Found[]): Found[] => [...found].sort(byAdmission).slice(0, limit);
  let found = newest(open.filter((row) => !row.ending && isMeant(row, 'running')));
  const isOpen = new Set(open.map(({ id }) => id));
  const place = app === undefined || environment === undefined ? undefined : { app, environment };
  for await (const row of endedRollouts(ports, open, place)) {
    // Whatever ended before the last of them was admitted was admitted before it too.
    const last = found.length < limit ? undefined : found.at(-1);
    if (outcome === 'running' || (last && Date.parse(row.at) < Date.parse(last.admittedAt) - clocksApartMs)) break;
    if (isMeant(row, row.outcome)) found = newest([...found, row]);
  }
  const rows = await readRollouts(
    ports,
    found.flatMap(({ id }) => (isOpen.has(id) ? [] : [id])),
  );
  const wanted = new Set(found.map(({ id }) => id));
  return [...open.filter(({ id }) => wanted.has(id)), ...rows].sort(byAdmission);
}

const byAdmission = (a: Found, b: Found): number =>
  a.admittedAt < b.admittedAt ? 1 : a.admittedAt > b.admittedAt ? -1 : a.id < b.id ? -1 : 1;

/** At one place: what has not ended, and what ended, back to what says what is served there. `open`: every open rollout. */
export async function rolloutsOfNow(ports: Needs, place: Place, open: readonly RolloutRow[]): Promise<RolloutRow[]> {
  const here = open.filter(({ app, environment }) => app === place.app && environment === place.environment);
  const known = new Set(here.map(({ id }) => id));
  const older: string[] = [];
  for await (const row of endedRollouts(ports, here, place)) {
    // One that found its release live already says nothing of it that is not known; the newest end is shown, whatever it was.
    if (!known.has(row.id) && (row.outcome !== 'unchanged' || older.length === 0)) older.push(row.id);
    if (saysWhatServes(row.outcome)) break;
  }
  return [...here, ...(await readRollouts(ports, older))];
}

/**
 * Of what ended `deployed` at one place, newest end first, all that may be live now: the last, and where that took another back, what had been live
 * before that one. Undefined where rows can't tell.
 */
export async function maybeLive(ports: Needs, place: Place): Promise<EndedRow[] | undefined> {
  const found: EndedRow[] = [];
  let takenBack: string | undefined;
  for await (const row of endedRollouts(ports, await openRollouts(ports), place)) {
    if (takenBack !== undefined) takenBack = row.id === takenBack ? undefined : takenBack;
    else if (row.outcome === 'needs-attention') return undefined;
    else if (row.outcome === 'deployed') {
      found.push(row);
      if (row.reverts === undefined) return found;
      takenBack = row.reverts;
    }
  }
  return takenBack === undefined ? found : undefined;
}

/** What ended in the last days. */
export async function endedInDays(ports: Needs, open: readonly RolloutRow[], nowMs: number, days: number): Promise<EndedRow[]> {
  const found: EndedRow[] = [];
  const from = figuresFrom(nowMs, days);
  for await (const row of endedRollouts(ports, open)) {
    if (row.at < from) break;
    found.push(row);
  }
  return found;
}

/** Where policy wants a package to have been before, and when it was there last. */
export async function deployedBefore(
  ports: Needs,
  requires: Pick<Requirement, 'environment'> | undefined,
  { app, sha256 }: { app: string; sha256: string },
): Promise<Deployed[]> {
  if (!requires) return [];
  const { environment } = requires;
  for await (const row of endedRollouts(ports, await openRollouts(ports), { app, environment }))
    if (hasDeployed(row, sha256)) return [{ rolloutId: row.id, environment, at: row.at }];
  return [];
}

/** So many reads at once. */
const atOnce = 25;

/** In their order; one whose row is not there yet, or was deleted, is left out. */
async function readRollouts({ rows }: Needs, ids: readonly string[]): Promise<RolloutRow[]> {
  const found: RolloutRow[] = [];
  for (let from = 0; from < ids.length; from += atOnce) {
    const read = ids.slice(from, from + atOnce).map((id) => rows.read<RolloutRow>(id, rolloutKey));
    for (const one of await Promise.all(read)) if (one) found.push(one.value);
  }
  return found;
}
