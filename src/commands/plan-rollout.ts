import { readInstant, sayWall, type Standstill } from '../domain/calendar';
import { planRollout, refusedForWantOfWay, type LiveReading, type Plan } from '../domain/plan';
import { problem, type InputProblem } from '../domain/problems';
import { judgePreflight, namesOf } from '../domain/preflight';
import type { Problem } from '../domain/problem';
import type { Requester, RolloutRow } from '../domain/rollout';
import { environmentOf, placeNames, type Policy, type Target } from '../domain/settings';
import { freeFrom } from '../domain/standstill';
import type { StoppedApp } from '../domain/stop';
import { foreseeTurn } from '../domain/turn';
import { chooseWay, type Hosting, type WayChoice } from '../domain/way';
import { readLane } from '../azure/lane-rows';
import type { Ports } from '../azure/ports';
import { deployedBefore, openRollouts } from '../azure/rollout-index';
import { stopsOf } from '../azure/stop-rows';
import { versionNamedBy } from '../activities/read-live';
import { problemOfTarget } from './examine';

/** What a release is called that has no version yet. */
export const nextRelease = 'the next release';

/** What would be asked for; of a release that is not built yet, nothing but its version is known. */
export interface Asking {
  app: string;
  environment: string;
  version: string;
  sha256?: string | undefined;
  hotfix?: string | undefined;
  /** ISO time with an offset, or what clocks show in the policy's zone; absent: now. */
  at?: string | undefined;
  requester: Requester;
}

export interface Foreseen {
  kind: 'foreseen';
  app: string;
  environment: string;
  version: string;
  /** The instant that was asked about, and what clocks show then in the policy's zone. */
  at: string;
  zone: string;
  clock: string;
  /** How the release reaches the slot, and why so. */
  way: Pick<WayChoice, 'kind' | 'why'>;
  plan: Plan;
  /** What the function app, its slot and the lane say against it just now. */
  problems: Problem[];
  warnings: string[];
  /** The rollout that brings this very package there already, and that a start would join. */
  joins?: { id: string; sentence: string };
  /** Absent where its turn would be at once, or never: that is among the problems. And at another time, of which nobody can tell. */
  turn?: { behind: string[]; sentence: string };
  /** Why no swap could be at that time. */
  standstills: Standstill[];
  /** When the calendar lets it swap; absent where a stopped line keeps it, or no end of its reasons is to be seen. */
  maySwapAt?: string;
  /** When an ask expires that is opened then. */
  expiresAt: string;
  /** The calendar does not open before. */
  wouldExpire: boolean;
}

export type PlanAnswer = Foreseen | { kind: 'refused'; problem: InputProblem };

type Needs = Pick<Ports, 'settings' | 'rows' | 'clock' | 'appControl' | 'packages'>;

/** What a rollout would do if it were asked for now, or at another time, and why. Changes nothing. */
export function createPlanRollout(ports: Needs): (asking: Asking) => Promise<PlanAnswer> {
  return async (asking) => {
    const { app, environment, version } = asking;
    const place = environmentOf(ports.settings, app, environment);
    if (!place) return { kind: 'refused', problem: problem('unknown-target', app, environment, placeNames(ports.settings)) };
    const { policy } = place;
    const { zone } = policy.calendar;
    const atMs = asking.at === undefined ? ports.clock.now() : readInstant(asking.at, zone);
    if (atMs === undefined)
      return {
        kind: 'refused',
        problem: problem('invalid-request', [
          { pointer: '/at', detail: 'must be a time such as 2026-12-24T17:00 or 2026-12-24T16:00:00Z' },
        ]),
      };
    const at = new Date(atMs).toISOString();
    const looked = await lookAt(ports, asking, place, at);
    if (looked.kind === 'refused') return looked;
    const { way, plan, stops, warnings } = looked;
    const lane = await lookAtLane(ports, asking, policy);
    const problems = [...lane.problems, ...looked.problems];
    const standstills = plan.kind === 'go' ? plan.standstills : [];
    const maySwapAtMs = plan.kind === 'go' ? freeFrom({ kind: 'deploy', ...hotfixOf(asking) }, [policy], stops, atMs) : undefined;
    const expiresAtMs = atMs + policy.expiry * 1000;
    return {
      kind: 'foreseen',
      ...{ app, environment, version, plan, problems, warnings, standstills, zone, at },
      way: { kind: way.kind, why: way.why },
      clock: sayWall(zone, atMs),
      ...lane.told,
      ...(maySwapAtMs === undefined ? {} : { maySwapAt: new Date(maySwapAtMs).toISOString() }),
      expiresAt: new Date(expiresAtMs).toISOString(),
      wouldExpire: plan.kind === 'go' && (maySwapAtMs === undefined || maySwapAtMs >= expiresAtMs),
    };
  };
}

const requestOf = ({ app, environment, version, sha256, hotfix, requester }: Asking) => ({
  ...{ rolloutId: '', app, environment, kind: 'deploy' as const, askers: { requester } },
  release: { version, sha256: sha256 ?? '', functions: [], settingNames: [] },
  ...hotfixOf({ hotfix }),
});

const hotfixOf = ({ hotfix }: Pick<Asking, 'hotfix'>): { hotfix?: string } => (hotfix === undefined ? {} : { hotfix });

/** Who has the lane now says nothing of another time, unless a person has to look first. A release that is on its way there takes no turn of its own. */
async function lookAtLane(
  ports: Needs,
  asking: Asking,
  policy: Policy,
): Promise<{ problems: Problem[]; told: Pick<Foreseen, 'turn' | 'joins'> }> {
  const turn = foreseeTurn(asking, await readLane(ports, asking), policy);
  const problems = turn.kind === 'blocked' ? [turn.problem] : [];
  if (asking.at !== undefined) return { problems, told: {} };
  const joined = await onItsWay(ports, asking);
  if (joined !== undefined)
    return { problems, told: { joins: { id: joined, sentence: `It is on its way already as ${joined}: a start joins it.` } } };
  if (turn.kind === 'refused') return { problems: [turn.problem], told: {} };
  return { problems, told: turn.kind === 'waits' ? { turn: { behind: turn.behind, sentence: turn.sentence } } : {} };
}

/** The rollout there that brings this very package. Functions and settings of a release are not known here; its version is where one was named. */
async function onItsWay(ports: Needs, { app, environment, version, sha256 }: Asking): Promise<string | undefined> {
  if (sha256 === undefined) return undefined;
  const isMeant = ({ release }: RolloutRow): boolean =>
    release.sha256 === sha256 && (version === nextRelease || release.version === version);
  const open = (await openRollouts(ports)).filter((row) => row.app === app && row.environment === environment && row.kind === 'deploy');
  return open.find((row) => !row.ending && isMeant(row))?.id;
}

/** All that is read of Azure for it: that something can't be read there is told to whoever asked. */
async function lookAt(ports: Needs, asking: Asking, place: { target: Target; policy: Policy }, at: string) {
  try {
    const planned = await makePlan(ports, asking, place, at);
    return { kind: 'read' as const, ...planned, ...judgePreflight(await ports.appControl.readFacts(place.target), namesOf(place.target)) };
  } catch (error) {
    return { kind: 'refused' as const, problem: problemOfTarget(error) };
  }
}

/** What has no slot has no state of one to read. */
async function makePlan(
  ports: Needs,
  asking: Asking,
  place: { target: Target; policy: Policy },
  at: string,
): Promise<{ way: WayChoice; plan: Plan; stops: StoppedApp[] }> {
  const hosting = await ports.appControl.readHosting(place.target);
  const way = chooseWay(hosting, asking.app);
  if (way.kind === 'none') return { way, plan: refusedForWantOfWay(way), stops: [] };
  const live = await readLive(ports, asking, place, hosting);
  return { way, plan: planRollout(requestOf(asking), live, place.policy, at), stops: live.stops };
}

async function readLive(
  ports: Needs,
  { app, sha256 }: Asking,
  { target, policy }: { target: Target; policy: Policy },
  hosting: Hosting,
): Promise<LiveReading> {
  const slots = await ports.appControl.readSlots(target);
  return {
    hosting,
    slots,
    liveVersion: await versionNamedBy(ports, slots.production.marker),
    // A release is asked about by its digest alone; settings that it would bring are not known here.
    sameSettings: true,
    packageKept: sha256 !== undefined && (await ports.packages.has(sha256)),
    deployed: sha256 === undefined ? [] : await deployedBefore(ports, policy.requires, { app, sha256 }),
    stops: await stopsOf(ports, app),
  };
}
