import { openDatabase, type Sqlite, type Statement } from '../../local/host/database';
import { activitiesAfterEvent, activitiesBeforeEvent, addOne, stepsARun } from './nine-steps';

/** A bare async function: the same work, and nothing of it outlives the process. */
export async function bareRun(nextEvent: () => Promise<void>): Promise<number> {
  let total = { count: 0 };
  for (let step = 0; step < activitiesBeforeEvent; step += 1) total = await Promise.resolve(addOne(total));
  await raced(nextEvent);
  for (let step = 0; step < activitiesAfterEvent; step += 1) total = await Promise.resolve(addOne(total));
  return total.count;
}

async function raced(nextEvent: () => Promise<void>): Promise<void> {
  let handle: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (handle = setTimeout(resolve, 3_600_000)));
  await Promise.race([nextEvent(), late]);
  clearTimeout(handle);
}

/**
 * The least that makes the same work durable: a run is kept before it counts as accepted, and each of its nine steps keeps its result and how far
 * the run is, in one synchronous commit a step. Engine, file system, journal mode and `synchronous` are the host's: `openDatabase` is its own.
 */
export interface Floor {
  db: Sqlite;
  accept(id: string): void;
  /** From the step after the last one kept. */
  finish(id: string, nextEvent: () => Promise<void>, afterStep?: () => void): Promise<void>;
  unfinished(): string[];
  close(): void;
}

export function openFloor(file: string): Floor {
  const db = openDatabase(file);
  db.exec('CREATE TABLE IF NOT EXISTS runs (id TEXT PRIMARY KEY, step INTEGER NOT NULL, state TEXT NOT NULL)');
  db.exec(
    'CREATE TABLE IF NOT EXISTS steps (run TEXT NOT NULL, step INTEGER NOT NULL, result TEXT NOT NULL, PRIMARY KEY (run, step)) WITHOUT ROWID',
  );
  const [begin, commit] = [db.prepare('BEGIN'), db.prepare('COMMIT')];
  const addRun = db.prepare('INSERT INTO runs (id, step, state) VALUES (?, 0, ?)');
  const addStep = db.prepare('INSERT INTO steps (run, step, result) VALUES (?, ?, ?)');
  const moveOn = db.prepare('UPDATE runs SET step = ?, state = ? WHERE id = ?');
  const read: Statement = db.prepare('SELECT step, state FROM runs WHERE id = ?');
  const keep = (id: string, step: number, state: string): void => {
    begin.run();
    addStep.run(id, step, state);
    moveOn.run(step, state, id);
    commit.run();
  };
  return {
    db,
    accept: (id) => void addRun.run(id, JSON.stringify({ count: 0 })),
    async finish(id, nextEvent, afterStep = () => undefined) {
      const found = read.get(id) as { step: number; state: string };
      let total = JSON.parse(found.state) as { count: number };
      for (let step = found.step + 1; step <= stepsARun; step += 1) {
        if (step === activitiesBeforeEvent + 1) await raced(nextEvent);
        else total = await Promise.resolve(addOne(total));
        keep(id, step, JSON.stringify(total));
        afterStep();
      }
    },
    unfinished: () => (db.prepare('SELECT id FROM runs WHERE step < ?').all(stepsARun) as { id: string }[]).map(({ id }) => id),
    close: () => db.close(),
  };
}
