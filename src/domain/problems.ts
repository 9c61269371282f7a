import type { EndedRow } from './ended-row';
import { notAllowed, type Refusal } from './not-allowed';
import type { Problem } from './problem';
import type { Ending, Phase } from './rollout';
import { sayTime } from './say';
import { standstillOf, startLine, type StoppedApp } from './stop';

/** One mistake in what was sent: a JSON pointer (RFC 6901) to the place, and what is wrong there. */
export interface Mistake {
  pointer: string;
  detail: string;
}

/** A problem with what was sent, with every mistake at once. */
export interface InputProblem extends Problem {
  errors?: Mistake[];
}

/** The catalogue: code → what happened → what to do next. Texts never hold a key, a token, a URL's query or a setting's value. */
export const problems = {
  'invalid-json': (where: string) => ({
    sentence: `${where} is no JSON.`,
    next: 'Send one JSON object in UTF-8; a JSON linter shows where it breaks.',
  }),
  'invalid-request': (errors: Mistake[]) => ({
    sentence: errors.length === 1 ? 'One thing is wrong with the request.' : `${errors.length} things are wrong with the request.`,
    next: 'Mend everything that is listed and send it again.',
    errors,
  }),
  'invalid-key': () => ({
    sentence: 'The Idempotency-Key is empty, longer than 200 characters, or holds something else than visible ASCII.',
    next: 'Send a UUID, or the id of your build.',
  }),
  'unknown-target': (app: string, environment: string, known: string[]) => ({
    sentence: `No environment "${environment}" of an app "${app}" is named in slipway.yaml.`,
    next:
      known.length > 0 ? `Ask for one of: ${known.join(', ')}; or add it to slipway.yaml.` : 'Add it to slipway.yaml; no app is there yet.',
  }),
  'key-reused': () => ({
    sentence: 'This idempotency key belongs to another request, and that one stands.',
    next: 'Send the first request again as it was, or a new key with this one.',
  }),
  'azure-not-allowed': (refusal: Refusal) => notAllowed(refusal),
  'target-unreadable': (sentence: string) => ({
    sentence,
    next: 'Mend what it names, then ask again; GET /api/doctor tells what else is in the way.',
  }),
  'invalid-resource': () => ({
    sentence: 'The resource is not the id of a function app.',
    next: 'Send /subscriptions/<id>/resourceGroups/<group>/providers/Microsoft.Web/sites/<app>; az functionapp show --query id prints it.',
  }),
  'unknown-rollout': (id: string) => ({
    sentence: `There is no rollout "${id}".`,
    next: 'Look at GET /api/rollouts for the ids there are.',
  }),
  'unknown-app': (app: string) => ({
    sentence: `No app "${app}" is named in slipway.yaml.`,
    next: 'Look at GET /api/lanes for the apps there are.',
  }),
  'unknown-lane': (app: string, environment: string) => ({
    sentence: `There is no lane for "${environment}" of "${app}".`,
    next: 'Look at GET /api/lanes for the lanes there are.',
  }),
  'too-late': (id: string, phase: Phase) => ({
    sentence: `Rollout ${id} is ${phase}: it is too late to cancel it.`,
    next: 'Use roll-back to bring the release before it again.',
  }),
  'too-early': (id: string, phase: Phase) => ({
    sentence: `Rollout ${id} is ${phase} and has not touched production.`,
    next: 'Use cancel.',
  }),
  'too-late-to-override': (id: string, phase: Phase) => ({
    sentence: `Rollout ${id} is ${phase}: its swap waits for no window and no freeze any more.`,
    next: 'There is nothing to override.',
  }),
  'nothing-to-override': (id: string) => ({
    sentence: `Rollout ${id} takes something back: windows and freezes do not bind it.`,
    next: 'There is nothing to override.',
  }),
  'held-by-no-calendar': (id: string, stops: readonly StoppedApp[]) => ({
    sentence:
      stops.length === 0
        ? `No window and no freeze holds rollout ${id} now.`
        : `No window and no freeze holds rollout ${id} now, and an override passes no stopped line: ${stops.map((stop) => standstillOf(stop).sentence).join(' ')}`,
    next:
      stops.length === 0
        ? 'There is nothing to override.'
        : `Use ${stops.map(({ app }) => startLine(app)).join(' and ')} to start it again.`,
  }),
  'not-an-approver': (id: string) => ({
    sentence: `Nobody asks you about rollout ${id}.`,
    next: 'Sign in as somebody whom its gate names, by address or as a member of a group.',
  }),
  'which-gate': (gates: string) => ({
    sentence: `You may answer at more than one gate: ${gates}.`,
    next: 'Say in "gate" which one you mean.',
  }),
  'asked-for-it': (id: string) => ({
    sentence: `You asked for rollout ${id}, or its build says so, and policy wants another to answer.`,
    next: 'Let another approver answer.',
  }),
  'decided-already': (id: string, said: string) => ({
    sentence: `Rollout ${id} has its answer: ${said}.`,
    next: 'There is nothing left to answer here.',
  }),
  'asks-nobody': (id: string) => ({
    sentence: `Rollout ${id} asks nobody now.`,
    next: `Look at GET /api/rollouts/${id} for what it does.`,
  }),
  'nothing-to-promote': (id: string, how: string) => ({
    sentence: `Rollout ${id} is ${how}: only what ended deployed goes on to another environment.`,
    next: 'Promote a rollout that did; GET /api/rollouts?outcome=deployed lists them.',
  }),
  'promote-where': (app: string, environment: string) => ({
    sentence: `The policy of ${app} in ${environment} names no environment that comes next.`,
    next: 'Say in "environment" where it goes, or write promote into the policy in slipway.yaml.',
  }),
  'closing-now': (id: string, phase: Phase) => ({
    sentence: `Rollout ${id} is ${phase} and about to end.`,
    next: `Look at GET /api/rollouts/${id} in a moment, and ask again if it ended otherwise than you wish.`,
  }),
  'ended-already': (id: string, ending: Ending) => ({
    sentence: `Rollout ${id} ended ${ending.outcome} at ${ending.at}: ${ending.reason}`,
    next: ending.next,
  }),
  'not-ended': (id: string, phase: Phase) => ({
    sentence: `Rollout ${id} is ${phase}: it has not ended, so there is nothing to try again yet.`,
    next: 'Wait for its end, or cancel it first.',
  }),
  'no-release-of-its-own': (id: string) => ({
    sentence: `Rollout ${id} took another one back and brought no release of its own.`,
    next: 'Try the rollout again whose release you want.',
  }),
  'nothing-to-roll-back': (id: string, ending: Ending) => ({
    sentence: `Rollout ${id} ended ${ending.outcome}: it did not leave its release in production. ${ending.reason}`,
    next: 'Roll back the rollout that did; GET /api/rollouts?outcome=deployed lists them.',
  }),
  'no-longer-live': (id: string, live: Pick<EndedRow, 'id' | 'at'>) => ({
    sentence: `Rollout ${id} is no longer what is live: ${live.id} went live after it, at ${sayTime(live.at)}.`,
    next: `Use POST /api/rollouts/${live.id}/roll-back: that one is live.`,
  }),
  'lane-not-blocked': (app: string, environment: string, state: string) => ({
    sentence: `The lane of ${app} to ${environment} is ${state}, not blocked.`,
    next: 'There is nothing to unblock.',
  }),
  'not-signed-in': () => ({
    sentence: 'Nobody is signed in.',
    next: 'Sign in with Microsoft Entra, or let the build system use the route for function keys.',
  }),
  'not-allowed': (role: string) => ({
    sentence: `This needs the role ${role}.`,
    next: `Ask whoever owns Slipway's app registration in Entra for the role ${role}.`,
  }),
  'principal-not-believed': () => ({
    sentence: 'The request carries X-MS-CLIENT-PRINCIPAL, and the platform does not say that it signs callers in here.',
    next: 'Switch on App Service authentication for Slipway; nobody else may send this header.',
  }),
  'bad-principal': () => ({
    sentence: 'The identity that the platform passed on cannot be read.',
    next: "Check that App Service authentication uses Microsoft Entra as Slipway's identity provider.",
  }),
  'foreign-page': () => ({
    sentence: 'A page of another site sent this request in your name.',
    next: "Do it from Slipway's own page or the command line.",
  }),
  'wrong-content-type': () => ({
    sentence: 'The body is not declared as JSON.',
    next: 'Send Content-Type: application/json (or application/cloudevents+json).',
  }),
  'too-large': (limitKilobytes: number) => ({
    sentence: `The body is larger than ${limitKilobytes} KB.`,
    next: 'Send the package by URL, and only the settings that this release brings.',
  }),
  'put-back-too-often': (times: number) => ({
    sentence: `The message failed again after it was put back ${times} times.`,
    next: "Read Slipway's log for why, mend it, and have the build system send the message again.",
  }),
  internal: () => ({
    sentence: 'Slipway itself failed here; nothing was decided by this request that the rows do not show.',
    next: 'Send it again with the same key; if it fails again, look for this invocation in the log.',
  }),
} satisfies Record<string, (...args: never[]) => Omit<InputProblem, 'code'>>;

type Catalogue = typeof problems;
export type ProblemCode = keyof Catalogue;

/** `problem('too-late', id, phase)`: a problem of the catalogue, in words. */
export function problem<C extends ProblemCode>(code: C, ...details: Parameters<Catalogue[C]>): InputProblem & { code: C } {
  const write = problems[code] as (...args: Parameters<Catalogue[C]>) => Omit<InputProblem, 'code'>;
  return { code, ...write(...details) };
}
