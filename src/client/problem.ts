import type { Mistake } from '../domain/problems';

/** A refusal of the API, as its problem+json says it. `code` is what its `type` ends in. */
export class SlipwayProblem extends Error {
  override readonly name = 'SlipwayProblem';

  constructor(
    readonly status: number,
    readonly code: string,
    readonly title: string,
    /** What is wrong. */
    readonly detail: string,
    /** What to do; '' where nobody said. */
    readonly next: string,
    readonly errors: readonly Mistake[] = [],
  ) {
    super(detail);
  }
}

/** Nothing answered, or something that is not Slipway. */
export class SlipwayUnreachable extends Error {
  override readonly name = 'SlipwayUnreachable';

  constructor(
    message: string,
    /** Where it was looked for. */
    readonly baseUrl: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** What an answer that is no success says. A gateway before Slipway answers in words of its own, which are left out. */
export function problemOf(status: number, body: unknown): SlipwayProblem {
  const { type, title, detail, next, errors } = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
  const code = text(type)?.split('/').at(-1);
  if (code !== undefined && text(detail) !== undefined)
    return new SlipwayProblem(status, code, text(title) ?? code, text(detail) ?? '', text(next) ?? '', mistakesIn(errors));
  const signIn = status === 401 || status === 403;
  return new SlipwayProblem(
    status,
    signIn ? 'not-signed-in' : 'unexpected-answer',
    'Unexpected answer',
    `The answer was ${status}, and not in Slipway's words.`,
    signIn ? 'Sign in, then try again.' : 'See that the address is Slipway’s, then try again.',
  );
}

const mistakesIn = (errors: unknown): Mistake[] =>
  Array.isArray(errors)
    ? errors.flatMap((one: Partial<Mistake> | null) =>
        typeof one?.pointer === 'string' && typeof one.detail === 'string' ? [{ pointer: one.pointer, detail: one.detail }] : [],
      )
    : [];
