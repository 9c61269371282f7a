import { gateProblem, type Askers } from './gate';
import { canonical } from './canonical';
import { holdsTheSame, isKnown, provesContent, type SlotState, type Slots } from './live';
import { nextChangeMs, standstillsFor, gatesFor } from './standstill';
import { sayWall, type Standstill } from './calendar';
import type { StoppedApp } from './stop';
import { together } from './endings';
import { stillOurs, type Expected } from './judge-swap';
import type { Problem } from './problem';
import type { Override } from './rollout';
import { missingBefore, type Deployed } from './promotion';
import { rolloutOfMarker, shortDigest, type Release } from './release';
import type { GatePolicy, Policy } from './settings';
import { sha256Hex } from './tables';
import { chooseWay, type Hosting, type Way, type WayChoice } from './way';

export type Plan =
  | { kind: 'unchanged'; sentence: string }
  | { kind: 'refused'; problem: Problem }
  | {
      kind: 'go';
      /** How the release reaches staging. `already-there`: a revert whose release staging provably still holds. */
      way: Way | 'already-there';
      /** Production carries no marker: Slipway has not touched this app before. The ask says so. */
      adopts: boolean;
      /** What production holds now: what a swap back would bring again. The version is known where Slipway rolled it out. */
      replaces: { marker: string | null; version: string | null; says?: string };
      gates: GatePolicy[];
      combine: 'all' | 'any';
      policy: Policy;
      /** sha256 of the policy as it stood, in ask and ledger. */
      policyHash: string;
      /** Why no swap could be when the plan was made; looked at again directly before it. */
      standstills: Standstill[];
      /** Both slots as read when the plan was made. */
      live: Slots;
      sentence: string;
      madeAt: string;
    };

export type GoPlan = Extract<Plan, { kind: 'go' }>;

export interface PlanRequest {
  rolloutId: string;
  app: string;
  environment: string;
  kind: 'deploy' | 'revert';
  release: Release;
  askers: Askers;
  hotfix?: string;
  override?: Override;
  /** For a revert: the rollout whose effect is taken back, what it brought to production, and what production held before it. */
  reverts?: { rolloutId: string; version: string; brought: Expected | undefined; replaced: SlotState | undefined };
}

export interface LiveReading {
  /** Absent in histories of 0.1.0, which knew one way only. */
  hosting?: Hosting;
  slots: Slots;
  /** Version of the rollout that production's marker names, where its row is known. */
  liveVersion: string | null;
  /** What production says it is, where no marker tells. */
  liveSays?: string;
  /** The rollout that production's marker names brought the settings that this one brings. */
  sameSettings: boolean;
  /** The request's package lies among the kept ones. */
  packageKept: boolean;
  /** Where this very package was deployed of this app. */
  deployed: Deployed[];
  /** Stops that stand for this app. */
  stops: StoppedApp[];
}

/** Decides, from what was asked, what is live and what policy says, what a rollout will do. Story, `slipway plan` and tests all call this. */
export function planRollout(request: PlanRequest, live: LiveReading, policy: Policy, now: string): Plan {
  const way = live.hosting && chooseWay(live.hosting, request.app);
  if (way?.kind === 'none') return refusedForWantOfWay(way);
  const planned: Planned = { request, live, policy, now, way: way?.kind ?? 'zip-push' };
  return request.kind === 'revert' ? planRevert(planned) : planDeploy(planned);
}

/** Also where nothing else could be read: what has no slot has no state of one. */
export const refusedForWantOfWay = ({ code, sentence, why, next }: Extract<WayChoice, { kind: 'none' }>): Plan =>
  refused(code, `${sentence} ${why}`, next);

interface Planned {
  request: PlanRequest;
  live: LiveReading;
  policy: Policy;
  now: string;
  way: Way;
}

function planDeploy({ request, live, policy, now, way }: Planned): Plan {
  const { marker, content } = live.slots.production;
  const stagedBy = marker === null ? undefined : rolloutOfMarker(marker);
  const isLive =
    stagedBy !== undefined &&
    marker === `${stagedBy}.${shortDigest(request.release.sha256)}` &&
    provesContent(content, stagedBy, request.release.sha256) &&
    live.sameSettings;
  if (isLive)
    return {
      kind: 'unchanged',
      sentence: `Production of ${request.app} serves this package already: marker and content proof of ${stagedBy} say so.`,
    };
  const missing =
    policy.requires &&
    missingBefore(
      { environment: policy.requires.environment, withinSeconds: policy.requires.within },
      request.release.sha256,
      live.deployed,
      Date.parse(now),
    );
  if (missing) return { kind: 'refused', problem: missing };
  if (request.hotfix !== undefined && !policy.hotfix)
    return refused(
      'no-hotfix-lane',
      `It was asked for as a hotfix, and the policy of ${request.environment} has no lane for hotfixes.`,
      'Ask for it without hotfix, or write hotfix into the policy in slipway.yaml.',
    );
  return go(request, live, policy, now, way);
}

function planRevert({ request, live, policy, now, way }: Planned): Plan {
  const { reverts, release, app, environment } = request;
  if (!reverts?.brought || !reverts.replaced)
    return refused(
      'revert-unknown',
      `Nothing is known of what ${reverts?.rolloutId ?? 'the rollout to be taken back'} brought to ${environment}.`,
      'Start a rollout of the version you want instead.',
    );
  if (stillOurs(reverts.brought, live.slots.production) !== 'ours') {
    if (holdsTheSame(live.slots.production, reverts.replaced))
      return {
        kind: 'unchanged',
        sentence: `Production of ${app} holds what it held before ${reverts.rolloutId} already: that rollout was taken back.`,
      };
    return refused(
      'revert-overtaken',
      `Production of ${app} provably holds something else than what ${reverts.rolloutId} brought, or can't be read, so taking that rollout back would take back somebody else's change.`,
      'Roll back the rollout that is live now, or start a rollout of the version you want.',
    );
  }
  // Two slots without a deployment look alike, and neither proves anything.
  const isProven = isKnown(reverts.replaced.content) && holdsTheSame(live.slots.staging, reverts.replaced);
  if (isProven) return go(request, live, policy, now, 'already-there');
  if (release.sha256 !== '' && live.packageKept) return go(request, live, policy, now, way);
  return refused(
    'revert-not-kept',
    `What served before ${reverts.version} was never rolled out by Slipway, so no package of it is kept, and the staging slot holds something else by now: it can't be brought back.`,
    'Start a rollout of the version you want, with its package.',
  );
}

const refused = (code: string, sentence: string, next: string): Plan => ({ kind: 'refused', problem: { code, sentence, next } });

function go(request: PlanRequest, live: LiveReading, policy: Policy, now: string, way: GoPlan['way']): Plan {
  const gates = gatesFor(policy, request);
  const unanswerable = gates.flatMap((gate) => gateProblem(gate, request.askers) ?? []);
  if (unanswerable.length > 0) return { kind: 'refused', problem: together(unanswerable) };
  const { production } = live.slots;
  const adopts = production.marker === null;
  const asked =
    gates.length === 0
      ? 'no gate asks anybody'
      : `${gates.map((gate) => gate.name).join(policy.combine === 'all' ? ' and ' : ' or ')} must say yes`;
  const checks = policy.checks.length === 1 ? '1 check' : `${policy.checks.length} checks`;
  const standstills = standstillsFor(request, [policy], live.stops, Date.parse(now));
  const what = adopts ? `; production carries no marker, so Slipway takes it over now and knows only that something serves` : '';
  return {
    kind: 'go',
    way,
    adopts,
    replaces: {
      marker: production.marker,
      version: live.liveVersion,
      ...(live.liveSays === undefined ? {} : { says: live.liveSays }),
    },
    gates,
    combine: policy.combine,
    policy,
    policyHash: policyHash(policy),
    standstills,
    live: live.slots,
    sentence: `${request.release.version} to ${request.environment}: ${how[way]}, ${checks}, ${asked}, swap, watch for ${policy.watch.for} s${what}.${sayStandstills(standstills, policy.calendar.zone)}`,
    madeAt: now,
  };
}

const how: Record<GoPlan['way'], string> = {
  'zip-push': 'push the package to staging',
  'package-url': 'have staging fetch the package',
  'already-there': 'use what staging still holds',
};

/** What a swap would wait for, as it stands now. */
function sayStandstills(standstills: readonly Standstill[], zone: string): string {
  if (standstills.length === 0) return '';
  const untilMs = nextChangeMs(standstills);
  const look = untilMs === Infinity ? 'until somebody starts the line again' : `at least until ${sayWall(zone, untilMs)} (${zone})`;
  return ` No swap may be now, and it would wait ${look}: ${standstills.map(({ sentence }) => sentence).join(' ')}`;
}

/** Identifies a policy as it stood. */
export const policyHash = (policy: Policy): string => sha256Hex(canonical(policy));
