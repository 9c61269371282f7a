import { admittedRow, hashOf, type ReleaseSettingsRow } from '../domain/admission';
import { problem, type InputProblem } from '../domain/problems';
import { rolloutOfMarker, type Release } from '../domain/release';
import { isBeforeSwap, writeTime, type Ending, type Intent, type Requester, type RolloutRow } from '../domain/rollout';
import { rolloutIdOf } from '../domain/rollout-id';
import { environmentOf, placeNames } from '../domain/settings';
import { releaseSettingsKey, rolloutKey } from '../domain/tables';
import { isoNow } from '../azure/clock';
import type { Instances } from '../azure/instances';
import type { Ports } from '../azure/ports';
import { changeRow } from '../azure/rows';
import { admitNextAttempt, nextAttempt } from '../azure/admit-rollout';
import { maybeLive } from '../azure/rollout-index';
import type { Asked } from './cancel-rollout';
import { wakeRollout } from '../azure/wake-rollout';

type NeededPorts = Pick<Ports, 'rows' | 'clock' | 'settings'>;

export type RollBackRollout = (id: string, asking: { requester: Requester; reason: string }, instances: Instances) => Promise<Asked>;

/**
 * Takes back what a rollout did to production. While it swaps or watches, it is asked to undo itself (`id` is its own); after it ended
 * `deployed`, a rollout of kind `revert` is admitted (`id` is the new one's).
 */
export function createRollBackRollout(ports: NeededPorts): RollBackRollout {
  return async (id, { requester, reason }, instances) => {
    const intent: Intent = { kind: 'roll-back', by: requester.name, reason, at: isoNow(ports.clock) };
    const changed = await changeRow<RolloutRow>(ports.rows, id, rolloutKey, (row) =>
      row.ending || row.intent?.kind === 'roll-back' || refusal(row)
        ? undefined
        : // Whatever else was asked for came too late, or the swap would not have begun.
          { value: { ...row, intent, lastWriteAt: writeTime(row, ports.clock.now()) } },
    );
    if (changed.kind === 'missing') return { kind: 'refused', problem: problem('unknown-rollout', id) };
    const row = changed.value;
    if (row.ending) return revert(ports, { row, ending: row.ending, requester, reason }, instances);
    const refused = row.intent?.kind === 'roll-back' ? undefined : refusal(row);
    if (refused) return { kind: 'refused', problem: refused };
    await wakeRollout(ports.rows, instances, id);
    return { kind: 'accepted', id, already: changed.kind === 'left' };
  };
}

function refusal({ id, phase }: RolloutRow): InputProblem | undefined {
  if (isBeforeSwap(phase)) return problem('too-early', id, phase);
  return phase === 'swapping' || phase === 'watching' ? undefined : problem('closing-now', id, phase);
}

interface Reverting {
  row: RolloutRow;
  ending: Ending;
  requester: Requester;
  reason: string;
}

async function revert(ports: NeededPorts, { row, ending, requester, reason }: Reverting, instances: Instances): Promise<Asked> {
  const { id, app, environment } = row;
  if (ending.outcome !== 'deployed') return { kind: 'refused', problem: problem('nothing-to-roll-back', id, ending) };
  if (!environmentOf(ports.settings, app, environment))
    return { kind: 'refused', problem: problem('unknown-target', app, environment, placeNames(ports.settings)) };
  const base = `revert:${id}`;
  const overtaken = (await nextAttempt(ports, base)).isAdmitted ? undefined : await whatOvertook(ports, row, ending);
  if (overtaken) return overtaken;
  const { release, settings } = await releaseBefore(ports, row);
  const admitted = await admitNextAttempt(ports, instances, base, (key) => ({
    key,
    bodyHash: hashOf({ reverts: id }),
    row: admittedRow(
      {
        id: rolloutIdOf(app, environment, release.version, key),
        app,
        environment,
        kind: 'revert',
        reverts: id,
        release,
        requester,
        why: reason,
      },
      ports.clock.now(),
    ),
    settings,
  }));
  // All attempts at one revert are asked for in the same words.
  if (admitted.kind === 'key-reused') throw new Error(`The keys for taking back ${id} hold something else.`);
  return { kind: 'accepted', id: admitted.id, already: admitted.already };
}

/** Undefined where it may be live still, as far as rows tell; what production holds decides then. */
async function whatOvertook(ports: NeededPorts, { id, app, environment }: RolloutRow, ending: Ending): Promise<Asked | undefined> {
  const live = await maybeLive(ports, { app, environment });
  const last = live?.[0];
  if (!last || last.at <= ending.at || live.some((one) => one.id === id)) return undefined;
  // It is done, whoever asks again.
  if (last.reverts === id) return { kind: 'accepted', id: last.id, already: true };
  return { kind: 'refused', problem: problem('no-longer-live', id, last) };
}

/**
 * The release that production held before, with the settings it brought. One that Slipway never admitted has no digest: the plan decides
 * whether staging still holds it.
 */
async function releaseBefore({ rows }: NeededPorts, row: RolloutRow): Promise<{ release: Release; settings: ReleaseSettingsRow }> {
  const { marker = null, says } = row.plan?.kind === 'go' ? row.plan.replaces : {};
  const before = marker === null ? undefined : rolloutOfMarker(marker);
  const found = before === undefined ? undefined : await rows.read<RolloutRow>(before, rolloutKey);
  if (before === undefined || !found)
    return {
      release: {
        ...(says === undefined ? { version: `before ${row.release.version}`, unnamed: true } : { version: says }),
        ...{ sha256: '', functions: [], settingNames: [] },
      },
      settings: { v: 1, values: {} },
    };
  const settings = await rows.read<ReleaseSettingsRow>(before, releaseSettingsKey);
  return { release: found.value.release, settings: settings?.value ?? { v: 1, values: {} } };
}
