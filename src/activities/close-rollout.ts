import { isoNow } from '../azure/clock';
import { appendLedger } from '../azure/ledger';
import { giveUpLane, readLane } from '../azure/lane-rows';
import type { Ports } from '../azure/ports';
import { changeRollout, placeOf, readRollout } from '../azure/rollout-rows';
import { wakeRollout } from '../azure/wake-rollout';
import { namingRefusal, withoutLane } from '../domain/endings';
import { provesContent } from '../domain/live';
import { digestOfMarker, rolloutOfMarker } from '../domain/release';
import type { RolloutRow } from '../domain/rollout';
import { sourceKey } from '../domain/tables';
import type { Activity } from './activity';
import { askVersion } from './ask-version';
import type { Catalogue } from './catalogue';
import { inPhase } from './enter-phase';
import { recordDecisions } from './look-at-ask';
import { versionNamedBy } from './read-live';

type Close = Catalogue['closeRollout'];

/**
 * Gives the rollout its one outcome, by ETag: the first one written stays. A roll-back that was asked for before `deployed` could be
 * written comes first. Then the ledger, then the lane: given up, or blocked where nobody can say what production serves.
 */
export function createCloseRollout(ports: Ports): Activity<Close['input'], Close['output']> {
  return async ({ rolloutId, ending: asked, by, note }, { instances }) => {
    const at = isoNow(ports.clock);
    const before = await readRollout(ports, rolloutId);
    const serves = await servedNow(ports, before);
    const placed = asked.outcome === 'needs-attention' && (await readLane(ports, before)).holder !== rolloutId ? withoutLane(asked) : asked;
    const ending = namingRefusal(placed, before.refusal);
    const row = await changeRollout(ports, rolloutId, (row) => {
      const rollsBack = ending.outcome === 'deployed' && row.intent?.kind === 'roll-back';
      return row.ending || rollsBack ? undefined : { ...inPhase(row, 'telling', at, note), ending: { ...ending, at, serves } };
    });
    if (!row.ending) return row.intent ? { kind: 'asked', intent: row.intent } : never(rolloutId);
    await recordDecisions(ports, row);
    const { app, environment } = row;
    const { outcome, code, reason } = row.ending;
    const wanted = row.intent ? { asked: row.intent } : {};
    const data = { rolloutId, outcome, ...(code === undefined ? {} : { code }), reason, by, ...wanted };
    await appendLedger(ports, { app, environment }, { id: `${rolloutId}:ended`, kind: 'ended', at: row.ending.at, data });
    // The package's address may be signed; whatever was not fetched by now is not fetched any more.
    await ports.rows.write([{ kind: 'delete', partition: rolloutId, row: sourceKey }]);
    const next = await giveUpLane(ports, row);
    if (next) await wakeRollout(ports.rows, instances, next);
    return { kind: 'closed', outcome };
  };
}

function never(rolloutId: string): never {
  throw new Error(`Rollout ${rolloutId} could be given no outcome, and nobody asked for anything.`);
}

/** One sentence on what production serves, as far as it can be read; that it can't be read must not hold up the end. */
async function servedNow(ports: Ports, row: RolloutRow): Promise<string> {
  try {
    const { production } = await ports.appControl.readSlots(placeOf(ports, row).target);
    const { marker, content } = production;
    const version = await versionNamedBy(ports, marker);
    if (marker === null) {
      const said = await askVersion(ports, row, production.hostName);
      return `Production of ${row.app} serves ${said === undefined ? 'a release' : `what says it is ${said}, a release`} that Slipway never rolled out (no marker).`;
    }
    if (version === null) return `Production of ${row.app} carries the marker ${marker}, whose rollout is not known here.`;
    if (provesContent(content, rolloutOfMarker(marker) ?? '', digestOfMarker(marker))) return `Production of ${row.app} serves ${version}.`;
    return content.kind === 'unreadable'
      ? `Production of ${row.app} carries the marker of ${version}; its content could not be read just now.`
      : `Production of ${row.app} carries the marker of ${version}, but its content is not what Slipway pushed: somebody else deployed there.`;
  } catch {
    return `What production of ${row.app} serves could not be read just now.`;
  }
}
