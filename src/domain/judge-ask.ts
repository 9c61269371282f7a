import type { DecisionRecord } from './rollout';

/** What an ask needs to know of a gate to be judged. */
export interface GateView {
  gate: string;
  needed: number;
  approvers: readonly string[];
  /** Object ids of groups whose members may answer. */
  groups?: readonly string[];
  /** Answered in a service: whoever answered there was allowed to. */
  isService?: boolean;
}

/** `held`: every yes is there, and no swap may be now. */
export type AskVerdict = 'granted' | 'rejected' | 'expired' | 'waiting' | 'held';

/**
 * One no ends it, however gates combine. A yes that was written counts even when the expiry has passed since: whoever decided in time
 * decided. Only decisions of approvers who stand in the gate's list count.
 */
export function judgeAsk(
  gates: readonly GateView[],
  combine: 'all' | 'any',
  decisions: readonly DecisionRecord[],
  nowMs: number,
  expiresAtMs: number,
): AskVerdict {
  if (decisions.some((decision) => decision.answer === 'no')) return 'rejected';
  const granted = gates.map((gate) => yesses(gate, decisions) >= gate.needed);
  const isGranted = gates.length === 0 || (combine === 'all' ? granted.every(Boolean) : granted.some(Boolean));
  if (isGranted) return 'granted';
  return nowMs >= expiresAtMs ? 'expired' : 'waiting';
}

function yesses(gate: GateView, decisions: readonly DecisionRecord[]): number {
  const listed = new Set(gate.approvers.map((approver) => approver.toLowerCase()));
  const mayAnswer = ({ approver, group, service }: DecisionRecord): boolean =>
    service !== undefined
      ? gate.isService === true
      : listed.has(approver.toLowerCase()) || (group !== undefined && (gate.groups ?? []).includes(group));
  const said = decisions.filter((one) => one.gate === gate.gate && one.answer === 'yes' && mayAnswer(one));
  return new Set(said.map((one) => one.approver.toLowerCase())).size;
}

/** A gate's approvers by name, and the groups it asks. */
export const viewOf = (
  { gate, needed, isService = false }: Pick<GateView, 'gate' | 'needed' | 'isService'>,
  asked: readonly { address: string; group?: string }[],
): GateView => ({
  ...{ gate, needed },
  ...(isService ? { isService } : {}),
  approvers: asked.flatMap(({ address, group }) => (group === undefined ? [address] : [])),
  groups: asked.flatMap(({ group }) => (group === undefined ? [] : [group])),
});

/** When an open ask has to be looked at next: the reminders, as parts of the time given, then the expiry. `reminder` numbers them from 1. */
export function nextDue(
  openedAtMs: number,
  expiresAtMs: number,
  remindAt: readonly number[],
  nowMs: number,
): { atMs: number; reminder: number | undefined } {
  const reminders = [...remindAt]
    .sort((a, b) => a - b)
    .map((part, n) => ({ atMs: openedAtMs + Math.round((expiresAtMs - openedAtMs) * part), reminder: n + 1 }));
  return reminders.find((one) => one.atMs > nowMs) ?? { atMs: expiresAtMs, reminder: undefined };
}
