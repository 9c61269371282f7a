import type { Ports } from '../azure/ports';
import { isAskedThere, letRest, readServiceGate, recordLeft, recordSight } from '../azure/request-rows';
import { readRollout } from '../azure/rollout-rows';
import type { ServiceGateRow } from '../domain/gate';
import { isResting } from '../domain/request-pace';
import type { RolloutRow } from '../domain/rollout';
import type { ServiceSight } from '../domain/service-gate';
import { noLogin, serviceOf } from '../gates/service';
import type { Activity } from './activity';
import type { Catalogue } from './catalogue';

type Look = Catalogue['lookAtRequest'];

/** Asks the service what became of a gate's request, and writes a yes, a no, or that a yes was taken back. A service that does not answer says neither. */
export function createLookAtRequest(ports: Ports): Activity<Look['input'], Look['output']> {
  return async ({ rolloutId, gate }) => {
    const found = await readServiceGate(ports, rolloutId, gate);
    const row = await readRollout(ports, rolloutId);
    if (!found || found.value.isRetired || !isAskedThere(row)) return { isChanged: false };
    if (isResting(found.value.request, ports.clock.now())) return { isChanged: false };
    await cancelTwins(ports, row, found.value);
    const sight = await sightOf(ports, found.value);
    if (sight.kind === 'unknown') await letRest(ports, found.value, sight);
    const { isChanged } = await recordSight(ports, rolloutId, found.value, sight);
    return { isChanged };
  };
}

/** One whose making was begun twice may have a twin that shows only now: whoever answered that one would not be heard. */
async function cancelTwins(ports: Ports, row: RolloutRow, gate: ServiceGateRow): Promise<void> {
  const { id, attempt, correlation } = gate.request;
  if (id === undefined || attempt <= 1) return;
  const found = await serviceOf(ports, gate.policy)?.find(correlation, id);
  if (found?.kind === 'found') await recordLeft(ports, row, gate, found.left);
}

/** What the service says now. */
export async function sightOf(ports: Pick<Ports, 'outgoing' | 'services'>, { policy, request }: ServiceGateRow): Promise<ServiceSight> {
  const service = serviceOf(ports, policy);
  if (!service) return { kind: 'unknown', why: noLogin(policy) };
  return request.id === undefined ? { kind: 'unknown', why: 'was not made yet' } : service.look(request.id, request.correlation);
}
