/** One statement of a transaction of the embedded host. */
export interface Written {
  sql: string;
  parameters: unknown[];
  /** Of a result that is kept: whose. */
  activity?: string;
}

/** What a transaction of the embedded host means, read from its statements; undefined for one that is not known here. */
export function commitName(written: readonly Written[]): { what: string; subject: string } | undefined {
  const begins = (head: string): Written | undefined => written.find(({ sql }) => sql.trimStart().startsWith(head));
  const turn = begins('INSERT INTO history') && written.findLast(({ sql }) => sql.startsWith('INSERT OR REPLACE INTO instances'));
  if (turn) {
    const [id, , name, , status] = turn.parameters;
    return { what: `turn of ${String(name)}, ${leadsTo(written, String(status))}`, subject: String(id) };
  }
  const result = begins('DELETE FROM activities');
  if (result?.activity !== undefined) return { what: `result of ${result.activity}`, subject: String(result.parameters[0]) };
  const start = begins('INSERT OR REPLACE INTO instances');
  const post = begins('INSERT INTO inbox');
  if (start) return post && { what: `start of ${String(start.parameters[2])}`, subject: String(start.parameters[0]) };
  const timer = begins('DELETE FROM timers');
  if (timer && post) return { what: 'timer fires', subject: String(timer.parameters[0]) };
  if (post) return { what: `${eventKind(post)} kept`, subject: String(post.parameters[0]) };
  if (begins('DELETE FROM inbox')) return { what: 'late events dropped', subject: '' };
  if (begins('INSERT OR REPLACE INTO taken_messages')) return { what: 'message noted', subject: '' };
  if (begins('DELETE FROM taken_messages')) return { what: 'message forgotten', subject: '' };
  const meta = begins('INSERT INTO meta');
  if (meta) return { what: String(meta.parameters[0]).startsWith('timer.') ? 'timer noted' : 'keys made', subject: '' };
  if (begins('CREATE TABLE') ?? begins('PRAGMA user_version')) return { what: 'state file made', subject: '' };
  return undefined;
}

function leadsTo(written: readonly Written[], status: string): string {
  if (status !== 'Running') return status.toLowerCase();
  const activities = written.filter(({ sql }) => sql.startsWith('INSERT INTO activities')).map(({ parameters }) => String(parameters[3]));
  return activities.length > 0 ? `to ${activities.join(' and ')}` : 'waiting';
}

/** The durable task framework's event kind 15: raised. */
function eventKind({ parameters }: Written): string {
  const { EventType } = JSON.parse(String(parameters[2])) as { EventType?: number };
  return EventType === 15 ? 'event' : 'order';
}
