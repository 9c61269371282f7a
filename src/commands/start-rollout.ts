import { admittedRow, bodyHashOf, releaseKeyOf, releaseOf, type ReleaseSettingsRow } from '../domain/admission';
import { problem, type InputProblem } from '../domain/problems';
import type { Requester } from '../domain/rollout';
import { rolloutIdOf } from '../domain/rollout-id';
import type { RolloutRequest } from '../domain/rollout-request';
import { environmentOf, placeNames } from '../domain/settings';
import { releaseSettingsKey } from '../domain/tables';
import type { Instances } from '../azure/instances';
import type { Ports } from '../azure/ports';
import { openRollouts } from '../azure/rollout-index';
import { admitNextAttempt, admitRollout, startIfMissing, type Admission, type Admitted } from '../azure/admit-rollout';

type NeededPorts = Pick<Ports, 'rows' | 'clock' | 'settings'>;

export type Started = { kind: 'started'; id: string; already: boolean } | { kind: 'refused'; problem: InputProblem };

export type StartRollout = (
  request: RolloutRequest,
  by: { requester: Requester; key?: string | undefined },
  instances: Instances,
) => Promise<Started>;

/**
 * Admits a request. The same key gives the same rollout for 400 days; without a key the release and environment join a rollout that
 * has not ended, else start the next attempt.
 */
export function createStartRollout(ports: NeededPorts): StartRollout {
  return async (request, { requester, key }, instances) => {
    const { app, environment, version } = request;
    if (!environmentOf(ports.settings, app, environment))
      return { kind: 'refused', problem: problem('unknown-target', app, environment, placeNames(ports.settings)) };

    const release = releaseOf(request);
    const releaseKey = releaseKeyOf({ app, environment, release, settings: request.settings });
    const admissionOf = (under: string): Admission => ({
      key: under,
      bodyHash: key === undefined ? releaseKey : bodyHashOf(request),
      row: admittedRow(
        {
          id: rolloutIdOf(app, environment, version, under),
          app,
          environment,
          kind: 'deploy',
          release,
          requester,
          ...(request.actor === undefined ? {} : { actor: request.actor }),
          ...(request.hotfix === undefined ? {} : { hotfix: request.hotfix }),
        },
        ports.clock.now(),
      ),
      source: { v: 1, url: request.package.url },
      settings: { v: 1, values: request.settings },
    });
    const admitted =
      key === undefined
        ? ((await joinRunning(ports, instances, releaseKey, release.sha256)) ??
          (await admitNextAttempt(ports, instances, `release:${releaseKey}`, admissionOf)))
        : await admitRollout(ports, instances, admissionOf(key));
    return admitted.kind === 'admitted' ? { ...admitted, kind: 'started' } : { kind: 'refused', problem: problem('key-reused') };
  };
}

/** The rollout on its way that brings the same, whatever key it came with. */
async function joinRunning(ports: NeededPorts, instances: Instances, releaseKey: string, sha256: string): Promise<Admitted | undefined> {
  for (const row of await openRollouts(ports)) {
    if (row.ending || row.kind !== 'deploy' || row.release.sha256 !== sha256) continue;
    const settings = (await ports.rows.read<ReleaseSettingsRow>(row.id, releaseSettingsKey))?.value.values ?? {};
    if (releaseKeyOf({ ...row, settings }) !== releaseKey) continue;
    await startIfMissing(ports, instances, row.id);
    return { kind: 'admitted', id: row.id, already: true };
  }
  return undefined;
}
