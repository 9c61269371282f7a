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
  const inTurn = new Set<string>();
  for (const turn of written.filter((one) => starts('INSERT INTO history', one))) {
    const id = String(turn.parameters[0]);
    inTurn.add(id);
    parts.push({ what: turnOf(id, turn, written), subject: id });
  }
  const begun = new Set<string>();
  for (const { parameters } of written.filter((one) => starts('INSERT OR IGNORE INTO instances', one))) {
    begun.add(String(parameters[0]));
    parts.push({ what: `start of ${String(parameters[2])}`, subject: String(parameters[0]) });
  }
  for (const post of written.filter((one) => starts('INSERT INTO inbox', one))) {
    const id = String(post.parameters[0]);
    const kind = eventKind(post);
    if (kind !== undefined) parts.push({ what: `${kind} kept`, subject: id });
    else if (!begun.has(id)) return [];
  }
  if (parts.length > 0) return parts;
  const what = alone(written);
  return what === undefined ? [] : [{ what, subject: '' }];
}

/** Its instance is written only where the turn changed it: one that was not goes on running. */
function turnOf(id: string, turn: Written, written: readonly Written[]): string {
  const update = written.findLast((one) => starts('UPDATE instances', one) && one.parameters.at(-1) === id);
  const insert = written.findLast(
    (one) =>
      (starts('INSERT OR REPLACE INTO instances', one) || starts('INSERT OR IGNORE INTO instances', one)) && one.parameters[0] === id,
  );
  const name = update?.orchestration ?? (insert ? String(insert.parameters[2]) : turn.orchestration);
  const status = String(update ? update.parameters[0] : (insert?.parameters[4] ?? 'Running'));
  return `turn of ${name}, ${leadsTo(turn, status)}`;
}

function leadsTo({ parameters }: Written, status: string): string {
  if (status !== 'Running') return status.toLowerCase();
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

/** By the durable task framework's numbers: 15 is an event that was raised, 3 a termination; 0, a start, is told by its instance. */
function eventKind({ parameters }: Written): string | undefined {
  const { EventType } = JSON.parse(String(parameters[2])) as { EventType?: number };
  if (EventType === 0) return undefined;
  return EventType === 15 ? 'event' : 'order';
}
