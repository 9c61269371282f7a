import { parsed } from './ask';
import { payloadOf, type Invocation, type Row } from './recording';

/**
 * A request that the real extension answered between the answer to a turn and its commit shows the instance as it was before that turn. In a recording it
 * stands after the turn; these say whether it belongs before.
 */
export function belongsBefore(row: Row, turn: Invocation): boolean {
  return isRefusedStart(row, turn) || showsStateBefore(row, turn);
}

/** A start that was refused because the instance had had no turn yet, or was about to end. */
function isRefusedStart(row: Row, turn: Invocation): boolean {
  const { instanceId, isReplaying } = payloadOf(turn);
  if (startedId(row)?.replaceAll('+', ' ') !== instanceId) return false;
  const refusal = /with the status (\w+) already exists/.exec(JSON.stringify(row.result ?? row.response?.body))?.[1];
  return (refusal === 'Pending' && !isReplaying) || (refusal === 'Running' && isDone(turn));
}

/** The id that a start gives to its instance. */
export function startedId(row: Row): string | undefined {
  if (row.kind === 'clientOp') {
    const [, options] = (row.op === 'startNew' && Array.isArray(row.args) ? row.args : []) as [unknown, { instanceId?: string }?];
    return options?.instanceId;
  }
  const parts = row.request?.path.split('?')[0]?.split('/') ?? [];
  return parts.at(-3) === 'orchestrators' ? decodeURIComponent(parts.at(-1) ?? '') : undefined;
}

function showsStateBefore(row: Row, turn: Invocation): boolean {
  const { instanceId, isReplaying } = payloadOf(turn);
  const path = row.request?.path ?? '';
  if (row.request?.method !== 'GET' || !path.split('?')[0]?.endsWith(`/instances/${encodeURIComponent(instanceId)}`)) return false;
  const { runtimeStatus } = (parsed(row.response?.body ?? '') ?? {}) as { runtimeStatus?: string };
  return (runtimeStatus === 'Pending' && !isReplaying) || (runtimeStatus === 'Running' && isDone(turn) && !path.includes('showHistory'));
}

const isDone = (turn: Invocation): boolean =>
  (parsed((turn.returnValue as { json?: string } | null | undefined)?.json ?? '{}') as { isDone?: boolean }).isDone === true;
