import type { GateRow, ServiceGateRow } from '../domain/gate';
import { isBeforeSwap, type RolloutRow } from '../domain/rollout';
import {
  applySight,
  requestOf,
  serviceName,
  withRequest,
  type RequestRecord,
  type ServiceKind,
  type ServiceSight,
} from '../domain/service-gate';
import { restUntil } from '../domain/request-pace';
import { gateKey } from '../domain/tables';
import { isoNow } from './clock';
import { appendLedger } from './ledger';
import type { Ports } from './ports';
import { changeRollout } from './rollout-rows';

type Needs = Pick<Ports, 'rows' | 'clock'>;

/** The gate's row with its ETag; undefined where it is no gate that a service answers. */
export async function readServiceGate(
  { rows }: Pick<Ports, 'rows'>,
  rolloutId: string,
  gate: string,
): Promise<{ value: ServiceGateRow; etag: string } | undefined> {
  const found = await rows.read<GateRow>(rolloutId, gateKey(gate));
  return found && found.value.kind !== 'signed-link' ? { value: found.value, etag: found.etag } : undefined;
}

/** Whether something is still asked there: before the swap, and nobody wants the rollout to end. */
export const isAskedThere = ({ ask, ending, intent, phase }: RolloutRow): boolean =>
  ask !== undefined && ask.state !== 'rejected' && ask.state !== 'expired' && !ending && !intent && isBeforeSwap(phase);

/** Writes down what a look at a request told, by the rollout's ETag, as every decision is. Answers the row as it then is. */
export async function recordSight(
  ports: Needs,
  rolloutId: string,
  { gate, policy, request }: ServiceGateRow,
  sight: ServiceSight,
): Promise<{ row: RolloutRow; isChanged: boolean }> {
  const { number = '', url = '' } = request;
  let isChanged = false;
  const row = await changeRollout(ports, rolloutId, (row) => {
    const next = isAskedThere(row) ? applySight(row, { gate, policy, number, url }, sight, ports.clock.now()) : undefined;
    isChanged = next !== undefined;
    return next;
  });
  return { row, isChanged };
}

/** Leaves a service alone for as long as it says. Where another writer comes first, the next look hears it again. */
export async function letRest(
  { rows, clock }: Needs,
  { rolloutId, gate, request: { correlation } }: ServiceGateRow,
  { afterSeconds }: { afterSeconds?: number },
): Promise<void> {
  if (afterSeconds === undefined) return;
  const found = await readServiceGate({ rows }, rolloutId, gate);
  if (found?.value.request.correlation !== correlation) return;
  const request = { ...found.value.request, restUntil: restUntil(afterSeconds, clock.now()) };
  const value: ServiceGateRow = { ...found.value, request };
  await rows.write([{ kind: 'replace', partition: rolloutId, row: gateKey(gate), value, etag: found.etag }]);
}

/** Puts on record each request that was made twice and that its service will not close: nobody but a person can. */
export async function recordLeft(
  ports: Needs & Pick<Ports, 'ledgerKeys'>,
  row: RolloutRow,
  { gate, kind }: { gate: string; kind: ServiceKind },
  left: readonly { number: string; why: string }[] = [],
): Promise<void> {
  for (const { number, why } of left) {
    const data = { rolloutId: row.id, gate, service: kind, request: number, why: `${serviceName({ kind })} ${why}` };
    await appendLedger(ports, row, { id: `${row.id}:left-${gate}-${number}`, kind: 'request-left', at: isoNow(ports.clock), data });
  }
}

/** Says what is heard of a request before anybody could look at it. */
export async function sayOfRequest(ports: Needs, rolloutId: string, record: RequestRecord): Promise<void> {
  await changeRollout(ports, rolloutId, (row) => {
    if (!row.ask || !isAskedThere(row)) return undefined;
    const before = requestOf(row.ask, record.gate);
    // Another run knows more of it by now.
    if (before?.number !== undefined && record.number === undefined) return undefined;
    if (before && JSON.stringify(before) === JSON.stringify(record)) return undefined;
    return { ...row, ask: withRequest(row.ask, record) };
  });
}
