import type { Slots } from '../domain/live';
import type { TargetFacts } from '../domain/preflight';
import type { Target } from '../domain/settings';
import type { Hosting } from '../domain/way';

export interface IndexedFunction {
  name: string;
  /** `http`, `queue`, …: the trigger binding's type without `Trigger`; '' when none is given. */
  trigger: string;
  disabled: boolean;
}

export type PostSwapAnswer =
  /** 202. */
  | { kind: 'accepted' }
  /** No answer that says what happened: time-out, reset, 5xx, 409 by a swap in progress, 429 by a lock. Read again; do not post. */
  | { kind: 'unknown'; code: string }
  /** Azure said no, and nothing was begun. `retryable`: the same POST may work later (VM allocation, quota). */
  | {
      kind: 'refused';
      code: 'ping-failed' | 'warm-up-failed' | 'prepared-for-swap' | 'vm-allocation' | 'quota' | 'not-allowed' | 'other';
      retryable: boolean;
      retryAfterSeconds?: number;
      text: string;
    };

/** One function app and its slot, through ARM. Client retries and redirects are off for the swap: a swap posted twice reverts itself. */
export interface AppControl {
  readFacts(target: Target): Promise<TargetFacts>;
  /** What decides how a release can reach the slot. */
  readHosting(target: Target): Promise<Hosting>;
  /** Marker, content, swap status and operation of both slots; content through SCM, or from the setting that names a package's address. */
  readSlots(target: Target): Promise<Slots>;
  /** Adds names to slotConfigNames (read, add, write, read back), then sets the values in the slot. In this order, or they would travel. */
  writeStickySettings(target: Target, settings: Record<string, string>): Promise<void>;
  /**
   * One replace of the slot's whole settings list: first names in `reset` are set back to production's value (or removed where
   * production has none), then `write` is laid over it. Answers whether anything changed (a change restarts the slot).
   */
  writeSlotSettings(target: Target, change: { reset: string[]; write: Record<string, string> }): Promise<{ changed: boolean }>;
  /**
   * Tells the platform to read the slot's triggers anew, which it does not do by itself after a change of a package's URL. `not-yet`: the slot's host
   * does not answer, as while it starts. Done twice it is as done once.
   */
  syncTriggers(target: Target): Promise<{ kind: 'synced' } | { kind: 'not-yet'; code: string }>;
  /** What the slot's host indexed. */
  listFunctions(target: Target, slot: 'production' | 'staging'): Promise<IndexedFunction[]>;
  /** The host's default function key; undefined where it has none. It never leaves the activity that asked. */
  functionKey(target: Target, slot: 'production' | 'staging'): Promise<string | undefined>;
  /** POST slots/{slot}/slotsswap with production as the target: once, no retry, no redirect. */
  postSwap(target: Target): Promise<PostSwapAnswer>;
  /** Names of a function app's slots, production aside. */
  listSlots(site: Omit<Target, 'slot'>): Promise<string[]>;
  /** How far this machine's clock is ahead of Azure's, to a second or so; undefined where Azure did not say. */
  clockAheadMs(target: Target): Promise<number | undefined>;
  /** Base URL of a slot as ARM names it: https, or http for a loopback address. */
  slotUrl(hostName: string): string;
}
