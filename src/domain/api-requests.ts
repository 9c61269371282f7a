import { versionPattern } from './release';
import * as z from 'zod';
import { mostCommentCharacters, outcomes } from './rollout';

/** What the API takes besides a rollout request: bodies and queries, read by the triggers with these very schemas. */

/** Why a body is refused before anything is looked at that it asks for. */
export const refusedBodies = ['invalid-json', 'invalid-request', 'wrong-content-type', 'too-large'] as const;

const longest = 500;
const tooLong = `is longer than ${longest} characters`;

/** Why somebody cancels or rolls back; may be left out. */
export const reasonBody = z.strictObject({ reason: z.string('must be a text').trim().max(longest, tooLong).default('') });

const typedReason = (wanted: string) => z.string(wanted).trim().min(1, wanted).max(longest, tooLong);

export const unblockBody = z.strictObject({ reason: typedReason('say in "reason" what you looked at and why the lane may move again') });

export const overrideBody = z.strictObject({ reason: typedReason('say in "reason" why this release can not wait: everybody hears it') });

const appName = z.string().regex(/^[a-z0-9-]{1,40}$/, "must be an app's name as in slipway.yaml");

export const lineBody = z.strictObject({
  app: appName.optional().describe('Absent: all apps.'),
  reason: typedReason('say in "reason" why: everybody who waits reads it'),
});

export const promoteBody = z.strictObject({
  environment: z
    .string()
    .regex(/^[a-z0-9-]{1,40}$/, "must be an environment's name as in slipway.yaml")
    .optional()
    .describe('May be absent where policy names the one that comes next.'),
});

export const decisionBody = z
  .strictObject({
    gate: z
      .string()
      .regex(/^[a-z0-9-]{1,40}$/, "must be a gate's name as in slipway.yaml")
      .optional()
      .describe('May be absent where only one gate asks the caller.'),
    answer: z.enum(['yes', 'no']),
    comment: z.string('must be a text').max(mostCommentCharacters, `is longer than ${mostCommentCharacters} characters`).default(''),
  })
  .refine(({ answer, comment }) => answer === 'yes' || comment.trim() !== '', {
    path: ['comment'],
    message: 'must say why: a no needs a reason',
  });

const instant = 'must be a time such as 2026-12-24T17:00 or 2026-12-24T16:00:00Z';

/** What would be asked for. Of a release that is not built yet nothing but app and environment are known. */
export const planQuery = z.object({
  app: appName,
  environment: z.string().regex(/^[a-z0-9-]{1,40}$/, "must be an environment's name as in slipway.yaml"),
  version: z
    .string()
    .regex(versionPattern, 'must be 1 to 100 letters, digits, ".", "_", "+" or "-", beginning with a letter or digit, such as 2.0.0')
    .optional(),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, "must be the 64 hex digits of the package's sha256")
    .optional(),
  hotfix: z
    .string()
    .regex(/^\P{Cc}{1,500}$/u, 'must be the reason, on one line')
    .optional(),
  at: z
    .string()
    .regex(/^[0-9T:.Z+-]{10,40}$/, instant)
    .optional()
    .describe("ISO time with an offset, or what clocks show in the policy's time zone; absent: now."),
});

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

/** Over how many days the figures go. */
const daysWanted = 'must be a whole number from 1 to 400';
export const figuresQuery = z.object({
  days: z.coerce.number(daysWanted).int(daysWanted).min(1, daysWanted).max(400, daysWanted).default(90),
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
