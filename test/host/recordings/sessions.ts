import { readFileSync } from 'node:fs';
import path from 'node:path';
import { readRecording, recordingsIn, shared, type Row } from './recording';

/** What one host saw, from its start on: recordings that were made one after the other, or one that tells of a restart. */
export interface Session {
  files: string[];
  rows: Row[];
  hostJson: unknown;
}

const said = 'host.json durableTask section: ';

/**
 * The recordings below a folder by the hosts that they were made on. `recordings` holds them, `app` the app and its host.json. Those that do not say when things
 * happened are not among them, and those of queues are compared by themselves.
 */
export function sessionsIn(root = shared): Session[] {
  const folder = path.join(root, 'recordings');
  const recordings = recordingsIn(folder)
    .map((file) => readRecording(file, folder))
    .filter((rows) => rows.some((row) => row.t !== undefined) && rows.every((row) => row.kind !== 'queueTrigger'))
    .sort((a, b) => (timeOf(a) < timeOf(b) ? -1 : 1));
  const sessions: Session[] = [];
  for (const rows of recordings) {
    const before = sessions.at(-1);
    const options = rows.find((row) => row.text?.startsWith(said))?.text?.slice(said.length);
    const isNext =
      options === undefined && before !== undefined && hubOf(rows) === hubOf(before.rows) && firstSeq(rows) > lastSeq(before.rows);
    const file = rows[0]?.file ?? '';
    if (isNext) before.rows.push(...rows);
    if (isNext) before.files.push(file);
    else sessions.push({ files: [file], rows: [...rows], hostJson: hostJsonOf(root, rows) });
  }
  return sessions;
}

/** The task hub that stands in the addresses which the host gave out. */
const hubOf = (rows: Row[]): string | undefined =>
  rows.map((row) => /taskHub=(\w+)/.exec(row.response?.body ?? '')?.[1]).find((hub) => hub !== undefined);
const timeOf = (rows: Row[]): string => rows.find((row) => row.t !== undefined)?.t ?? '';
const firstSeq = (rows: Row[]): number => rows.find((row) => row.seq !== undefined)?.seq ?? 0;
const lastSeq = (rows: Row[]): number => rows.findLast((row) => row.seq !== undefined)?.seq ?? Infinity;

const optionsOf = (rows: Row[]): string | undefined => rows.find((row) => row.text?.startsWith(said))?.text?.slice(said.length);

/** The host.json that some rows were recorded with: the app's, or with what the driver said of it. */
export function hostJsonOf(root: string, rows: Row[]): unknown {
  const own = JSON.parse(readFileSync(path.join(root, 'app/host.json'), 'utf8')) as object;
  const options = optionsOf(rows);
  return options === undefined ? own : { ...own, extensions: { durableTask: JSON.parse(options) as unknown } };
}

/** Whether the host was started anew somewhere in the middle: the numbers of rows begin again. */
export function hasRestart(rows: Row[]): boolean {
  return rows.some((row, at) => row.seq !== undefined && rows.slice(0, at).some((earlier) => (earlier.seq ?? 0) > (row.seq ?? 0) + 5));
}
