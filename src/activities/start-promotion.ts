import { admitRollout, type Admission } from '../azure/admit-rollout';
import type { Ports } from '../azure/ports';
import { readRollout } from '../azure/rollout-rows';
import { admittedRow, hashOf, type ReleaseSettingsRow } from '../domain/admission';
import type { Requester, RolloutRow } from '../domain/rollout';
import { rolloutIdOf } from '../domain/rollout-id';
import { environmentOf } from '../domain/settings';
import { releaseSettingsKey } from '../domain/tables';
import type { Activity } from './activity';
import type { Catalogue } from './catalogue';

type Start = Catalogue['startPromotion'];

/**
 * Starts the next environment's rollout where policy says that a release goes on by itself: the same package, digest and settings, and
 * asked for by whoever asked for this one. Once for each rollout, however often it runs.
 */
export function createStartPromotion(ports: Ports): Activity<Start['input'], Start['output']> {
  return async ({ rolloutId, environment }, { instances }) => {
    const row = await readRollout(ports, rolloutId);
    if (row.ending?.outcome !== 'deployed' || !environmentOf(ports.settings, row.app, environment)) return { promoted: null };
    const key = `promote:${rolloutId}:${environment}:by-policy`;
    const admitted = await admitRollout(ports, instances, (await promotionOf(ports, row, environment, row.requester))(key));
    return { promoted: admitted.kind === 'admitted' ? admitted.id : null };
  };
}

/** The same release on its way to another environment; nothing is built or fetched again. */
export async function promotionOf(
  ports: Pick<Ports, 'rows' | 'clock'>,
  row: RolloutRow,
  environment: string,
  requester: Requester,
): Promise<(key: string) => Admission> {
  const { id, app, release, actor } = row;
  const settings = (await ports.rows.read<ReleaseSettingsRow>(id, releaseSettingsKey))?.value ?? { v: 1, values: {} };
  return (key) => ({
    key,
    bodyHash: hashOf({ promotes: id, environment }),
    row: admittedRow(
      {
        id: rolloutIdOf(app, environment, release.version, key),
        ...{ app, environment, kind: 'deploy', promotes: id, release, requester },
        ...(actor === undefined ? {} : { actor }),
      },
      ports.clock.now(),
    ),
    settings,
  });
}
