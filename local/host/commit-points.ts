import { EventKind } from './durable/history';

/** One statement of a transaction. */
export interface Written {
  sql: string;
  parameters: unknown[];
  /** Of a statement about an instance that the transaction does not name itself. */
  orchestration?: string;
}

export interface CommitPart {
  what: string;
  /** The instance that it is about, if any. */
  subject: string;
}

const starts = (head: string, { sql }: Written): boolean => sql.trimStart().startsWith(head);

/**
 * What a transaction means, read from its statements: `turn of Story, to Pay`, `start of Story`, `event kept`. It writes together what came up at once, so it
 * may mean several things. Empty for one that is not known here.
 */
export function commitParts(written: readonly Written[]): CommitPart[] {
  const parts: CommitPart[] = [];
  // The first turn of a new generation writes its history anew before it adds to it.
  for (const [id, turn] of lastOfEach('INSERT INTO history', written)) parts.push({ what: turnOf(id, turn, written), subject: id });
  // Where the id is taken, the row is put again once the one before it is gone.
  const begun = lastOfEach('INSERT OR IGNORE INTO instances', written);
  for (const [id, { parameters }] of begun) parts.push({ what: `start of ${String(parameters[2])}`, subject: id });
  for (const post of written.filter((one) => starts('INSERT INTO inbox', one))) {
    const id = String(post.parameters[0]);
    const what = messageKept(post, begun.get(id));
    if (what !== undefined) parts.push({ what, subject: id });
  }
  if (parts.length > 0) return parts;
  const what = alone(written);
  return what === undefined ? [] : [{ what, subject: '' }];
}

/** By the instance's id, which is the first parameter. */
const lastOfEach = (head: string, written: readonly Written[]): Map<string, Written> =>
  new Map(written.filter((one) => starts(head, one)).map((one) => [String(one.parameters[0]), one]));

/** Its instance is written only where the turn changed it: one that was not goes on running. */
function turnOf(id: string, turn: Written, written: readonly Written[]): string {
  const update = written.findLast((one) => starts('UPDATE instances', one) && one.parameters.at(-1) === id);
  const insert = written.findLast(
    (one) =>
      (starts('INSERT OR REPLACE INTO instances', one) || starts('INSERT OR IGNORE INTO instances', one)) && one.parameters[0] === id,
  );
  const name = update?.orchestration ?? (insert ? String(insert.parameters[2]) : turn.orchestration);
  const status = String(update ? update.parameters[0] : (insert?.parameters[4] ?? 'Running'));
  const isAnew = written.some((one) => starts('DELETE FROM history', one) && one.parameters[0] === id);
  return isAnew && status === 'Pending' ? `rewind of ${name}` : `turn of ${name}, ${leadsTo(turn, status)}`;
}

function leadsTo({ parameters }: Written, status: string): string {
  // One that was rewound stays pending while it runs.
  if (status !== 'Running' && status !== 'Pending') return status.toLowerCase();
  const began = typeof parameters[3] === 'string' ? (JSON.parse(parameters[3]) as [id: number, name: string, input: unknown][]) : [];
  const activities = began.map(([, name]) => name);
  return activities.length > 0 ? `to ${activities.join(' and ')}` : 'waiting';
}

function alone(written: readonly Written[]): string | undefined {
  const begins = (head: string): Written | undefined => written.find((one) => starts(head, one));
  if (begins('DELETE FROM inbox') ?? begins('DELETE FROM activities')) return 'late events dropped';
  if (begins('INSERT OR REPLACE INTO taken_messages')) return 'message noted';
  if (begins('DELETE FROM taken_messages')) return 'message forgotten';
  const meta = begins('INSERT INTO meta');
  if (meta) return String(meta.parameters[0]).startsWith('timer.') ? 'timer noted' : 'keys made';
  if (begins('CREATE TABLE') ?? begins('PRAGMA user_version')) return 'state file made';
  return undefined;
}

/**
 * A message that no turn of the same transaction took. The start of an instance that is begun here is told by that, and what a rewind lays down (a generic
 * event) by the rewind. An answer is what an activity, a timer or a child came to; an order, to terminate, suspend or resume.
 */
function messageKept({ parameters }: Written, begun: Written | undefined): string | undefined {
  const { EventType } = JSON.parse(String(parameters[2])) as { EventType?: number };
  switch (EventType) {
    case EventKind.executionStarted:
      return begun?.parameters[1] === parameters[1] ? undefined : 'start queued';
    case EventKind.genericEvent:
      return undefined;
    case EventKind.eventRaised:
      return 'event kept';
    case EventKind.taskCompleted:
    case EventKind.taskFailed:
    case EventKind.subOrchestrationCompleted:
    case EventKind.subOrchestrationFailed:
    case EventKind.timerFired:
      return 'answer kept';
    default:
      return 'order kept';
  }
}
