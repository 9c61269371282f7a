import { isoNow } from '../azure/clock';
import type { Instances } from '../azure/instances';
import { readLedgerHead } from '../azure/ledger';
import type { Ports } from '../azure/ports';
import { readRollout } from '../azure/rollout-rows';
import type { Change, Rows } from '../azure/rows';
import type { GateRow } from '../domain/gate';
import type { Moment, NoticeRow } from '../domain/notice';
import { buildNotice, isClosing, noticeId } from '../domain/notice-model';
import { noticeRow, reminderNotice, waitingNotice } from '../domain/notice-row';
import type { RolloutRow } from '../domain/rollout';
import { environmentOf, type Settings } from '../domain/settings';
import { gateKey, noticeKey } from '../domain/tables';
import type { Activity } from './activity';

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

/**
 * Tells people of one moment of a rollout, once: `waiting` and `reminder` go to the approvers (of `gate`, or of all gates) who have not
 * decided, everything else to the audiences of the frozen policy, or of today's where no plan was made. `number` counts
 * reminders; for `waiting` it stands for the mail's own number, so that an ask that was opened again mails again.
 */
export function createTellPeople(
  ports: Pick<Ports, 'rows' | 'clock' | 'settings' | 'ledgerKeys'>,
): Activity<{ rolloutId: string; moment: Moment; number?: number; gate?: string }, { notices: number }> {
  return async ({ rolloutId, moment, number, gate }, { instances }) => {
    const row = await readRollout(ports, rolloutId);
    const notices =
      moment === 'waiting' || moment === 'reminder'
        ? await asks(ports, row, moment, number, gate)
        : await tidings(ports, row, moment, number);
    for (const notice of notices) await insertNotice(ports, instances, rolloutId, notice);
    return { notices: notices.length };
  };
}

async function asks(
  ports: Pick<Ports, 'rows' | 'clock'>,
  row: RolloutRow,
  moment: 'waiting' | 'reminder',
  number: number | undefined,
  only: string | undefined,
): Promise<NoticeRow[]> {
  const gates = (await ports.rows.list<GateRow>(row.id, gateKey(only ?? ''))).map(({ value }) => value);
  const decisions = row.ask?.decisions ?? [];
  const at = isoNow(ports.clock);
  return gates
    .filter(({ gate }) => only === undefined || gate === only)
    .flatMap((gate) =>
      gate.approvers
        .filter(
          ({ address }) => !decisions.some((said) => said.gate === gate.gate && said.approver.toLowerCase() === address.toLowerCase()),
        )
        .map((approver) =>
          moment === 'waiting' ? waitingNotice(row, gate, approver, at, number) : reminderNotice(row, gate, approver, number ?? 1, at),
        ),
    );
}

async function tidings(
  ports: Pick<Ports, 'rows' | 'clock' | 'settings' | 'ledgerKeys'>,
  row: RolloutRow,
  moment: Exclude<Moment, 'waiting' | 'reminder'>,
  number: number | undefined,
): Promise<NoticeRow[]> {
  const head = isClosing(moment) ? await readLedgerHead(ports, row) : undefined;
  const model = { ...buildNotice(moment, row, isoNow(ports.clock)), ...(head === undefined ? {} : { ledgerHead: head }) };
  return audienceOf(ports.settings, row, moment).map((recipient) =>
    noticeRow(noticeId(row.id, moment, 'mail', recipient, number ?? 0), recipient, model),
  );
}

/** Each address once, however it is written. */
function audienceOf(settings: Settings, row: RolloutRow, moment: Exclude<Moment, 'waiting' | 'reminder'>): string[] {
  const policy = row.plan?.kind === 'go' ? row.plan.policy : environmentOf(settings, row.app, row.environment)?.policy;
  const addresses = (policy?.notices[moment] ?? []).flatMap((audience) => settings.people[audience] ?? []);
  return [...new Map(addresses.map((address) => [address.toLowerCase(), address])).values()];
}
