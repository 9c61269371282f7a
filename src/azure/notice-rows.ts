import type { NoticeRow } from '../domain/notice';
import { noticeKey } from '../domain/tables';
import type { Instances } from './instances';
import type { Change, Rows } from './rows';

/** The change that puts a notice into a transaction of the partition it belongs to. */
export const insertedNotice = (partition: string, notice: NoticeRow): Change => ({
  kind: 'insert',
  partition,
  row: noticeKey(notice.id),
  value: notice,
});

/** Starts the delivery of a notice whose row is there. A delivery that runs is left alone. */
export const startDelivery = (instances: Instances, partition: string, { id }: Pick<NoticeRow, 'id'>): Promise<void> =>
  instances.start('deliverNotice', `deliver-${id}`, { rolloutId: partition, noticeId: id });

/** Row first, then its delivery; a notice that is there already is not told twice, and one that was left half-way goes on. */
export async function insertNotice(ports: { rows: Rows }, instances: Instances, partition: string, notice: NoticeRow): Promise<void> {
  const written = await ports.rows.write([insertedNotice(partition, notice)]);
  const standing = written.kind === 'written' ? notice : (await ports.rows.read<NoticeRow>(partition, noticeKey(notice.id)))?.value;
  if (standing?.state === 'to-send') await startDelivery(instances, partition, notice);
}
