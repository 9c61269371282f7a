import { NotAllowed, TargetUnreadable } from '../azure/arm-sites';
import { readLane } from '../azure/lane-rows';
import type { Ports } from '../azure/ports';
import { stopsOf } from '../azure/stop-rows';
import { findAilments, type OwnFacts } from '../domain/ailments';
import type { Examined } from '../domain/examined';
import { notAllowed } from '../domain/not-allowed';
import { namesOf, type TargetFacts } from '../domain/preflight';
import { problem, type InputProblem } from '../domain/problems';
import { environmentOf, placeNames, type Policy, type Target } from '../domain/settings';
import { findStops } from '../domain/stop';
import { findTraps, type Finding } from '../domain/traps';
import { findTurn, foreseeTurn } from '../domain/turn';
import { chooseWay } from '../domain/way';
import { createLookAtDestinations } from './look-at-destinations';

export type Examination = { kind: 'examined'; examined: Examined } | { kind: 'refused'; problem: InputProblem };

/** What the host says of Slipway's own app. */
export type OwnSettings = Pick<OwnFacts, 'inAzure' | 'signInOn' | 'mailSender'>;

type Needed = Pick<
  Ports,
  'settings' | 'clock' | 'appControl' | 'packagePush' | 'rows' | 'publicUrl' | 'channels' | 'services' | 'outgoing'
>;

/** The preflight of a target, each right that reading takes, and Slipway itself. Nothing is written: rights to write show in a rollout. */
export function createExamine(ports: Needed): (place: { app: string; environment: string }, own: OwnSettings) => Promise<Examination> {
  const lookAtDestinations = createLookAtDestinations(ports);
  return async (place, own) => {
    const { app, environment } = place;
    const found = environmentOf(ports.settings, app, environment);
    if (!found) return { kind: 'refused', problem: problem('unknown-target', app, environment, placeNames(ports.settings)) };
    const { target, policy } = found;
    const { facts, findings } = await examineTarget(ports, target);
    const clockAheadMs = await ports.appControl.clockAheadMs(target).catch(() => undefined);
    const { settings, publicUrl } = ports;
    const ailments = [
      ...(await lookAtLane(ports, place, policy)),
      ...findAilments({ ...own, publicUrl, clockAheadMs, settings, policy }),
      ...(await lookAtDestinations(policy)),
    ];
    const all = [
      ...findings.map((each) => ({ ...each, about: 'target' as const })),
      ...ailments.map((each) => ({ ...each, about: 'slipway' as const })),
    ];
    const ok = all.every(({ weight }) => weight !== 'stops');
    const way = facts && ok ? chooseWay(facts, target.functionApp).kind : 'none';
    return { kind: 'examined', examined: { app, environment, ok, way: way === 'none' ? null : way, findings: all } };
  };
}

/** Traps of a target as far as Slipway's identity may look, and what it may not look at. */
export async function examineTarget(
  { appControl, packagePush }: Pick<Ports, 'appControl' | 'packagePush'>,
  target: Target,
): Promise<{ facts: TargetFacts | undefined; findings: Finding[] }> {
  const read = await orFinding(() => appControl.readFacts(target));
  const facts = read.kind === 'read' ? read.value : undefined;
  const findings = facts ? findTraps(facts, namesOf(target)) : read.kind === 'finding' ? [read.finding] : [];
  const way = facts && chooseWay(facts, target.functionApp).kind;
  const slots = facts?.slotExists && way !== 'none' ? (['production', 'staging'] as const) : (['production'] as const);
  for (const slot of slots) {
    const key = await orFinding(() => appControl.functionKey(target, slot));
    // A host that does not answer has a finding of its own already, or starts just now.
    if (key.kind === 'finding' && key.finding.code === 'azure-not-allowed') findings.push(key.finding);
    // By URL nothing is pushed, and there is no SCM site to be turned away from.
    const refusal = way === 'package-url' ? undefined : await packagePush.refusalOf(target, slot).catch(() => undefined);
    if (refusal) findings.push(stopping(notAllowed(refusal)));
  }
  return { facts, findings: findings.filter((each, n) => findings.findIndex(({ sentence }) => sentence === each.sentence) === n) };
}

/** What is told where a target can't be read; anything else that failed is a fault of Slipway's own, and thrown on. */
export function problemOfTarget(error: unknown): InputProblem {
  if (error instanceof NotAllowed) return problem('azure-not-allowed', error.refusal);
  if (error instanceof TargetUnreadable) return problem('target-unreadable', error.message);
  throw error;
}

type Read<T> = { kind: 'read'; value: T } | { kind: 'finding'; finding: Finding };

async function orFinding<T>(read: () => Promise<T>): Promise<Read<T>> {
  try {
    return { kind: 'read', value: await read() };
  } catch (error) {
    if (error instanceof NotAllowed) return { kind: 'finding', finding: stopping(notAllowed(error.refusal)) };
    const sentence = error instanceof Error ? error.message : 'The target could not be read.';
    return {
      kind: 'finding',
      finding: stopping({ code: 'target-unreadable', sentence, next: 'Mend what it names, then examine it again.' }),
    };
  }
}

const stopping = (told: Pick<Finding, 'code' | 'sentence' | 'next'>): Finding => ({
  ...told,
  weight: 'stops',
  why: 'A rollout reads this before it touches anything, and ends there if it can’t.',
});

/** Who is on the way there, whether the line is stopped, and whether Slipway can read its own rows at all. */
async function lookAtLane(
  ports: Pick<Ports, 'rows'>,
  place: { app: string; environment: string },
  policy: Pick<Policy, 'onNewer'>,
): Promise<Finding[]> {
  try {
    const turn = foreseeTurn(place, await readLane(ports, place), policy);
    return [...findTurn(turn), ...findStops(await stopsOf(ports, place.app))];
  } catch {
    return [
      stopping({
        code: 'rows-unreadable',
        sentence: 'Slipway’s own rows could not be read.',
        next: 'Look at the storage account that AzureWebJobsStorage names, and at the identity’s roles on it.',
      }),
    ];
  }
}
