import * as z from 'zod';
import { accepted, decision, plan, standstill } from './api-shapes';

/** What the API answers about policy: decisions, the line, looking ahead. */

const text = z.string();
const time = z.iso.datetime();
const stop = { by: text, reason: text, at: time };

export const decided = z.object({ id: text, decision });

export const questions = z.object({
  questions: z.array(
    z.object({
      gate: text,
      approver: text.describe('Under which name a yes or no would stand.'),
      group: text.exactOptional().describe('Asked as a member of this Entra group.'),
      expiresAt: time,
    }),
  ),
});

export const nudged = z.object({
  id: text,
  looks: z
    .enum(['now', 'soon', 'not'])
    .describe(
      'now: at once. soon: a while (half a minute, longer after sixty nudges) after another one that was heeded. not: it waits for no service.',
    ),
});

const stops = z.array(z.object({ app: text.nullable().describe('null: all apps'), ...stop }));

export const overridden = accepted.extend({
  stillHeldBy: stops.exactOptional().describe('The stops of the line that hold it still: no override passes them.'),
});

export const lineStops = z.object({ stops });

export const lineChanged = z.object({
  app: text.nullable(),
  stopped: z.object(stop).nullable().describe('null: this stop does not stand, whatever other ones do'),
  already: z.boolean().describe('It was so before.'),
  otherStops: stops.describe('What keeps it as well: the stop of all apps, or where all are named, that of single ones.'),
});

const found = z.object({ code: text, sentence: text, next: text });

export const foreseen = z.object({
  app: text,
  environment: text,
  version: text,
  at: time.describe('The instant that was asked about.'),
  zone: text.describe("The policy's time zone, and in `clock` what its clocks show then."),
  clock: text,
  way: z
    .object({ kind: z.enum(['zip-push', 'package-url', 'none']), why: text })
    .describe('How a release reaches the slot, as plan and system allow; none: the plan refuses, and says what can be done.'),
  plan,
  problems: z.array(found).describe('What the function app, its slot and the lane say against it just now.'),
  warnings: z.array(text),
  joins: z
    .object({ id: text, sentence: text })
    .exactOptional()
    .describe('The rollout that brings this very package there already, which a start joins; absent where there is none, or with `at`.'),
  turn: z
    .object({ behind: z.array(text).describe('Whoever has the lane, then those that wait for it, oldest first.'), sentence: text })
    .exactOptional()
    .describe(
      'Who would come first, of those that are on their way there just now; absent where nobody is, where a problem says that it would have no turn, or with `at`.',
    ),
  standstills: z.array(standstill).describe('Why no swap could be at that time.'),
  maySwapAt: time.exactOptional().describe('From when on the calendar lets it swap; absent where no end is to be seen.'),
  expiresAt: time.describe('When an ask expires that is opened at that time.'),
  wouldExpire: z.boolean().describe('The calendar does not open before.'),
});
