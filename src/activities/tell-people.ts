import { isoNow } from '../azure/clock';
import { readLedgerHead } from '../azure/ledger';
import type { Ports } from '../azure/ports';
import { readRollout } from '../azure/rollout-rows';
import { openIncidents } from '../azure/incident-rows';
import { insertNotice } from '../azure/notice-rows';
import { madeThere, type GateRow } from '../domain/gate';
import type { Moment, NoticeModel, NoticeRow } from '../domain/notice';
import { buildNotice, isAlarm, isClosing, noticeId } from '../domain/notice-model';
import { noticeRow, reminderNotice, waitingNotice } from '../domain/notice-row';
import type { RolloutRow } from '../domain/rollout';
import { channelOfGate, recipientsOf } from '../domain/recipients';
import { environmentOf, type Policy } from '../domain/settings';
import { gateKey } from '../domain/tables';
import type { Activity } from './activity';

/**
 * Tells people of one moment of a rollout, once: `waiting` and `reminder` ask the approvers (of `gate`, or of all gates) who have not
 * decided; what policy's audiences hear of a moment goes to them, over whichever channels they are reached. `number` counts
 * reminders; for `waiting` it stands for the mail's own number, so that an ask that was opened again mails again.
 */
export function createTellPeople(
  ports: Pick<Ports, 'rows' | 'clock' | 'settings' | 'ledgerKeys'>,
): Activity<{ rolloutId: string; moment: Moment; number?: number; gate?: string }, { notices: number }> {
  return async ({ rolloutId, moment, number, gate }, { instances }) => {
    const row = await readRollout(ports, rolloutId);
    const notices = [
      ...(moment === 'waiting' || moment === 'reminder' ? await asks(ports, row, moment, number, gate) : []),
      ...(await tidings(ports, row, moment, number)),
    ];
    const closing = isClosing(moment) ? await closings(ports, row, await modelOf(ports, row, moment)) : [];
    for (const notice of [...notices, ...closing]) await insertNotice(ports, instances, rolloutId, notice);
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

/** What the audiences of the frozen policy hear, or of today's where no plan was made. */
async function tidings(
  ports: Pick<Ports, 'rows' | 'clock' | 'settings' | 'ledgerKeys'>,
  row: RolloutRow,
  moment: Moment,
  number = 0,
): Promise<NoticeRow[]> {
  const policy = row.plan?.kind === 'go' ? row.plan.policy : environmentOf(ports.settings, row.app, row.environment)?.policy;
  // A policy that was frozen by an earlier Slipway does not know every moment.
  const heardBy: Partial<Policy['notices']> = policy?.notices ?? {};
  const model = await modelOf(ports, row, moment);
  const severity = isAlarm(moment) ? heardBy.severity?.[moment] : undefined;
  const said = severity === undefined ? model : { ...model, severity };
  const told = recipientsOf(ports.settings, heardBy[moment] ?? [], moment).map((to) =>
    noticeRow(noticeId(row.id, moment, to.channel, to.recipient, number), to, said),
  );
  return [...told, ...(await resolving(ports, row, said, told))];
}

async function modelOf(ports: Pick<Ports, 'rows' | 'clock'>, row: RolloutRow, moment: Moment): Promise<NoticeModel> {
  const head = isClosing(moment) ? await readLedgerHead(ports, row) : undefined;
  return { ...buildNotice(moment, row, isoNow(ports.clock)), ...(head === undefined ? {} : { ledgerHead: head }) };
}

/**
 * What closes the requests that were made for gates: each is told as a notice, and so tried again, and made good by the watchdog. The gates' rows know
 * them all; the rollout's knows only those that it heard of before somebody wanted it to end.
 */
async function closings(ports: Pick<Ports, 'rows'>, row: RolloutRow, model: NoticeModel): Promise<NoticeRow[]> {
  const gates = (await ports.rows.list<GateRow>(row.id, gateKey(''))).map(({ value }) => value);
  return gates.flatMap((gate) =>
    madeThere(gate).map(({ request: { number = gate.gate, correlation } }, n) => {
      const channel = channelOfGate(gate.gate);
      return {
        ...noticeRow(noticeId(row.id, model.moment, channel, gate.gate, n), { channel, recipient: number }, model),
        correlation,
      };
    }),
  );
}

/**
 * What resolves incidents: that of this rollout, once the release that served before provably serves again; and after `deployed` whatever earlier
 * rollouts left open here.
 */
async function resolving(
  ports: Pick<Ports, 'rows' | 'settings'>,
  row: RolloutRow,
  model: NoticeModel,
  told: readonly NoticeRow[],
): Promise<NoticeRow[]> {
  const { channels } = ports.settings;
  const isPager = (channel: string): boolean => Object.hasOwn(channels, channel) && channels[channel]?.kind === 'pagerduty';
  const isUndone = model.moment === 'rolled-back' && row.ending?.isUnproven !== true;
  const open = [
    ...(isUndone ? told.map(({ channel }) => ({ channel, rolloutId: row.id })) : []),
    ...(model.moment === 'success' && Object.keys(channels).some(isPager) ? await openIncidents(ports, row) : []),
  ];
  return open
    .filter(({ channel }) => isPager(channel))
    .map(({ channel, rolloutId }) => ({
      ...noticeRow(noticeId(row.id, model.moment, channel, `resolves ${rolloutId}`, 0), { channel, recipient: channel }, model),
      resolves: rolloutId,
    }));
}
