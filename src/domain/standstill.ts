import { standstillsOf, type Standstill } from './calendar';
import type { GatePolicy, Policy } from './settings';
import type { RolloutRow } from './rollout';
import { standstillOf, type StoppedApp } from './stop';

/** What of a rollout says which rules bind it. */
export type Bound = Pick<RolloutRow, 'kind' | 'hotfix' | 'override'>;

/**
 * Why no swap of this rollout may be now: whatever any of the policies forbids, the frozen one or today's. A revert is bound by none of it.
 * An override passes windows and freezes, never a stopped line; a hotfix passes what each policy lets it.
 */
export function standstillsFor(
  rollout: Bound,
  policies: readonly Pick<Policy, 'calendar' | 'hotfix'>[],
  stops: readonly StoppedApp[],
  nowMs: number,
): Standstill[] {
  if (rollout.kind === 'revert') return [];
  const found = policies.flatMap((policy) =>
    [...stops.map(standstillOf), ...standstillsOf(policy.calendar, nowMs)].filter(({ kind }) => !passedBy(rollout, policy).includes(kind)),
  );
  return [...new Map(found.map((one) => [one.sentence, one])).values()];
}

/** The stops that hold this rollout. */
export const stopsFor = (
  rollout: Bound,
  policies: readonly Pick<Policy, 'hotfix'>[],
  stops: readonly StoppedApp[],
): readonly StoppedApp[] =>
  rollout.kind === 'deploy' && policies.some((policy) => !passedBy(rollout, policy).includes('stop')) ? stops : [];

function passedBy({ hotfix, override }: Bound, policy: Pick<Policy, 'hotfix'>): Standstill['kind'][] {
  return [
    ...(hotfix === undefined ? [] : (policy.hotfix?.passes ?? [])),
    ...(override === undefined ? [] : (['window', 'freeze'] as const)),
  ];
}

/** When to look again at the latest: as soon as one of the reasons is over by itself. */
export function nextChangeMs(standstills: readonly Standstill[]): number {
  return Math.min(...standstills.map(({ untilMs }) => untilMs ?? Infinity));
}

/** The gates that bind a rollout: a revert's and a hotfix's may be their own. */
export function gatesFor(policy: Policy, { kind, hotfix }: Pick<RolloutRow, 'kind' | 'hotfix'>): GatePolicy[] {
  if (kind === 'revert') return policy.revert.gates;
  return hotfix === undefined ? policy.gates : (policy.hotfix?.gates ?? policy.gates);
}

/** Longer than any calendar keeps a release waiting that will ever let it go. */
const mostChanges = 100;

/** From when on a swap may be, as the calendar stands; undefined where a stopped line keeps it, or no end is to be seen. */
export function freeFrom(
  rollout: Bound,
  policies: readonly Pick<Policy, 'calendar' | 'hotfix'>[],
  stops: readonly StoppedApp[],
  nowMs: number,
): number | undefined {
  let atMs = nowMs;
  for (let changes = 0; changes < mostChanges; changes += 1) {
    const standstills = standstillsFor(rollout, policies, stops, atMs);
    if (standstills.length === 0) return atMs;
    // One reason may give way to another: the end of a freeze lies outside of any window.
    atMs = Math.max(...standstills.map(({ untilMs }) => untilMs ?? Infinity));
    if (atMs === Infinity) return undefined;
  }
  return undefined;
}
