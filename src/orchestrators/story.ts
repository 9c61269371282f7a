import type { Task } from 'durable-functions';
import type { ActivityName, Catalogue, EndingDraft } from '../activities/catalogue';
import type { Expected } from '../domain/judge-swap';
import type { Slots } from '../domain/live';
import type { GoPlan } from '../domain/plan';
import type { Intent } from '../domain/rollout';
import { endingOfIntent } from '../domain/endings';
import { act, type Telling } from './act';
import { nowMs, waitRound, type Rounds } from './wait-round';

/** What one rollout knows of itself while its story is told. */
export interface Story extends Rounds {
  rolloutId: string;
  version: string;
  /** The slot's name in Azure. */
  slot: string;
  /** The turn in the lane; 0 before it is taken. */
  epoch: number;
  plan: GoPlan | undefined;
  /** What staging was proven to hold, and what production must hold after the swap. */
  staged: Expected | undefined;
  /** The ask while it is open: when it began, when it ends, which gates. */
  asked: Catalogue['openAsk']['output'] | undefined;
  /** Noted before the act they take back; the newest is undone first. */
  undos: Undo[];
  /** Swap attempts so far, undo included: each number is posted at most once. */
  swaps: number;
  /** False when the swap was done by marker and swap status, and the content could not be read. */
  contentProven: boolean;
  /** One line, for people, on what the phase that runs has done. */
  did: string | undefined;
}

/** `swap`: production may hold what staging held. The basis is what both slots held directly before. */
export interface Undo {
  kind: 'swap';
  basis: Slots;
  /** No POST is left: should production hold what staging held after all, a person has to look. */
  onlyLook?: boolean;
}

/** One phase: an ending, or undefined to go on. */
export type Phased = Generator<Task, EndingDraft | undefined, unknown>;

/** Runs an activity about this rollout. */
export function* tell<Name extends ActivityName>(
  story: Story,
  name: Name,
  input: Omit<Catalogue[Name]['input'], 'rolloutId'>,
): Telling<Catalogue[Name]['output']> {
  return yield* act(story.context, name, { rolloutId: story.rolloutId, ...input });
}

/** What a look says: settled, or look again at the latest then. */
export type Seen<T> = { kind: 'settled'; value: T } | { kind: 'again'; atMs: number };

export const settled = <T>(value: T): Seen<T> => ({ kind: 'settled', value });
export const againIn = (story: Story, seconds: number): Seen<never> => ({ kind: 'again', atMs: nowMs(story) + seconds * 1000 });

/** Waits in rounds: looks, and if nothing is settled waits for a wake or for the time to look again. */
export function* inRounds<T>(story: Story, look: (round: number) => Telling<Seen<T>>): Telling<T> {
  for (;;) {
    const seen = yield* look(story.round);
    if (seen.kind === 'settled') {
      story.round += 1;
      return seen.value;
    }
    yield* waitRound(story, seen.atMs);
  }
}

/** Waits a while for no event in particular; a cancel that comes meanwhile ends it. */
export function* pause(story: Story, seconds: number): Phased {
  const untilMs = nowMs(story) + seconds * 1000;
  // A timer may fire up to a second early; by that measure a pause of one second would be over before it began.
  const enoughMs = untilMs - Math.min(1000, seconds * 500);
  return yield* inRounds<EndingDraft | undefined>(story, function* (round) {
    const { intent } = yield* tell(story, 'openRound', { round });
    if (intent?.kind === 'cancel') return settled(endingOfIntent(intent));
    return nowMs(story) >= enoughMs ? settled(undefined) : { kind: 'again', atMs: untilMs };
  });
}

/** Timers may fire up to a second early. */
export const isDue = (story: Story, atMs: number): boolean => nowMs(story) >= atMs - 1000;

/** Begins a phase. A cancel ends the story here; a newer release does where the phase says that the holder gives way. */
export function* enter(story: Story, phase: Catalogue['enterPhase']['input']['phase']): Phased {
  const { intent } = yield* tell(story, 'enterPhase', { phase, ...noteOf(story) });
  story.did = undefined;
  return endsBeforeSwap(intent, phase === 'asking' || phase === 'queued');
}

/** What the phase that ends has done, if it said so. */
export const noteOf = ({ did }: Story): { note?: string } => (did === undefined ? {} : { note: did });

export const noticesOf = (notices: number): string => `${notices} ${notices === 1 ? 'notice' : 'notices'} to the people policy names`;

export function endsBeforeSwap(intent: Intent | null, givesWay: boolean): EndingDraft | undefined {
  if (intent?.kind === 'cancel' || (intent?.kind === 'supersede' && givesWay)) return endingOfIntent(intent);
  return undefined;
}

/** The phases after planning stand on a plan; one without is a fault of the story itself. */
export function planOf(story: Story): GoPlan {
  if (!story.plan) throw new Error(`Rollout ${story.rolloutId} came to a phase that needs a plan without one.`);
  return story.plan;
}

export function stagedOf(story: Story): Expected {
  if (!story.staged) throw new Error(`Rollout ${story.rolloutId} came to its swap before staging was proven.`);
  return story.staged;
}

export function askedOf(story: Story): Catalogue['openAsk']['output'] {
  if (!story.asked) throw new Error(`Rollout ${story.rolloutId} waits for answers to an ask that was not opened.`);
  return story.asked;
}
