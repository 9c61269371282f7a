import type { Ports } from '../azure/ports';
import { placeOf } from '../azure/rollout-rows';
import { pushMessage } from '../domain/live';
import type { Activity } from './activity';
import type { Catalogue } from './catalogue';
import { openRound } from './open-round';

type Look = Catalogue['lookAtDeployment'];

export function createLookAtDeployment(ports: Ports): Activity<Look['input'], Look['output']> {
  return async ({ rolloutId, round, push }) => {
    const row = await openRound(ports, rolloutId, round);
    const deployment = await ports.packagePush.readDeployment(placeOf(ports, row).target, pushMessage(rolloutId, push));
    return { intent: row.intent ?? null, deployment };
  };
}
