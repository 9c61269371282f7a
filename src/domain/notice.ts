import type { Proof } from './proof';

/** A moment of a rollout that people hear of. */
export const moments = ['start', 'waiting', 'reminder', 'success', 'failure', 'rolled-back', 'needs-attention', 'ended'] as const;
export type Moment = (typeof moments)[number];

/** What a notice says, before any channel renders it. Frozen in the notice's row, so that a rerun sends the same bytes. */
export interface NoticeModel {
  moment: Moment;
  rolloutId: string;
  app: string;
  environment: string;
  version: string;
  /** Local part of the status page's address; the channel puts the public URL before it. */
  statusPath: string;
  /** The state, as subject and headline: `Waiting for you: hello 2.0.0 to production`. */
  headline: string;
  /** One sentence that says what happened. */
  sentence: string;
  /** What production serves now: first line of every failure. */
  serves: string;
  /** Name and value pairs of evidence, in order, names never secret values. */
  facts: { name: string; value: string }[];
  checks: { name: string; verdict: string; seen: string }[];
  /** What Slipway did, in order, and what is left to do. */
  did: string[];
  next: string[];
  /** How urgent policy calls it, for moments that must stick out. */
  severity?: 'critical' | 'error' | 'warning' | 'info';
  /** For `waiting` and `reminder`: who is asked and until when. */
  ask?: { gate: string; approver: string; expiresAt: string; mailNumber: number; proof: Proof };
  /** Head of the ledger's chain at the end, in closing notices. */
  ledgerHead?: string;
  at: string;
}

/** Row `notice-<id>` in the rollout's partition. */
export interface NoticeRow {
  v: 1;
  id: string;
  rolloutId: string;
  moment: Moment;
  /** `mail`, or the name of a channel of slipway.yaml. */
  channel: string;
  /** An address or number, or the channel's name again. */
  recipient: string;
  model: NoticeModel;
  /** The rollout whose incident this notice resolves, where that is all it is for. */
  resolves?: string;
  /** Of a notice that closes a request of a gate: what that is found by in its service. */
  correlation?: string;
  /** The notice that was given up and that this one goes out instead of. */
  insteadOf?: string;
  state: 'to-send' | 'sent' | 'given-up';
  attempts: number;
  lastError?: string;
  settledAt?: string;
}
