import type { Ports } from '../azure/ports';
import { recordLeft } from '../azure/request-rows';
import { madeThere, type GateRow, type RequestState } from '../domain/gate';
import type { SendAnswer } from '../domain/judge-delivery';
import type { NoticeRow } from '../domain/notice';
import { gateOfChannel } from '../domain/recipients';
import type { RolloutRow } from '../domain/rollout';
import { serviceName } from '../domain/service-gate';
import { gateKey, rolloutKey } from '../domain/tables';
import { noLogin, serviceOf, type LeftOpen, type NotDone, type Service } from './service';

type Needs = Pick<Ports, 'rows' | 'clock' | 'outgoing' | 'services' | 'publicUrl' | 'ledgerKeys'>;

/** Where a service names no time of its own. */
const laterSeconds = 30;

/**
 * Tells a gate's service how the rollout ended, and closes the request there: the notice that goes to the request, tried again as every notice is. One whose
 * making got no answer is looked for first, and one that
 * was made more than once for what came of the others.
 */
export async function closeRequest(ports: Needs, { rolloutId, channel, id, model, correlation }: NoticeRow): Promise<SendAnswer> {
  const gate = gateOfChannel(channel) ?? '';
  const asked = (await ports.rows.read<GateRow>(rolloutId, gateKey(gate)))?.value;
  // A notice of an earlier Slipway is for the only request that a gate then had.
  const found = asked && madeThere(asked).findLast(({ request }) => correlation === undefined || request.correlation === correlation);
  const row = (await ports.rows.read<RolloutRow>(rolloutId, rolloutKey))?.value;
  if (!found || !row?.ending)
    return { kind: 'refused', code: 'no-request', text: `gate ${gate} of ${rolloutId} has no request that could be closed` };
  const { policy, request, stands } = found;
  const service = serviceOf(ports, policy);
  if (!service) return { kind: 'refused', code: 'no-login', text: `${serviceName(policy)} ${noLogin(policy)}` };
  const there = await lookFor(service, request);
  switch (there.kind) {
    case 'none':
      if (isUnderWay(request, ports.clock.now(), service.settleMs))
        return { kind: 'later', code: `${serviceName(policy)} gave no answer when it was asked to make it`, afterSeconds: laterSeconds };
      // Nothing was ever made, so nothing is to be closed.
      return { kind: 'sent' };
    case 'refused':
      return { kind: 'refused', code: policy.kind, text: `${serviceName(policy)} ${there.why}` };
    case 'unknown':
      return { kind: 'later', code: `${serviceName(policy)} ${there.why}`, afterSeconds: there.afterSeconds ?? laterSeconds };
    case 'found':
      await recordLeft(ports, row, { gate, kind: policy.kind }, there.left);
      return service.close(there.id, {
        notice: { id, model },
        outcome: stands ? row.ending.outcome : 'superseded',
        publicUrl: ports.publicUrl,
      });
  }
}

type There = { kind: 'found'; id: string; left?: LeftOpen[] } | { kind: 'none' } | NotDone;

/** One that is known stands, whatever a search shows of it. */
async function lookFor(service: Service, { id, correlation, attempt }: RequestState): Promise<There> {
  if (id !== undefined && attempt <= 1) return { kind: 'found', id };
  const found = await service.find(correlation, id);
  if (found.kind === 'found') return { ...found, id: found.request.id };
  return found.kind === 'none' && id !== undefined ? { kind: 'found', id } : found;
}

/** Its making may still be carried out. */
const isUnderWay = ({ attemptedAt }: RequestState, nowMs: number, settleMs: number): boolean =>
  attemptedAt !== undefined && nowMs < Date.parse(attemptedAt) + settleMs;
