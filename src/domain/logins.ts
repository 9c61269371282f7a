import { asBeginning, asSentence } from './say';
import { isServiceGate, loginForm, serviceInWords, trialOf, type ServiceGatePolicy } from './service-gate';
import type { Policy } from './settings';
import type { Finding } from './traps';

/** What a service said to a login that read what its gate reads. `why` is the end of a sentence that begins with the service's name. */
export type LoginSight =
  | { kind: 'taken' }
  /** Taken, and none of the newest that the gate reads is shown: `what` there is none of, or its user may not read. */
  | { kind: 'blank'; of: number; what: string }
  /** The app setting holds none. */
  | { kind: 'missing' }
  /** It holds what is no login, and was not sent. */
  | { kind: 'malformed' }
  /** `isOfLogin`: says itself that it is the login which is not taken. */
  | { kind: 'refused'; status: number; why: string; isOfLogin?: true }
  /** No answer, or one that says nothing of the login. */
  | { kind: 'unknown'; why: string };

export interface TriedLogin {
  gate: ServiceGatePolicy;
  sight: LoginSight;
}

/** What is wrong with logins, by the names of their settings alone. */
export function findBadLogins(policy: Asking, tried: readonly TriedLogin[]): Finding[] {
  const found = tried.flatMap((each) => {
    const finding = judge(each);
    return finding ? [{ trial: trialOf(each.gate), finding }] : [];
  });
  const failing = new Set(found.filter(({ finding }) => finding.weight === 'stops').map(({ trial }) => trial));
  return found.map(({ trial, finding }) => (isNeeded(policy, trial, failing) ? finding : { ...finding, weight: 'warns' }));
}

type Asking = Pick<Policy, 'gates' | 'combine'>;

/**
 * Whether no rollout gets past its gates while these trials fail, this one among them: by `any`, another gate will do if it can be asked. Hotfixes and
 * reverts have gates of their own, so those of this policy say nothing of them.
 */
function isNeeded({ gates, combine }: Asking, trial: string, failing: ReadonlySet<string>): boolean {
  const trials = gates.map((gate) => (isServiceGate(gate) ? trialOf(gate) : ''));
  return trials.includes(trial) && (combine === 'all' || trials.every((one) => failing.has(one)));
}

/** A 200 that is none says so in a header: it is the login that was not taken. */
export const isRefusedLogin = (sight: LoginSight): boolean =>
  sight.kind === 'refused' && (sight.isOfLogin === true || sight.status === 401 || sight.status === 200);

/** `stops`: where its gate is needed. */
function judge({ gate, sight }: TriedLogin): Finding | undefined {
  const login = `the login of gate ${gate.name}, in the app setting ${gate.login},`;
  const weight = 'stops';
  const waits = 'A rollout that comes to this gate can’t ask there, and ends when its ask expires.';
  const anew = `Put ${loginForm(gate)} there anew: step 5 of docs/azure.md.`;
  switch (sight.kind) {
    case 'taken':
      return undefined;
    case 'missing':
      return {
        code: 'login-missing',
        weight,
        sentence: `The app setting ${gate.login} is empty, and gate ${gate.name} signs in with it.`,
        why: waits,
        next: anew,
      };
    case 'malformed':
      return {
        code: 'login-malformed',
        weight,
        sentence: `The app setting ${gate.login}, the login of gate ${gate.name}, is not of the form ${loginForm(gate)}, and was not sent.`,
        why: waits,
        next: anew,
      };
    case 'blank':
      return {
        ...{ code: 'login-sees-nothing', weight: 'warns' },
        sentence: `${serviceInWords(gate)} takes ${login} and shows it none of the newest ${sight.of} rows of ${sight.what}.`,
        why: 'Either there is none yet, or its user may not read them: then an approval there is never seen.',
        next: 'If there are some, give the user what docs/gates.md says that it needs.',
      };
    case 'unknown':
      return untold(gate, sight.why);
    case 'refused':
      break;
  }
  const says = `${serviceInWords(gate)} ${sight.why}`;
  if (isRefusedLogin(sight))
    return { code: 'login-refused', weight, sentence: `${asBeginning(login)} is not taken: ${asSentence(says)}`, why: waits, next: anew };
  if (sight.status === 403 || (sight.status === 404 && gate.kind === 'jira'))
    return {
      code: 'login-lacks-rights',
      weight,
      sentence: `${asBeginning(login)} may not read what the gate reads: ${asSentence(says)}`,
      why: waits,
      next: rights(gate),
    };
  return untold(gate, sight.why);
}

const untold = (gate: ServiceGatePolicy, why: string): Finding => ({
  ...{ code: 'login-untried', weight: 'warns' },
  sentence: `Whether the login of gate ${gate.name}, in the app setting ${gate.login}, is taken could not be told: ${asSentence(`${serviceInWords(gate)} ${why}`)}`,
  why: 'If it is not, that would show only when a rollout comes to this gate.',
  next: 'See that the service is up and that slipway.yaml names its address, then examine it again.',
});

const rights = (gate: ServiceGatePolicy): string =>
  gate.kind === 'jira'
    ? `Make its user an agent of service desk ${gate.serviceDesk}, or correct serviceDesk of the gate in slipway.yaml: docs/gates.md says what the user needs.`
    : 'Give its user the rights on change_request and sysapproval_approver that docs/gates.md lists.';
