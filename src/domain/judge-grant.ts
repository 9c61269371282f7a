import type { Standstill } from './calendar';
import { askedBy, isAnsweredThere, type Askers, type GateApprover, type GateRow } from './gate';
import { judgeAsk, viewOf, type AskVerdict, type GateView } from './judge-ask';
import { asksTheSame, isServiceGate } from './service-gate';
import type { DecisionRecord } from './rollout';
import type { GatePolicy } from './settings';

/** A gate as it was asked, if it was, beside what today's policy says of it. */
export interface GateToday {
  gate: string;
  /** Absent: today's policy has it, and nobody was asked yet. */
  asked?: { row: GateRow; etag: string };
  /** Absent: today's policy no longer has it, so nobody can answer it. */
  today?: GatePolicy;
  /** Whom today's policy names. Those who were asked before keep their place; the others are new. */
  approvers: GateApprover[];
  /** The larger of what the frozen policy and today's want. */
  needed: number;
  /** Answered in a service. `stands`: today's policy puts the very question that was put; `new`: another, or for the first time. */
  service?: 'stands' | 'new';
}

/** What an ask comes to, with the calendar. A held ask stays open: whoever said yes may not take it back, and another may still say no. */
export function judgeHeld(verdict: AskVerdict, standstills: readonly Standstill[], nowMs: number, expiresAtMs: number): AskVerdict {
  if (verdict !== 'granted' || standstills.length === 0) return verdict;
  return nowMs >= expiresAtMs ? 'expired' : 'held';
}

/** Lays today's policy beside the gates that were asked. */
export function gatesToday(asked: readonly { value: GateRow; etag: string }[], todays: readonly GatePolicy[], askers: Askers): GateToday[] {
  const names = [...new Set([...asked.map(({ value }) => value.gate), ...todays.map(({ name }) => name)])];
  return names.map((gate) => {
    const found = asked.find(({ value }) => value.gate === gate);
    const today = todays.find(({ name }) => name === gate);
    const service = serviceOf(found?.value, today);
    const approvers =
      today?.kind === 'signed-link' ? askedBy(today, askers, found?.value.escalation?.escalated ?? false, found?.value.approvers) : [];
    const needed = today?.kind === 'signed-link' ? today.needed : 1;
    return {
      gate,
      ...(found ? { asked: { row: found.value, etag: found.etag } } : {}),
      ...(today ? { today } : {}),
      approvers,
      needed: Math.max(found?.value.needed ?? 0, today ? needed : 0),
      ...(service === undefined ? {} : { service }),
    };
  });
}

function serviceOf(asked: GateRow | undefined, today: GatePolicy | undefined): GateToday['service'] {
  if (today === undefined || !isServiceGate(today)) return undefined;
  return asked !== undefined && isAnsweredThere(asked) && asksTheSame(asked.policy, today) ? 'stands' : 'new';
}

/** Gates that any one may open only where the frozen policy and today's both say so. */
export const combined = (frozen: 'all' | 'any', today: 'all' | 'any'): 'all' | 'any' =>
  frozen === 'any' && today === 'any' ? 'any' : 'all';

/** Whether the ask stands by the frozen policy and by today's: only a yes of somebody whom both name counts. */
export function standingKept(gates: readonly GateToday[], combine: 'all' | 'any', decisions: readonly DecisionRecord[]): boolean {
  const views = gates.map(({ gate, asked, approvers, needed, service }): GateView => {
    const before = new Set(asked?.row.approvers.map((one) => one.group ?? one.address));
    return viewOf(
      { gate, needed, isService: service === 'stands' },
      approvers.filter((one) => before.has(one.group ?? one.address)),
    );
  });
  return judgeAsk(views, combine, decisions, 0, 1) === 'granted';
}

/** Too few are left to answer: a group's members are not counted, and who answers in a service is not known here. */
export const hasTooFew = ({ approvers, needed, service }: GateToday): boolean =>
  service === undefined && approvers.length < needed && !approvers.some(({ group }) => group !== undefined);
