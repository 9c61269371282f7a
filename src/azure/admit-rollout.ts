import { keyRowOf, type KeyRow, type ReleaseSettingsRow, type SourceRow } from '../domain/admission';
import type { RolloutRow } from '../domain/rollout';
import { keyPartition, keyRow, releaseSettingsKey, rolloutKey, sourceKey } from '../domain/tables';
import type { Instances } from './instances';
import type { Ports } from './ports';
import { noteOpen } from './rollout-index';
import type { Change } from './rows';

type NeededPorts = Pick<Ports, 'rows' | 'clock'>;

/** One rollout to be admitted under one idempotency key. */
export interface Admission {
  key: string;
  bodyHash: string;
  row: RolloutRow;
  /** Absent for a revert: its package is kept already. */
  source?: SourceRow;
  settings: ReleaseSettingsRow;
}

export type Admitted = { kind: 'admitted'; id: string; already: boolean } | { kind: 'key-reused' };

/**
 * Key row, then the row by which it is found, then the rollout's rows, then its instance: whoever crashes in between leaves something that the next delivery of the same
 * request completes. An instance id alone would not do, since a start replaces an instance that has ended.
 */
export async function admitRollout(ports: NeededPorts, instances: Instances, admission: Admission): Promise<Admitted> {
  const partition = keyPartition(admission.key);
  const mine = keyRowOf(admission.row.id, admission.bodyHash, ports.clock.now());
  const claimed = await ports.rows.write([{ kind: 'insert', partition, row: keyRow, value: mine }]);
  const key = claimed.kind === 'written' ? mine : ((await ports.rows.read<KeyRow>(partition, keyRow))?.value ?? mine);
  if (key.bodyHash !== admission.bodyHash) return { kind: 'key-reused' };

  const already = claimed.kind === 'conflict';
  if (await insertRows(ports, rowsOf(admission, key.rolloutId), already))
    await instances.start('rollout', key.rolloutId, { rolloutId: key.rolloutId });
  else await startIfMissing(ports, instances, key.rolloutId);
  return { kind: 'admitted', id: key.rolloutId, already };
}

/** Whether they were not there yet. One that was let go does not come among the open ones again. */
async function insertRows(ports: NeededPorts, changes: [Change, ...Change[]], already: boolean): Promise<boolean> {
  const id = changes[0].partition;
  if (already && (await ports.rows.read(id, rolloutKey))) return false;
  await noteOpen(ports, id);
  return (await ports.rows.write(changes)).kind === 'written';
}

/** Joins the attempt that has not ended, else makes the next. `base` says what all the attempts have in common. */
export const admitNextAttempt = async (
  ports: NeededPorts,
  instances: Instances,
  base: string,
  admissionOf: (key: string) => Admission,
): Promise<Admitted> => admitRollout(ports, instances, admissionOf((await nextAttempt(ports, base)).key));

/** `isAdmitted`: somebody asked for it already, and it has not ended. */
export async function nextAttempt(ports: Pick<Ports, 'rows'>, base: string): Promise<{ key: string; isAdmitted: boolean }> {
  for (let attempt = 1; ; attempt += 1) {
    const key = `${base}:${attempt}`;
    const known = await ports.rows.read<KeyRow>(keyPartition(key), keyRow);
    const rollout = known && (await ports.rows.read<RolloutRow>(known.value.rolloutId, rolloutKey));
    if (!rollout?.value.ending) return { key, isAdmitted: known !== undefined };
  }
}

function rowsOf({ row, source, settings }: Admission, id: string): [Change, ...Change[]] {
  const insert = (key: string, value: object): Change => ({ kind: 'insert', partition: id, row: key, value });
  return [insert(rolloutKey, { ...row, id }), insert(releaseSettingsKey, settings), ...(source ? [insert(sourceKey, source)] : [])];
}

/** Starts the story of a rollout that has a row, no ending and no instance: somebody crashed between row and start. */
export async function startIfMissing(ports: NeededPorts, instances: Instances, id: string): Promise<void> {
  const found = await ports.rows.read<RolloutRow>(id, rolloutKey);
  if (found && !found.value.ending && (await instances.status(id)) === 'unknown') await instances.start('rollout', id, { rolloutId: id });
}
