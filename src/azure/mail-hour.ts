import { isAlarm } from '../domain/notice-model';
import { takeMailTurn, type MailHour } from '../domain/mail-budget';
import type { NoticeRow } from '../domain/notice';
import { mailHourKey, noticesPartition } from '../domain/tables';
import type { Ports } from './ports';
import { mostTries } from './rows';

/** Counts a mail before it is sent; answers in how many seconds it may be tried again where the hour is full, 0 where it may go. */
export async function countMail(
  { rows, clock, mailBudget }: Pick<Ports, 'rows' | 'clock' | 'mailBudget'>,
  { id, moment }: Pick<NoticeRow, 'id' | 'moment'>,
): Promise<number> {
  for (let tries = 0; tries < mostTries; tries += 1) {
    const found = await rows.read<MailHour>(noticesPartition, mailHourKey);
    const turn = takeMailTurn(found?.value ?? { v: 1, sends: [] }, mailBudget, { id, isFailure: isAlarm(moment) }, clock.now());
    if (turn.kind === 'later') return turn.afterSeconds;
    const place = { partition: noticesPartition, row: mailHourKey, value: turn.hour };
    const written = await rows.write([found ? { kind: 'replace', ...place, etag: found.etag } : { kind: 'insert', ...place }]);
    if (written.kind === 'written') return 0;
  }
  throw new Error(
    `The count of mails (row ${mailHourKey} of ${noticesPartition}) lost to other writers ${mostTries} times and was not written.`,
  );
}
