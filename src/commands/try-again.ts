import { admittedRow, releaseKeyOf, type ReleaseSettingsRow } from '../domain/admission';
import { problem } from '../domain/problems';
import type { Requester, RolloutRow } from '../domain/rollout';
import { rolloutIdOf } from '../domain/rollout-id';
import { environmentOf, placeNames } from '../domain/settings';
import { releaseSettingsKey, rolloutKey } from '../domain/tables';
import type { Instances } from '../azure/instances';
import type { Ports } from '../azure/ports';
import { admitNextAttempt } from '../azure/admit-rollout';
import type { Asked } from './cancel-rollout';

type NeededPorts = Pick<Ports, 'rows' | 'clock' | 'settings'>;

export type TryAgain = (id: string, requester: Requester, instances: Instances) => Promise<Asked>;

/**
 * Admits another rollout of the release that an ended one brought, with the settings it brought; its package is kept under its digest. It joins
 * an attempt that has not ended.
 */
export function createTryAgain(ports: NeededPorts): TryAgain {
  return async (id, requester, instances) => {
    const found = await ports.rows.read<RolloutRow>(id, rolloutKey);
    if (!found) return { kind: 'refused', problem: problem('unknown-rollout', id) };
    const { app, environment, kind, release, ending, phase, actor } = found.value;
    if (!ending) return { kind: 'refused', problem: problem('not-ended', id, phase) };
    if (kind === 'revert') return { kind: 'refused', problem: problem('no-release-of-its-own', id) };
    if (!environmentOf(ports.settings, app, environment))
      return { kind: 'refused', problem: problem('unknown-target', app, environment, placeNames(ports.settings)) };
    const settings = (await ports.rows.read<ReleaseSettingsRow>(id, releaseSettingsKey))?.value ?? { v: 1, values: {} };
    const releaseKey = releaseKeyOf({ app, environment, release, settings: settings.values });
    const admitted = await admitNextAttempt(ports, instances, `release:${releaseKey}`, (key) => ({
      key,
      bodyHash: releaseKey,
      row: admittedRow(
        {
          id: rolloutIdOf(app, environment, release.version, key),
          ...{ app, environment, kind: 'deploy' as const, release, requester },
          ...(actor === undefined ? {} : { actor }),
        },
        ports.clock.now(),
      ),
      settings,
    }));
    // A key made of the release holds nothing else than that release.
    if (admitted.kind === 'key-reused') throw new Error(`The keys for trying ${id} again hold something else.`);
    return { kind: 'accepted', id: admitted.id, already: admitted.already };
  };
}
