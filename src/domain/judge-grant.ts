import type { Standstill } from './calendar';
import { askedBy, type Askers, type GateApprover, type GateRow } from './gate';
import { judgeAsk, viewOf, type AskVerdict, type GateView } from './judge-ask';
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
    const approvers = today ? askedBy(today, askers, found?.value.escalation?.escalated ?? false, found?.value.approvers) : [];
    return {
      gate,
      ...(found ? { asked: { row: found.value, etag: found.etag } } : {}),
      ...(today ? { today } : {}),
      approvers,
      needed: Math.max(found?.value.needed ?? 0, today?.needed ?? 0),
    };
  });
}

/** Gates that any one may open only where the frozen policy and today's both say so. */
export const combined = (frozen: 'all' | 'any', today: 'all' | 'any'): 'all' | 'any' =>
  frozen === 'any' && today === 'any' ? 'any' : 'all';

/** Whether the ask stands by the frozen policy and by today's: only a yes of somebody whom both name counts. */
export function standingKept(gates: readonly GateToday[], combine: 'all' | 'any', decisions: readonly DecisionRecord[]): boolean {
  const views = gates.map(({ gate, asked, approvers, needed }): GateView => {
    const before = new Set(asked?.row.approvers.map((one) => one.group ?? one.address));
    return viewOf(
      { gate, needed },
      approvers.filter((one) => before.has(one.group ?? one.address)),
    );
  });
  return judgeAsk(views, combine, decisions, 0, 1) === 'granted';
}

/** Too few are left to answer: a group's members are not counted. */
export const hasTooFew = ({ approvers, needed }: GateToday): boolean =>
  approvers.length < needed && !approvers.some(({ group }) => group !== undefined);
