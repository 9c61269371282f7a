import type { HttpRequest } from '@azure/functions';
import type * as z from 'zod';
import { problem, type InputProblem } from '../domain/problems';
import { mistakesOf } from '../domain/rollout-request';

export const mostBodyBytes = 256 * 1024;

export type Body = { kind: 'json'; value: unknown } | { kind: 'none' } | { kind: 'refused'; problem: InputProblem };

/** The JSON of a request's body, or why there is none. */
export async function readJsonBody(request: HttpRequest): Promise<Body> {
  const tooLarge: Body = { kind: 'refused', problem: problem('too-large', mostBodyBytes / 1024) };
  if (Number(request.headers.get('content-length') ?? 0) > mostBodyBytes) return tooLarge;
  const bytes = Buffer.from(await request.arrayBuffer());
  if (bytes.length > mostBodyBytes) return tooLarge;
  if (bytes.length === 0) return { kind: 'none' };
  // A browser may send text or forms to any origin unasked, but not this type.
  if (!/^application\/(?:json|[a-z0-9.-]+\+json)\s*(?:;|$)/i.test(request.headers.get('content-type') ?? ''))
    return { kind: 'refused', problem: problem('wrong-content-type') };
  try {
    return { kind: 'json', value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown };
  } catch {
    return { kind: 'refused', problem: problem('invalid-json', 'The body') };
  }
}

/** Reads a small body by its schema; an absent one counts as `{}`. */
export async function readBodyAs<T>(
  request: HttpRequest,
  schema: z.ZodType<T>,
): Promise<{ kind: 'read'; value: T } | { kind: 'refused'; problem: InputProblem }> {
  const body = await readJsonBody(request);
  if (body.kind === 'refused') return body;
  const value = body.kind === 'none' ? {} : body.value;
  const read = schema.safeParse(value);
  return read.success
    ? { kind: 'read', value: read.data }
    : { kind: 'refused', problem: problem('invalid-request', mistakesOf(read.error, value, '')) };
}
