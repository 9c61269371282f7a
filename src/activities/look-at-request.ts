import type { Ports } from '../azure/ports';
import { isAskedThere, letRest, readServiceGate, recordSight } from '../azure/request-rows';
import { readRollout } from '../azure/rollout-rows';
import type { ServiceGateRow } from '../domain/gate';
import { isResting } from '../domain/request-pace';
import type { ServiceSight } from '../domain/service-gate';
import { noLogin, serviceOf } from '../gates/service';
import type { Activity } from './activity';
import type { Catalogue } from './catalogue';

type Look = Catalogue['lookAtRequest'];

/** Asks the service what became of a gate's request, and writes a yes, a no, or that a yes was taken back. A service that does not answer says neither. */
export function createLookAtRequest(ports: Ports): Activity<Look['input'], Look['output']> {
  return async ({ rolloutId, gate }) => {
    const found = await readServiceGate(ports, rolloutId, gate);
    if (!found || found.value.isRetired || !isAskedThere(await readRollout(ports, rolloutId))) return { isChanged: false };
    if (isResting(found.value.request, ports.clock.now())) return { isChanged: false };
    const sight = await sightOf(ports, found.value);
    if (sight.kind === 'unknown') await letRest(ports, found.value, sight);
    const { isChanged } = await recordSight(ports, rolloutId, found.value, sight);
    return { isChanged };
  };
}

/** What the service says now. */
export async function sightOf(ports: Pick<Ports, 'outgoing' | 'services'>, { policy, request }: ServiceGateRow): Promise<ServiceSight> {
  const service = serviceOf(ports, policy);
  if (!service) return { kind: 'unknown', why: noLogin(policy) };
  return request.id === undefined ? { kind: 'unknown', why: 'was not made yet' } : service.look(request.id, request.correlation);
}
