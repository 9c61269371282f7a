import { z } from 'zod';
import { outcomes } from './rollout';

/** What the API takes besides a rollout request: bodies and queries, read by the triggers with these very schemas. */

const longest = 500;
const tooLong = `is longer than ${longest} characters`;

/** Why somebody cancels or rolls back; may be left out. */
export const reasonBody = z.strictObject({ reason: z.string('must be a text').trim().max(longest, tooLong).default('') });

const wanted = 'say in "reason" what you looked at and why the lane may move again';
export const unblockBody = z.strictObject({ reason: z.string(wanted).trim().min(1, wanted).max(longest, tooLong) });

/** `running`: those that have not ended. */
const outcomeFilters = [...outcomes, 'running'] as const;

export const listQuery = z.object({
  app: z.string().optional(),
  environment: z.string().optional(),
  outcome: z.enum(outcomeFilters, `must be one of: ${outcomeFilters.join(', ')}`).optional(),
  limit: z.coerce
    .number('must be a whole number from 1 to 200')
    .int('must be a whole number from 1 to 200')
    .min(1, 'must be a whole number from 1 to 200')
    .max(200, 'must be a whole number from 1 to 200')
    .default(50),
});

/** A head as a closing notice prints it. */
export const ledgerQuery = z.object({
  head: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'must be the 64 hex digits that a closing notice prints as the head of the ledger')
    .optional(),
});

/** Where a release would go; names as in slipway.yaml. */
export const examineQuery = z.object({
  app: z.string('name an app of slipway.yaml').max(40, 'is longer than 40 characters'),
  environment: z.string('name an environment of that app').max(40, 'is longer than 40 characters'),
});

export const adoptQuery = z.object({ resource: z.string('send the id of a function app').max(600, 'is longer than 600 characters') });
