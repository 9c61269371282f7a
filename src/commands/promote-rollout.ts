import { promotionOf } from '../activities/start-promotion';
import { admitNextAttempt } from '../azure/admit-rollout';
import type { Instances } from '../azure/instances';
import type { Ports } from '../azure/ports';
import { problem } from '../domain/problems';
import type { Requester, RolloutRow } from '../domain/rollout';
import { environmentOf, placeNames } from '../domain/settings';
import { rolloutKey } from '../domain/tables';
import type { Asked } from './cancel-rollout';

type Needs = Pick<Ports, 'rows' | 'clock' | 'settings'>;

/** `environment` may be absent where policy names the one that comes next. */
export type PromoteRollout = (
  id: string,
  asking: { requester: Requester; environment?: string | undefined },
  instances: Instances,
) => Promise<Asked>;

/** Takes what a rollout deployed on to another environment, by that one's own policy: the same package, and nothing is built again. */
export function createPromoteRollout(ports: Needs): PromoteRollout {
  return async (id, { requester, environment: named }, instances) => {
    const row = (await ports.rows.read<RolloutRow>(id, rolloutKey))?.value;
    if (!row) return { kind: 'refused', problem: problem('unknown-rollout', id) };
    const { app, ending, kind, phase } = row;
    const environment = named ?? environmentOf(ports.settings, app, row.environment)?.policy.promote;
    if (environment === undefined) return { kind: 'refused', problem: problem('promote-where', app, row.environment) };
    if (environment === row.environment || !environmentOf(ports.settings, app, environment))
      return { kind: 'refused', problem: problem('unknown-target', app, environment, placeNames(ports.settings)) };
    if (kind !== 'deploy' || ending?.outcome !== 'deployed')
      return { kind: 'refused', problem: problem('nothing-to-promote', id, ending?.outcome ?? phase) };
    const admission = await promotionOf(ports, row, environment, requester);
    const admitted = await admitNextAttempt(ports, instances, `promote:${id}:${environment}`, admission);
    // All attempts at one promotion are asked for in the same words.
    if (admitted.kind === 'key-reused') throw new Error(`The keys for promoting ${id} hold something else.`);
    return { kind: 'accepted', id: admitted.id, already: admitted.already };
  };
}
