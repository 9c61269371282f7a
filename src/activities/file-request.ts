import { isoNow } from '../azure/clock';
import { appendLedger } from '../azure/ledger';
import type { Ports } from '../azure/ports';
import { isAskedThere, letRest, readServiceGate, recordLeft, sayOfRequest } from '../azure/request-rows';
import { readRollout } from '../azure/rollout-rows';
import type { ServiceGateRow } from '../domain/gate';
import { isResting } from '../domain/request-pace';
import type { RolloutRow } from '../domain/rollout';
import { serviceName } from '../domain/service-gate';
import { gateKey } from '../domain/tables';
import { noLogin, serviceOf, type NotDone, type RequestThere, type Service } from '../gates/service';
import type { Activity } from './activity';
import type { Catalogue } from './catalogue';

type File = Catalogue['fileRequest'];

/**
 * Makes the request that a gate is answered in, once, and has its approvers asked. It is looked for by its correlation before it is made, and each making
 * is a numbered attempt that is written down before its POST: a run that finds one under way looks, and begins none of its own.
 */
export function createFileRequest(ports: Ports): Activity<File['input'], File['output']> {
  return async ({ rolloutId, gate }) => {
    const row = await readRollout(ports, rolloutId);
    const found = await readServiceGate(ports, rolloutId, gate);
    if (!found || found.value.isRetired || !isAskedThere(row)) return { kind: 'over' };
    const { value, etag } = found;
    if (value.request.isAsked) return { kind: 'filed' };
    if (isResting(value.request, ports.clock.now())) return { kind: 'unknown' };
    const service = serviceOf(ports, value.policy);
    const done: Filed = service ? await file(ports, service, row, value, etag) : { kind: 'refused', why: noLogin(value.policy) };
    if (done.kind === 'unknown') await letRest(ports, value, done);
    if (done.kind === 'filed' || done.why === '') return { kind: done.kind === 'filed' ? 'filed' : 'unknown' };
    const { number, url } = done.request ?? value.request;
    await sayOfRequest(ports, rolloutId, {
      ...{ gate, service: value.kind },
      ...(number === undefined ? {} : { number }),
      ...(url === undefined ? {} : { url }),
      says: `can't be ${number === undefined ? 'made' : 'put to its approvers'} yet: ${serviceName(value)} ${done.why}`,
    });
    return { kind: 'unknown' };
  };
}

type Filed = { kind: 'filed' } | (NotDone & { request?: RequestThere });

async function file(ports: Ports, service: Service, row: RolloutRow, gate: ServiceGateRow, etag: string): Promise<Filed> {
  const { request } = gate;
  const there = request.id === undefined ? await make(ports, service, row, gate, etag) : known(request);
  if (there.kind !== 'found') return there;
  await change(ports, gate, there.request);
  const asked = await service.ask(there.request.id, request.correlation);
  if (asked.kind !== 'asked') return { ...asked, request: there.request };
  const { number, url } = there.request;
  const data = { rolloutId: row.id, gate: gate.gate, service: gate.kind, request: number };
  await appendLedger(ports, row, { id: `${row.id}:asked-${gate.gate}-${number}`, kind: 'asked', at: isoNow(ports.clock), data });
  await sayOfRequest(ports, row.id, {
    gate: gate.gate,
    service: gate.kind,
    number,
    url,
    says: `was put to its approvers in ${serviceName(gate)}`,
  });
  await change(ports, gate, { isAsked: true });
  return { kind: 'filed' };
}

const known = ({ id = '', number = '', url = '' }: ServiceGateRow['request']): { kind: 'found'; request: RequestThere } => ({
  kind: 'found',
  request: { id, number, url },
});

async function make(ports: Ports, service: Service, row: RolloutRow, gate: ServiceGateRow, etag: string): ReturnType<Service['create']> {
  const { correlation, attempt, attemptedAt } = gate.request;
  const found = await service.find(correlation);
  if (found.kind === 'found') await recordLeft(ports, row, gate, found.left);
  if (found.kind !== 'none') return found;
  const nowMs = ports.clock.now();
  if (attemptedAt !== undefined && nowMs < Date.parse(attemptedAt) + service.settleMs)
    return {
      kind: 'unknown',
      why: 'gave no answer when it was asked to make it, and does not show it; it is looked for before it is asked again',
    };
  const next: ServiceGateRow = { ...gate, request: { correlation, attempt: attempt + 1, attemptedAt: new Date(nowMs).toISOString() } };
  const claimed = await ports.rows.write([{ kind: 'replace', partition: row.id, row: gateKey(gate.gate), value: next, etag }]);
  // Another run has begun it.
  if (claimed.kind === 'conflict') return { kind: 'unknown', why: '' };
  const made = await service.create({ row, correlation, publicUrl: ports.publicUrl });
  // Nothing was made: the next look may ask at once.
  if (made.kind === 'refused') await change(ports, gate, {}, true);
  return made;
}

/**
 * Nobody but this activity writes these, and each only ever in this order: the last word is the same whoever has it. Where another question is put by
 * now, what came of this one is found by its correlation in the end.
 */
async function change(
  ports: Pick<Ports, 'rows'>,
  { rolloutId, gate, request: { correlation } }: ServiceGateRow,
  more: Partial<ServiceGateRow['request']>,
  isRefused = false,
): Promise<void> {
  const found = await readServiceGate(ports, rolloutId, gate);
  if (found?.value.request.correlation !== correlation) return;
  const { attemptedAt, ...request } = found.value.request;
  const next = { ...request, ...(isRefused || attemptedAt === undefined ? {} : { attemptedAt }), ...more };
  if (JSON.stringify(next) === JSON.stringify(found.value.request)) return;
  const value: ServiceGateRow = { ...found.value, request: next };
  await ports.rows.write([{ kind: 'replace', partition: rolloutId, row: gateKey(gate), value, etag: found.etag }]);
}
