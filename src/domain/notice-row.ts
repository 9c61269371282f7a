import type { GateApprover, GateRow } from './gate';
import type { Moment, NoticeModel, NoticeRow } from './notice';
import { buildNotice, noticeId } from './notice-model';
import { mailChannel, type Recipient } from './recipients';
import type { RolloutRow } from './rollout';

/** A notice that is still to send. Its model is frozen here, so that every attempt sends the same bytes. */
export const noticeRow = (id: string, { channel, recipient }: Recipient, model: NoticeModel): NoticeRow => ({
  v: 1,
  id,
  rolloutId: model.rolloutId,
  moment: model.moment,
  channel,
  recipient,
  model,
  state: 'to-send',
  attempts: 0,
});

/** The mail that asks one approver. `number`: that of the mail, or another where the same mail is to be sent again. `at` is an ISO time. */
export const waitingNotice = (
  row: RolloutRow,
  gate: GateRow,
  approver: GateApprover,
  at: string,
  number = approver.mailNumber,
): NoticeRow =>
  askNotice('waiting', noticeId(row.id, 'waiting', mailChannel, approver.address, number, gate.gate), row, gate, approver, at);

/** `number` counts the reminders of one mail. */
export const reminderNotice = (row: RolloutRow, gate: GateRow, approver: GateApprover, number: number, at: string): NoticeRow =>
  askNotice(
    'reminder',
    noticeId(row.id, 'reminder', mailChannel, approver.address, number, `${gate.gate} ${approver.mailNumber}`),
    row,
    gate,
    approver,
    at,
  );

function askNotice(moment: Moment, id: string, row: RolloutRow, gate: GateRow, approver: GateApprover, at: string): NoticeRow {
  const ask = {
    gate: gate.gate,
    approver: approver.address,
    expiresAt: gate.expiresAt,
    mailNumber: approver.mailNumber,
    proof: gate.proof,
  };
  return noticeRow(id, { channel: mailChannel, recipient: approver.address }, buildNotice(moment, row, at, ask));
}
