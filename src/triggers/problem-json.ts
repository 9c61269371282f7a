import type { HttpHandler, HttpResponseInit, InvocationContext } from '@azure/functions';
import { problem, type InputProblem, type ProblemCode } from '../domain/problems';
import { redactText } from '../domain/redact';

/** What HTTP says of a problem: its status, and a title that is the same for every problem of its kind. */
const titles: Record<ProblemCode, [status: number, title: string]> = {
  'invalid-json': [400, 'No JSON'],
  'invalid-request': [400, 'Invalid request'],
  'invalid-key': [400, 'Invalid idempotency key'],
  'unknown-target': [422, 'Unknown app or environment'],
  'key-reused': [422, 'Idempotency key of another request'],
  'azure-not-allowed': [422, 'Not allowed in Azure'],
  'target-unreadable': [422, 'Target unreadable'],
  'invalid-resource': [400, 'No function app'],
  'unknown-rollout': [404, 'Unknown rollout'],
  'unknown-app': [404, 'Unknown app'],
  'unknown-lane': [404, 'Unknown lane'],
  'too-late': [409, 'Too late to cancel'],
  'too-early': [409, 'Too early to roll back'],
  'too-late-to-override': [409, 'Too late to override'],
  'nothing-to-override': [409, 'Nothing to override'],
  'held-by-no-calendar': [409, 'Nothing to override'],
  'not-an-approver': [403, 'Not an approver'],
  'which-gate': [422, 'More than one gate'],
  'asked-for-it': [403, 'Asked for it'],
  'decided-already': [409, 'Decided already'],
  'asks-nobody': [409, 'Asks nobody'],
  'nothing-to-promote': [409, 'Nothing to promote'],
  'promote-where': [422, 'No next environment'],
  'closing-now': [409, 'About to end'],
  'ended-already': [409, 'Ended already'],
  'not-ended': [409, 'Not ended'],
  'no-release-of-its-own': [409, 'Nothing to try again'],
  'nothing-to-roll-back': [409, 'Nothing to roll back'],
  'no-longer-live': [409, 'No longer live'],
  'lane-not-blocked': [409, 'Lane not blocked'],
  'not-signed-in': [401, 'Not signed in'],
  'not-allowed': [403, 'Not allowed'],
  'principal-not-believed': [403, 'Identity not believed'],
  'bad-principal': [401, 'Identity unreadable'],
  'foreign-page': [403, 'Sent by a foreign page'],
  'wrong-content-type': [415, 'Wrong content type'],
  'too-large': [413, 'Too large'],
  'put-back-too-often': [500, 'Put back too often'],
  internal: [500, 'Slipway failed'],
};

/** The status that a problem of the catalogue is answered with. */
export const statusOf = (code: ProblemCode): number => titles[code][0];

const isKnown = (code: string): code is ProblemCode => Object.hasOwn(titles, code);

/** A problem as `application/problem+json` (RFC 9457). A code that has no status of its own is the caller's to mend: 422. */
export function renderProblem(told: InputProblem): HttpResponseInit {
  const [status, title] = isKnown(told.code) ? titles[told.code] : [422, 'Refused'];
  return {
    status,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store' },
    body: JSON.stringify({
      type: `https://slipway.dev/problems/${told.code}`,
      title,
      status,
      detail: told.sentence,
      next: told.next,
      ...(told.errors === undefined ? {} : { errors: told.errors }),
    }),
  };
}

export function renderJson(status: number, body: object, headers: Record<string, string> = {}): HttpResponseInit {
  return { status, headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers }, body: JSON.stringify(body) };
}

/** Answers a fault of ours without its text, and logs it without what may be secret in it. */
export function guardFaults(handler: HttpHandler): HttpHandler {
  return async (request, context) => {
    try {
      return await handler(request, context);
    } catch (error) {
      logFault(context, error);
      return renderProblem(problem('internal'));
    }
  };
}

export function logFault(context: InvocationContext, error: unknown): void {
  const text = error instanceof Error ? (error.stack ?? `${error.name}: ${error.message}`) : String(error);
  context.error(`${context.functionName} failed: ${redactText(text)}`);
}
