import { isoNow } from '../azure/clock';
import type { Outgoing } from '../azure/outgoing';
import type { Ports } from '../azure/ports';
import { probe } from '../azure/probe';
import { changeRollout, placeOf, readRollout } from '../azure/rollout-rows';
import { judgeProbe } from '../domain/judge-probe';
import type { GoPlan } from '../domain/plan';
import type { Release } from '../domain/release';
import type { RolloutRow } from '../domain/rollout';
import type { Target } from '../domain/settings';
import type { Check, CheckResult, Verdict } from '../domain/verdict';
import type { Activity } from './activity';

export interface TryResult {
  verdict: Verdict;
  seen: string;
  latencyMs?: number;
  status?: number;
}

export type CheckPorts = Pick<Ports, 'settings' | 'clock' | 'rows' | 'appControl' | 'outgoing'>;

/** Tries told apart in the row; beyond that the oldest are dropped, a row is no log. */
const mostTries = 40;

/** One try of one check on one slot. The story tries again within the check's budget; a rerun only adds a try to the row. */
export function createRunCheck(
  ports: CheckPorts,
): Activity<{ rolloutId: string; check: number; slot: 'staging' | 'production' }, { result: TryResult }> {
  return async ({ rolloutId, check: number, slot }) => {
    const { target, plan, row } = await readProving(ports, rolloutId);
    const check = plan.policy.checks[number];
    if (!check) throw new Error(`Rollout ${rolloutId} has ${plan.policy.checks.length} checks, none of them number ${number}.`);
    const at = isoNow(ports.clock);
    const base = ports.appControl.slotUrl(plan.live[slot].hostName);
    const result = await tryCheck(check, {
      outgoing: ports.outgoing,
      base,
      version: askedVersion(row.release),
      key: keyReader(ports, target, slot),
      timeoutMs: check.timeoutSeconds * 1000,
    });
    await changeRollout(ports, rolloutId, (now) => {
      if (now.ending) return undefined;
      const checks = plan.policy.checks.map((each, n): CheckResult => {
        const found = now.checks[n] ?? { name: each.name, verdict: 'inconclusive', seen: '', tries: [] };
        return n === number
          ? { ...found, verdict: result.verdict, seen: result.seen, tries: [...found.tries, { at, ...result }].slice(-mostTries) }
          : found;
      });
      return { ...now, checks };
    });
    return { result };
  };
}

/** What checks of a rollout need: its row, its plan, its target. Throws where there is none: the story does not ask so early. */
export async function readProving(ports: CheckPorts, rolloutId: string): Promise<{ row: RolloutRow; plan: GoPlan; target: Target }> {
  const row = await readRollout(ports, rolloutId);
  const { target } = placeOf(ports, row);
  if (row.plan?.kind !== 'go') throw new Error(`Rollout ${rolloutId} has no plan that goes ahead, so there is nothing to check.`);
  return { row, plan: row.plan, target };
}

/** What checks compare with; null where nobody knows the version of what a revert brings back. */
export const askedVersion = ({ unnamed, version }: Release): string | null => (unnamed ? null : version);

/** Reads a slot's function key when first wanted and keeps it for this activity alone. */
export function keyReader(ports: CheckPorts, target: Target, slot: 'staging' | 'production'): () => Promise<string | undefined> {
  let key: Promise<string | undefined> | undefined;
  return () => (key ??= ports.appControl.functionKey(target, slot));
}

/** Where and how a check is tried. */
export interface Trying {
  outgoing: Outgoing;
  base: string;
  version: string | null;
  key: () => Promise<string | undefined>;
  timeoutMs: number;
}

export async function tryCheck(check: Check, { outgoing, base, version, key, timeoutMs }: Trying): Promise<TryResult> {
  const headers = { ...check.headers };
  if (check.functionKey) {
    try {
      const found = await key();
      if (found === undefined) return { verdict: 'inconclusive', seen: 'the slot has no default function key to send' };
      headers['x-functions-key'] = found;
    } catch (error) {
      // Key lists fail while a host restarts.
      return { verdict: 'inconclusive', seen: error instanceof Error ? error.message : 'the function key could not be read' };
    }
  }
  const seen = await probe(outgoing, base + check.path, { method: check.method, headers, body: check.body }, timeoutMs);
  const judged = judgeProbe(check, seen, version);
  return seen.kind === 'answer' ? { ...judged, status: seen.status, latencyMs: Math.round(seen.latencyMs) } : judged;
}
