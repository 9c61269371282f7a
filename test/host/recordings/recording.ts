import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { HistoryEvent } from '../../../local/host/durable/history';

/** What stands in `../shared/host`: recordings of the real durable extension, the app that ran and the driver that asked. */
export const shared = path.join(__dirname, '../../../../shared/host');
export const isShared = existsSync(path.join(shared, 'recordings'));

export interface Exchange {
  request: { method: string; path: string; headers: Record<string, string>; body?: string };
  response: { status: number; headers: Record<string, string | string[]>; body: string };
}

/** One line of a recording; INDEX.md beside them says what the kinds are. */
export interface Row extends Partial<Exchange> {
  seq?: number;
  t?: string;
  kind: string;
  phase?: 'request' | 'response';
  text?: string;
  function?: string;
  invocationId?: string;
  inputData?: Record<string, unknown>;
  triggerMetadata?: Record<string, unknown>;
  triggerParsed?: unknown;
  status?: string | number;
  returnValue?: unknown;
  returnParsed?: unknown;
  exception?: { message?: string } | string | null;
  op?: string;
  args?: unknown;
  result?: unknown;
  message?: string;
  headers?: Record<string, string>;
  body?: string;
  /** What a client's binding and payload hold. */
  mgmt?: unknown;
  hub?: unknown;
  origins?: unknown;
  raw?: unknown;
  /** The file that it stands in, without folder and ending. */
  file: string;
}

/** One function call as the worker saw it: what came, what it answered. Both recorded and our own. */
export interface Invocation {
  kind: string;
  function: string;
  file: string;
  /** The trigger's raw data: payload text of a turn, JSON text of an activity's input. */
  trigger: unknown;
  metadata: unknown;
  /** The real extension threw it away: another of its workers had taken the same messages ("Split brain detected"). */
  isDiscarded?: boolean;
  /** `returnValue` of a success, `exception` of a failure; neither while it runs. */
  returnValue?: unknown;
  exception?: string;
  isAnswered: boolean;
}

export const turnKind = 'orchestrationTrigger';

export interface TurnPayload {
  history: HistoryEvent[];
  instanceId: string;
  isReplaying: boolean;
  parentInstanceId: string | null;
  [more: string]: unknown;
}

export function readRecording(file: string, folder: string): Row[] {
  return readFileSync(path.join(folder, `${file}.jsonl`), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => ({ ...(JSON.parse(line) as Row), file }));
}

/** Their names, without ending. */
export function recordingsIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl'))
    .map((name) => name.slice(0, -'.jsonl'.length))
    .sort();
}

/** Recorded calls by invocation id, in the order in which they began. */
export function recordedInvocations(rows: Row[]): Map<string, Invocation> {
  const found = new Map<string, Invocation>();
  for (const row of rows) {
    if (row.invocationId === undefined || row.phase === undefined) continue;
    if (row.phase === 'request') found.set(row.invocationId, begun(row));
    const one = found.get(row.invocationId);
    if (row.phase === 'response' && one) answer(one, row);
  }
  markDiscarded([...found.values()]);
  return found;
}

/** A turn that is taken again from the same history was thrown away, and so was what it scheduled. */
function markDiscarded(all: Invocation[]): void {
  const turns = all.filter((one) => one.kind === turnKind).map((one) => ({ one, payload: payloadOf(one) }));
  turns.forEach(({ one, payload }, at) => {
    const next = turns.slice(at + 1).find((other) => other.payload.instanceId === payload.instanceId)?.payload;
    if (!next || executionOf(next) !== executionOf(payload) || next.history.length !== payload.history.length) return;
    one.isDiscarded = true;
    const scheduled = all
      .slice(all.indexOf(one))
      .find((other) => other.kind === 'activityTrigger' && instanceOf(other) === payload.instanceId);
    if (scheduled) scheduled.isDiscarded = true;
  });
}

const executionOf = ({ history }: TurnPayload): string | undefined =>
  history.find((event) => event.OrchestrationInstance)?.OrchestrationInstance?.ExecutionId;

/** The instance that an activity runs for. */
export const instanceOf = (one: Invocation): string | undefined =>
  ((one.metadata ?? {}) as { instanceId?: { string?: string } }).instanceId?.string;

function begun(row: Row): Invocation {
  const data = Object.values(row.inputData ?? {})[0] as { string?: string } | undefined;
  // The text of most turns is left out of the recordings: it is the parsed copy, indented by two.
  const trigger = data ?? { string: JSON.stringify(row.triggerParsed, null, 2) };
  return {
    kind: row.kind,
    function: row.function ?? '',
    file: row.file,
    trigger,
    metadata: row.triggerMetadata,
    isAnswered: false,
  };
}

function answer(one: Invocation, row: Row): void {
  one.isAnswered = true;
  const thrown = typeof row.exception === 'string' ? row.exception : row.exception?.message;
  if (row.status === 'Failure') one.exception = thrown ?? '';
  else one.returnValue = row.returnValue ?? (row.returnParsed === undefined ? null : { json: JSON.stringify(row.returnParsed) });
}

const payloads = new WeakMap<Invocation, TurnPayload>();

export function payloadOf(one: Invocation): TurnPayload {
  const known = payloads.get(one) ?? (JSON.parse((one.trigger as { string: string }).string) as TurnPayload);
  payloads.set(one, known);
  return known;
}

/** The events that a turn was the first to see. */
export function newsOf(history: HistoryEvent[]): HistoryEvent[] {
  const start = history.map((event) => event.EventType).lastIndexOf(12);
  return history.at(-1)?.EventType === 13 ? [] : history.slice(start + 1);
}
