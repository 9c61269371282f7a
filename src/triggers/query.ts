import type { HttpRequest } from '@azure/functions';
import type * as z from 'zod';
import { problem, type InputProblem } from '../domain/problems';
import { mistakesOf } from '../domain/rollout-request';

/** Reads a query by its schema; what the schema does not know is left alone. */
export function readQueryAs<T>(
  request: HttpRequest,
  schema: z.ZodType<T>,
): { kind: 'read'; value: T } | { kind: 'refused'; problem: InputProblem } {
  const given = Object.fromEntries(request.query.entries());
  const read = schema.safeParse(given);
  return read.success
    ? { kind: 'read', value: read.data }
    : { kind: 'refused', problem: problem('invalid-request', mistakesOf(read.error, given, '')) };
}
