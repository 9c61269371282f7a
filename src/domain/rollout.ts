import type { Expected } from './judge-swap';
import type { Refusal } from './not-allowed';
import type { Plan } from './plan';
import type { Release } from './release';
import type { RequestRecord, ServiceKind } from './service-gate';
import type { CheckResult } from './verdict';

export const phases = [
  'queued',
  'planning',
  'announcing',
  'staging',
  'proving',
  'asking',
  'swapping',
  'watching',
  'telling',
  'undoing',
  'done',
] as const;
export type Phase = (typeof phases)[number];

export const outcomes = [
  'deployed',
  'unchanged',
  'rejected',
  'expired',
  'cancelled',
  'superseded',
  'failed',
  'rolled-back',
  'needs-attention',
] as const;
export type Outcome = (typeof outcomes)[number];

/** Who asked. `verified` is true only where a platform vouched for the name (Easy Auth, the laptop's operator). */
export interface Requester {
  name: string;
  verified: boolean;
  via: 'http' | 'queue' | 'slipway';
}

/** What a person, or a newer release, wants of a rollout that runs. The first one written stays. */
export interface Intent {
  kind: 'cancel' | 'supersede' | 'roll-back';
  by: string;
  reason: string;
  at: string;
}

/** A person's word that one rollout need not wait for a window, nor for the end of a freeze. */
export interface Override {
  by: string;
  reason: string;
  at: string;
}

export interface PhaseRecord {
  phase: Phase;
  startedAt: string;
  endedAt?: string;
  /** One line that says what the phase did, for people. */
  note?: string;
}

export interface Ending {
  outcome: Outcome;
  at: string;
  /** Code of the error catalogue, where something went wrong. */
  code?: string;
  /** One sentence: what happened and why. */
  reason: string;
  /** One sentence: what to do next. */
  next: string;
  /** After a swap back whose content could not be proven. */
  isUnproven?: true;
  /** What production serves now, as far as it was proven. */
  serves: string;
}

/** The longest comment on a decision, in characters. */
export const mostCommentCharacters = 1000;

/** A decision as everybody may see it. */
export interface DecisionRecord {
  gate: string;
  approver: string;
  answer: 'yes' | 'no';
  /** Decided as a member of this Entra group. */
  group?: string;
  comment?: string;
  at: string;
  /** Decided there, in this request, and not by a link or a sign-in. */
  service?: ServiceKind;
  request?: string;
}

export interface WithdrawnDecision extends DecisionRecord {
  withdrawnAt: string;
}

/** How the ask stands. Written with the rollout row's ETag, so that click, expiry and cancel can't both win. */
export type AskState = 'open' | 'granted' | 'rejected' | 'expired';

/** The row everything is decided on: partition `<rollout id>`, row `rollout`. */
export interface RolloutRow {
  v: 1;
  id: string;
  app: string;
  environment: string;
  kind: 'deploy' | 'revert';
  /** The rollout whose effect a revert takes back. */
  reverts?: string;
  /** The rollout whose package goes on here from another environment. */
  promotes?: string;
  /** Why a revert was asked for, in the words of whoever asked. */
  why?: string;
  release: Release;
  requester: Requester;
  /** The build's actor: a claim, kept as such. */
  actor?: string;
  /** Why it can't wait: it goes through policy's lane for hotfixes. */
  hotfix?: string;
  /** Somebody let it pass windows and freezes. */
  override?: Override;
  admittedAt: string;
  /** The one instance that tells this story; null until one has claimed it. */
  starter: string | null;
  phase: Phase;
  /** The number of the wait that is open; only ever larger. */
  round: number;
  roundOpenedAt?: string;
  /** While a lane is held: its epoch. */
  epoch?: number;
  intent?: Intent;
  phases: PhaseRecord[];
  plan?: Plan;
  /** What the swap was granted for: what production holds once it is done. */
  brought?: Expected;
  /** What the preflight found worth knowing: warnings, and names of settings whose values travel with the swap. */
  preflight?: { warnings: string[]; travelling: string[] };
  /** What Azure last refused to Slipway's identity in one of the rollout's steps. */
  refusal?: Refusal;
  checks: CheckResult[];
  ask?: {
    state: AskState;
    openedAt: string;
    expiresAt: string;
    decisions: DecisionRecord[];
    /** Every yes is there, and why no swap may be yet. */
    held?: string[];
    /** Of which apps the line is stopped that holds it; null: of all. */
    stoppedLines?: (string | null)[];
    /** How gates combine since it was opened again; before that, as the plan says. */
    combine?: 'all' | 'any';
    /** How often it was opened again because an approver had lost standing. */
    reopened?: number;
    /** When it was opened again last, after every yes was there. */
    reopenedAt?: string;
    /** When a service last said that there is something to look at, and was heeded. */
    nudgedAt?: string;
    /** How many nudges were heeded. */
    nudges?: number;
    /** What was asked in services, and what was last heard of it. */
    requests?: RequestRecord[];
    /** A yes that was given in a service and taken back there, or that belonged to a question that is no longer put. */
    withdrawn?: WithdrawnDecision[];
  };
  ending?: Ending;
  lastWriteAt: string;
}

/**
 * The time of a write to a rollout's row: always later than the opening of the round that is open, also within the same millisecond or by a clock that
 * lags behind. Only by that can the watchdog tell a change that the round has not seen, and whose wake may be lost.
 */
export function writeTime({ roundOpenedAt }: Pick<RolloutRow, 'roundOpenedAt'>, nowMs: number): string {
  return new Date(Math.max(nowMs, roundOpenedAt === undefined ? 0 : Date.parse(roundOpenedAt) + 1)).toISOString();
}

/** From the first swap POST on a cancel comes too late. */
export function isBeforeSwap(phase: Phase): boolean {
  return phases.indexOf(phase) < phases.indexOf('swapping');
}
