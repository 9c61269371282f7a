import type { Ports } from '../azure/ports';
import type { SendAnswer } from '../domain/judge-delivery';
import type { NoticeModel } from '../domain/notice';
import type { Outcome, RolloutRow } from '../domain/rollout';
import type { LoginSight } from '../domain/logins';
import { addressOf, serviceName, type ServiceGatePolicy, type ServiceSight } from '../domain/service-gate';
import { jira } from './jira';
import type { Called } from './service-call';
import { serviceNow } from './servicenow';

/** A request as its service knows it. */
export interface RequestThere {
  id: string;
  number: string;
  /** Where people open it. */
  url: string;
}

/** A request that was made twice, and that its service will not close: somebody has to. `why` is the end of a sentence that begins with the service's name. */
export interface LeftOpen {
  number: string;
  why: string;
}

export type Found = { kind: 'found'; request: RequestThere; left?: LeftOpen[] } | { kind: 'none' } | NotDone;

/** What is asked: everything an approver there has to know. */
export interface Question {
  row: RolloutRow;
  correlation: string;
  publicUrl: string;
}

/** `why` is the end of a sentence that begins with the service's name; `afterSeconds`: how long it wants to be left alone. */
export type NotDone = { kind: 'refused'; why: string } | { kind: 'unknown'; why: string; afterSeconds?: number };

export interface Closing {
  notice: { id: string; model: NoticeModel };
  outcome: Outcome;
  publicUrl: string;
}

/** A kind of service that a gate is answered in. Expected failures are values; none of these throws for what the service does. */
export interface Service {
  /** Whether the login is taken, and shows what the gate reads. Nothing is written. */
  tryLogin(): Promise<LoginSight>;
  /** Longer than a call may take, and than the service needs to show what it made: what is not found then was never made. */
  settleMs: number;
  /**
   * The request with this correlation; where there are several the one that is known, or the oldest, and the others are closed. One that could not be
   * closed just now is `unknown`, so that all are looked for again; one that the service will not close is named in `left`.
   */
  find(correlation: string, knownId?: string): Promise<Found>;
  /** Makes it. May be done twice only where an answer was lost: whoever calls looks for it first. */
  create(question: Question): Promise<{ kind: 'found'; request: RequestThere } | NotDone>;
  /** Has its approvers asked; does nothing where they have been. */
  ask(id: string, correlation: string): Promise<{ kind: 'asked' } | NotDone>;
  look(id: string, correlation: string): Promise<ServiceSight>;
  /** Writes down there that it begins to be carried out. */
  begin(id: string): Promise<{ kind: 'begun' } | NotDone>;
  /** Writes down there what happened, once by the notice's id, and closes it by the outcome. */
  close(id: string, closing: Closing): Promise<SendAnswer>;
}

type Needs = Pick<Ports, 'outgoing' | 'services'>;

/** Of all calls of one activity together: well inside what one may take. */
const usuallyWithinMs = 120_000;

/** For one activity. Undefined: slipway.yaml no longer names the login, so it is not there. */
export function serviceOf({ outgoing, services }: Needs, gate: ServiceGatePolicy, withinMs = usuallyWithinMs): Service | undefined {
  const login = Object.hasOwn(services.logins, gate.login) ? services.logins[gate.login] : undefined;
  if (login === undefined) return undefined;
  const endpoint = services.endpoints[gate.kind] ?? addressOf(gate);
  const reach = { outgoing, login, endpoint, within: AbortSignal.timeout(withinMs) };
  switch (gate.kind) {
    case 'servicenow':
      return serviceNow(reach, gate);
    case 'jira':
      return jira(reach, gate);
  }
}

/** That a request could not be closed, or not yet. */
export const notSent = (kind: ServiceGatePolicy['kind'], not: Exclude<Called, { kind: 'done' }> | NotDone): SendAnswer =>
  not.kind === 'refused'
    ? { kind: 'refused', code: kind, text: `${serviceName({ kind })} ${not.why}` }
    : {
        kind: 'later',
        code: `${serviceName({ kind })} ${not.why}`,
        afterSeconds: not.afterSeconds ?? 0,
      };

/** That nobody can tell what became of a request. `what`: the end of the sentence "<number> …". */
export const notSeen = (kind: ServiceGatePolicy['kind'], what: string, not: NotDone): ServiceSight => ({
  kind: 'unknown',
  why: `${what}: ${serviceName({ kind })} ${not.why}`,
  ...(not.kind === 'unknown' && not.afterSeconds !== undefined ? { afterSeconds: not.afterSeconds } : {}),
});

export const noLogin = (gate: ServiceGatePolicy): string =>
  `is not asked: slipway.yaml no longer names the setting ${gate.login}; name it until this rollout has ended`;
