import type { PostSwapAnswer } from '../azure/app-control';
import type { DeploymentState, PushAnswer } from '../azure/package-push';
import type { AskVerdict } from '../domain/judge-ask';
import type { Expected } from '../domain/judge-swap';
import type { LaneAnswer } from '../domain/lane';
import type { Slots } from '../domain/live';
import type { Moment } from '../domain/notice';
import type { LiveReading, Plan, PlanRequest } from '../domain/plan';
import type { Problem } from '../domain/problem';
import type { DecisionRecord, Ending, Intent, Phase } from '../domain/rollout';
import type { Policy } from '../domain/settings';
import type { Verdict } from '../domain/verdict';

/** An ending before anybody read what production serves. */
export type EndingDraft = Omit<Ending, 'at' | 'serves'>;

interface Does<Input extends object, Output extends object> {
  input: Input;
  output: Output;
}

/** Of one rollout; `round` is the wait that this look opens, `epoch` the turn in the lane that it is done under. */
interface Of {
  rolloutId: string;
}
interface Look extends Of {
  round: number;
}
interface Act extends Of {
  epoch: number;
}
interface Heard {
  /** What somebody wants of the rollout, if anything: cancel, give way, roll back. */
  intent: Intent | null;
}

/** Every activity by its registered name: what goes in, what comes out. All that orchestrators know of activities. */
export interface Catalogue {
  beginRollout: Does<Of & { starter: string }, { kind: 'ours'; version: string; slot: string } | { kind: 'elsewhere' }>;
  enterPhase: Does<Of & { phase: Phase; note?: string }, Heard>;
  keepPackage: Does<Of, { kind: 'kept' } | { kind: 'none' } | { kind: 'refused'; problem: Problem }>;
  openRound: Does<Look, Heard>;
  lookAtLane: Does<Look, Heard & { lane: LaneAnswer }>;
  readLive: Does<Of, { request: PlanRequest; live: LiveReading; policy: Policy }>;
  recordPlan: Does<Of & { plan: Plan }, { plan: Plan }>;
  tellPeople: Does<Of & { moment: Moment; number?: number; gate?: string }, { notices: number }>;
  checkTarget: Does<Of, { problems: Problem[] }>;
  switchOffTriggers: Does<Act, { names: string[] }>;
  writeMarker: Does<Act, { changed: boolean }>;
  pushPackage: Does<Act & { push: number }, PushAnswer>;
  lookAtDeployment: Does<Look & { push: number }, Heard & { deployment: DeploymentState }>;
  syncTriggers: Does<Act, { kind: 'synced' } | { kind: 'not-yet'; code: string }>;
  proveStaging: Does<
    /** `push`: by which this rollout brought the package, by URL the first and only one; null: staging still holds an older one. */
    Look & { push: number | null },
    Heard & {
      proof:
        { kind: 'proven'; staged: Expected; functions: number } | { kind: 'not-yet'; why: string } | { kind: 'refused'; problem: Problem };
    }
  >;
  runCheck: Does<
    Of & { check: number; slot: 'staging' | 'production' },
    { result: { verdict: Verdict; seen: string; latencyMs?: number; status?: number } }
  >;
  openAsk: Does<Of, { openedAtMs: number; expiresAtMs: number; gates: string[]; escalations: { gate: string; atMs: number }[] }>;
  escalateGate: Does<Of & { gate: string }, object>;
  /** `unknown`: the service did not do it, or nobody can tell whether it did. `over`: nothing is asked any more. */
  fileRequest: Does<Of & { gate: string }, { kind: 'filed' | 'unknown' | 'over' }>;
  lookAtRequest: Does<Of & { gate: string }, { isChanged: boolean }>;
  /** Says in each service that asked for it that the swap begins. */
  beginRequests: Does<Of, object>;
  /** `held`: why no swap may be, and when to look again; empty unless the verdict is `held`, or the ask expired so. */
  lookAtAsk: Does<
    Look,
    Heard & {
      verdict: AskVerdict;
      last: DecisionRecord | null;
      held: string[];
      heldUntilMs: number | null;
      /** Gates that are answered in a service, and how long until that is asked again; absent where there are none. */
      services?: { gate: string; everySeconds: number }[];
    }
  >;
  grantSwap: Does<
    Act & { staged: Expected; note?: string },
    | { kind: 'granted'; basis: Slots; asksServices?: true }
    | { kind: 'ask-again'; number: number; gates: string[] }
    /**
     * A window closed, a freeze began or the line was stopped since the last yes, or a yes that was given in a service does not provably stand there
     * any more: the ask is open again, and nobody has to answer a link anew.
     */
    | { kind: 'held' }
    | { kind: 'asked'; intent: Intent }
    | { kind: 'refused'; problem: Problem }
  >;
  /** `not-posted`: both slots are not provably as in the basis, so nothing was posted, and the attempt's number is still free. */
  postSwap: Does<Act & { attempt: number; basis: Slots }, PostSwapAnswer | { kind: 'not-posted'; why: 'changed' | 'unreadable' }>;
  lookAtSlots: Does<Look, Heard & { slots: Slots | null }>;
  sampleProduction: Does<
    Of & { leftMs: number; samples: { atMs: number; verdict: Verdict }[]; expected: Expected; round: number },
    {
      kind: 'fine' | 'health-breach' | 'state-breach' | 'asked';
      watchedMs: number;
      samples: { atMs: number; verdict: Verdict }[];
      seen?: string;
    }
  >;
  closeRollout: Does<
    Of & { ending: EndingDraft; by: 'story' | 'watchdog'; note?: string },
    { kind: 'closed'; outcome: Ending['outcome'] } | { kind: 'asked'; intent: Intent }
  >;
  /** Null: this rollout may not go on, or slipway.yaml names no such environment any more. */
  startPromotion: Does<Of & { environment: string }, { promoted: string | null }>;
  terminateStory: Does<Of, object>;
  sendNotice: Does<{ rolloutId: string; noticeId: string }, { kind: 'settled' } | { kind: 'again'; afterSeconds: number }>;
}

export type ActivityName = keyof Catalogue;
