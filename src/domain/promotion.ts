import type { Problem } from './problem';
import { shortDigest } from './release';
import type { EndedRow } from './ended-row';
import { sayDuration, sayTime } from './say';

/** What must have come before: the same package in another environment. */
export interface Requirement {
  environment: string;
  /** Not longer ago. */
  withinSeconds: number;
}

/** One rollout that left this very package in an environment. */
export interface Deployed {
  rolloutId: string;
  environment: string;
  at: string;
}

/** Whether a rollout left a package of this digest in its environment. */
export const hasDeployed = ({ kind, outcome, sha256 }: EndedRow, wanted: string): boolean =>
  kind === 'deploy' && outcome === 'deployed' && sha256 === wanted;

/** Why a package may not go on yet; undefined where it may. */
export function missingBefore(
  { environment, withinSeconds }: Requirement,
  sha256: string,
  deployed: readonly Deployed[],
  nowMs: number,
): Problem | undefined {
  const there = deployed.filter((one) => one.environment === environment).map(({ at }) => at);
  const latest = there.sort().at(-1);
  if (latest !== undefined && nowMs - Date.parse(latest) <= withinSeconds * 1000) return undefined;
  const what = `the package ${shortDigest(sha256)}`;
  return {
    code: latest === undefined ? 'not-deployed-before' : 'deployed-too-long-ago',
    sentence:
      latest === undefined
        ? `Policy wants ${what} to have been deployed in ${environment} first, and it was not.`
        : `Policy wants ${what} to have been deployed in ${environment} within ${sayDuration(withinSeconds * 1000)}, and it was so last at ${sayTime(latest)}.`,
    next: `Roll it out to ${environment}, then promote it from there.`,
  };
}
