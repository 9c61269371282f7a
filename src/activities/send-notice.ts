import { isoNow } from '../azure/clock';
import { forgetIncident, noteIncident } from '../azure/incident-rows';
import { appendLedger } from '../azure/ledger';
import type { MailMessage } from '../azure/mail';
import type { Ports } from '../azure/ports';
import type { Instances } from '../azure/instances';
import { countMail } from '../azure/mail-hour';
import { insertNotice } from '../azure/notice-rows';
import { changeRow } from '../azure/rows';
import { renderMail } from '../channels/mail';
import { sendOverChannel } from '../channels/sender';
import { fallbackNotices } from '../domain/fall-back';
import type { GateRow } from '../domain/gate';
import { buildNotice, isAlarm, noticeId } from '../domain/notice-model';
import { judgeClaim } from '../domain/judge-claim';
import type { SendAnswer } from '../domain/judge-delivery';
import type { NoticeRow } from '../domain/notice';
import { gateOfChannel, mailChannel } from '../domain/recipients';
import type { RolloutRow } from '../domain/rollout';
import { environmentOf, type Policy } from '../domain/settings';
import { gateKey, noticeKey, rolloutKey } from '../domain/tables';
import { closeRequest } from '../gates/close-request';
import { linkUrl, makeLink } from '../gates/signed-link';
import type { Activity } from './activity';

/** After so many refusals to take it now, a notice is given up. */
export const mostAttempts = 8;

const firstPauseSeconds = 10;
const longestPauseSeconds = 3600;

type Needs = Pick<
  Ports,
  | 'settings'
  | 'mailBudget'
  | 'rows'
  | 'clock'
  | 'mail'
  | 'channels'
  | 'services'
  | 'outgoing'
  | 'sms'
  | 'linkKeys'
  | 'ledgerKeys'
  | 'publicUrl'
>;
type Rendered = { kind: 'message'; message: MailMessage } | { kind: 'pointless'; why: string } | { kind: 'impossible'; why: string };

/**
 * One attempt at one notice. `rolloutId` is the partition of its row: the rollout's id, or `notices` for one that no rollout has. The
 * notice's id is the service's idempotency key where it knows one (docs/channels.md), and token and code are derived anew each time, so a rerun
 * sends the same bytes.
 */
export function createSendNotice(
  ports: Needs,
): Activity<{ rolloutId: string; noticeId: string }, { kind: 'settled' } | { kind: 'again'; afterSeconds: number }> {
  return async ({ rolloutId: partition, noticeId: id }, { instances }) => {
    const notice = (await ports.rows.read<NoticeRow>(partition, noticeKey(id)))?.value;
    if (!notice) throw new Error(`Notice ${id} has no row, so it can't be sent. Look whether the rows of ${partition} were deleted.`);
    if (notice.state !== 'to-send') return { kind: 'settled' };
    const tried = { ...notice, attempts: notice.attempts + 1 };
    if (gateOfChannel(notice.channel) !== undefined) return heed(ports, instances, partition, tried, await closeRequest(ports, notice));
    if (notice.channel !== mailChannel) {
      if (await mustWait(ports, notice)) return { kind: 'again', afterSeconds: firstPauseSeconds };
      const answer = await sendOverChannel(ports, notice);
      if (answer.kind === 'sent') await keepIncident(ports, notice);
      return heed(ports, instances, partition, tried, answer);
    }
    const rendered = await render(ports, notice);
    if (rendered.kind === 'pointless') return settle(ports, partition, notice, 'given-up', rendered.why);
    if (rendered.kind === 'impossible') return giveUp(ports, instances, partition, notice, rendered.why);
    const afterSeconds = await countMail(ports, notice);
    if (afterSeconds > 0) return { kind: 'again', afterSeconds };
    return heed(ports, instances, partition, tried, await ports.mail.send(rendered.message, notice.id));
  };
}

/** An incident is not resolved before the notice that opens it was sent or given up. */
async function mustWait({ rows }: Needs, { resolves, rolloutId, moment, channel }: NoticeRow): Promise<boolean> {
  if (resolves !== rolloutId) return false;
  const opening = await rows.read<NoticeRow>(rolloutId, noticeKey(noticeId(rolloutId, moment, channel, channel, 0)));
  return opening?.value.state === 'to-send';
}

/** Which incidents are open is known from rows, so that a later rollout resolves them. */
async function keepIncident(ports: Needs, { channel, rolloutId, resolves, moment, model }: NoticeRow): Promise<void> {
  if (resolves !== undefined) return forgetIncident(ports, model, { channel, rolloutId: resolves });
  if (ports.channels[channel]?.kind === 'pagerduty' && isAlarm(moment) && rolloutId !== '')
    await noteIncident(ports, model, { v: 1, channel, rolloutId, openedAt: isoNow(ports.clock) });
}

async function heed(
  ports: Needs,
  instances: Instances,
  partition: string,
  notice: NoticeRow,
  answer: SendAnswer,
): Promise<{ kind: 'settled' } | { kind: 'again'; afterSeconds: number }> {
  if (answer.kind === 'sent') return settle(ports, partition, notice, 'sent');
  if (answer.kind === 'refused') return giveUp(ports, instances, partition, notice, `${answer.code}: ${answer.text}`);
  if (notice.attempts >= mostAttempts) return giveUp(ports, instances, partition, notice, `${answer.code}, ${notice.attempts} times`);
  await changeRow<NoticeRow>(ports.rows, partition, noticeKey(notice.id), (row) =>
    row.state === 'to-send' ? { value: { ...row, attempts: notice.attempts, lastError: answer.code } } : undefined,
  );
  const afterSeconds = Math.min(longestPauseSeconds, Math.max(answer.afterSeconds, firstPauseSeconds * 2 ** (notice.attempts - 1)));
  return { kind: 'again', afterSeconds };
}

/** What goes out instead, then the record, both kept once by their ids: a settled row is never looked at again. */
async function giveUp(ports: Needs, instances: Instances, partition: string, notice: NoticeRow, why: string): Promise<{ kind: 'settled' }> {
  const { id, rolloutId, moment, channel, recipient, attempts, model } = notice;
  if (rolloutId !== '') {
    const instead = await insteadOf(ports, notice, why);
    for (const one of instead) await insertNotice(ports, instances, partition, one);
    const fallback = instead.map((one) => `${one.channel} to ${one.recipient}`);
    await appendLedger(ports, model, {
      id: `notice-given-up-${id}`,
      kind: 'notice-given-up',
      at: isoNow(ports.clock),
      data: { rolloutId, notice: id, moment, channel, recipient, attempts, why, ...(fallback.length === 0 ? {} : { fallback }) },
    });
  }
  return settle(ports, partition, notice, 'given-up', why);
}

/** Whoever policy names as fallback hears, and of an ask that somebody else is asked: its link is for the approver alone. */
async function insteadOf(ports: Needs, notice: NoticeRow, why: string): Promise<NoticeRow[]> {
  const { rolloutId, moment, model } = notice;
  const row = (await ports.rows.read<RolloutRow>(rolloutId, rolloutKey))?.value;
  if (!row) return [];
  const policy = row.plan?.kind === 'go' ? row.plan.policy : environmentOf(ports.settings, row.app, row.environment)?.policy;
  // A policy that was frozen by an earlier Slipway names none.
  const { fallback = [] }: Partial<Policy['notices']> = policy?.notices ?? {};
  return fallbackNotices(ports.settings, fallback, notice, model.ask ? buildNotice(moment, row, model.at) : model, why);
}

async function settle(
  ports: Needs,
  partition: string,
  notice: NoticeRow,
  state: 'sent' | 'given-up',
  lastError?: string,
): Promise<{ kind: 'settled' }> {
  const settled = { state, attempts: notice.attempts, settledAt: isoNow(ports.clock), ...(lastError === undefined ? {} : { lastError }) };
  await changeRow<NoticeRow>(ports.rows, partition, noticeKey(notice.id), (row) =>
    row.state === 'to-send' ? { value: { ...row, ...settled } } : undefined,
  );
  return { kind: 'settled' };
}

async function render(ports: Needs, { id: noticeId, recipient: to, model }: NoticeRow): Promise<Rendered> {
  const { publicUrl } = ports;
  if (!model.ask) return { kind: 'message', message: renderMail(model, { to, noticeId, publicUrl }) };
  const { rolloutId, ask } = model;
  const rollout = await ports.rows.read<RolloutRow>(rolloutId, rolloutKey);
  const gate = (await ports.rows.read<GateRow>(rolloutId, gateKey(ask.gate)))?.value;
  if (!gate) return { kind: 'impossible', why: `gate ${ask.gate} has no row` };
  const subject = { ...ask, rolloutId, digest: gate.digest, expiresAt: gate.expiresAt };
  const verdict = judgeClaim(rollout?.value, gate, subject, ports.clock.now());
  if (verdict.kind === 'expired') return { kind: 'impossible', why: 'the ask expired before the mail could be sent' };
  if (verdict.kind !== 'open') return { kind: 'pointless', why: `no longer asked: ${verdict.kind}` };
  const link = await makeLink(ports.linkKeys, gate.keyId, subject);
  if (!link) return { kind: 'impossible', why: `link key ${gate.keyId}, which this gate was opened with, is no longer kept` };
  return {
    kind: 'message',
    message: renderMail(model, {
      to,
      noticeId,
      publicUrl,
      link: linkUrl(publicUrl, link, gate.proof),
      ...(gate.proof === 'entra' ? {} : { code: link.code }),
    }),
  };
}
