import { sayBetween } from '../../src/domain/say';
import type { Outcome } from '../../src/domain/rollout';
import type { RolloutView } from '../../src/domain/rollout-view';
import { rehearsalFaults, type RehearsalFault } from './rehearsal-faults';
import type { Rehearsed } from './rehearse-rollout';

export const usage =
  'slipway rehearse [app] --package FILE [--to ENVIRONMENT] [--config slipway.yaml] [--version VERSION] [--before FILE] [--fault NAME] [--json]';

export const describe = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Undefined where none is asked for. Throws a sentence that names those there are. */
export function faultNamed(name: string | undefined): (RehearsalFault & { asked: string }) | undefined {
  if (name === undefined) return undefined;
  const found = Object.hasOwn(rehearsalFaults, name) ? rehearsalFaults[name] : undefined;
  if (found) return { ...found, asked: name };
  const known = Object.entries(rehearsalFaults).map(([each, { says }]) => `  ${each.padEnd(30)} ${says}`);
  throw new Error(`There is no fault "${name}" to rehearse. There are:\n${known.join('\n')}`);
}

/** What is left to do after a rollout in Azure is not what is left to do here. `wanted`: how a fault that was asked for must end it. */
export function endedHere<View extends Pick<RolloutView, 'ending'>>(view: View, wanted: Outcome | undefined): View {
  if (view.ending === undefined) return view;
  const { outcome } = view.ending;
  const next =
    outcome === 'deployed' || outcome === 'unchanged'
      ? 'Nothing is left to do: the local Azure ends with the rehearsal.'
      : outcome === wanted
        ? 'Nothing is left to do: the fault was asked for.'
        : 'Mend the release or slipway.yaml, whichever stood in the way, and rehearse again; nothing of yours in Azure was touched.';
  return { ...view, ending: { ...view.ending, next } };
}

/** The last lines: what production answers, and whether the rollout ended as it should. */
export function tellEnding({ outcome, fault, production, asItShould, startedAt, endedAt }: Rehearsed): string[] {
  const { path, before, after } = production;
  return [
    '',
    `Production at ${path} answered before: ${before}`,
    `                    and answers now: ${after}`,
    '',
    ...(fault === undefined
      ? [`Rehearsed in ${sayBetween(startedAt, endedAt)}: ${outcome}.`]
      : [
          `The fault ${fault.asked} ${fault.struck ? 'struck' : 'did not strike'}: ${fault.says}`,
          `A rollout that meets it must end ${fault.outcome}; this one ended ${outcome} after ${sayBetween(startedAt, endedAt)}.`,
        ]),
    asItShould
      ? 'So it would go in Azure, as far as a rehearsal can tell.'
      : 'That is not how it should end: read above what was in the way.',
  ];
}
