import * as z from 'zod';
import { moments } from './notice';
import { outcomes, phases } from './rollout';

/** What the API answers, as schemas: for openapi.json and for tests that hold real answers against them. */

const time = z.iso.datetime().describe('ISO 8601, UTC');
const text = z.string();

const phase = z.enum(phases);
const outcome = z.enum(outcomes);
const verdict = z.enum(['healthy', 'unhealthy', 'inconclusive']);

const requester = z.object({
  name: text,
  verified: z.boolean().describe('A platform vouched for the name.'),
  via: z.enum(['http', 'queue', 'slipway']),
});

const ending = z.object({
  outcome,
  at: time,
  code: text.exactOptional().describe('Code of the error catalogue, where something went wrong.'),
  reason: text.describe('What happened and why.'),
  next: text.describe('What to do next.'),
  serves: text.describe('What production serves now, as far as it was proven.'),
});

const override = z.object({ by: text, reason: text, at: time });

const whyHeld = z.array(text).exactOptional().describe('Every yes is there, and why no swap may be yet.');

const summary = {
  id: text,
  app: text,
  environment: text,
  kind: z.enum(['deploy', 'revert']),
  reverts: text.exactOptional().describe('The rollout whose effect a revert takes back.'),
  promotes: text.exactOptional().describe('The rollout in another environment whose package goes on here.'),
  why: text.exactOptional(),
  version: text,
  sha256: text.describe('Digest of the package; empty for a release that Slipway never admitted.'),
  requester,
  actor: text.exactOptional().describe('Who started the build: a claim, kept as such.'),
  hotfix: text.exactOptional().describe('Why it can not wait.'),
  override: override.exactOptional().describe('Somebody let it pass windows and freezes.'),
  admittedAt: time,
  phase,
  outcome: outcome.nullable().describe('null while the rollout is on its way.'),
  ending: ending.exactOptional(),
  held: whyHeld,
};

const held = {
  held: whyHeld,
  stoppedLines: z.array(text.nullable()).exactOptional().describe('Of which apps the line is stopped that holds it; null: of all.'),
};

export const rolloutSummary = z.object(summary);
export const rolloutList = z.object({ rollouts: z.array(rolloutSummary) });

const check = z.object({
  name: text,
  verdict,
  seen: text.describe('What was seen, in words.'),
  tries: z.array(
    z.object({
      at: time,
      verdict,
      latencyMs: z.number().exactOptional(),
      status: z.number().int().exactOptional(),
      seen: text,
    }),
  ),
});

/** Why no swap may be; `untilMs` is when that is over by itself, in milliseconds since 1970. */
export const standstill = z.object({
  kind: z.enum(['window', 'freeze', 'stop']),
  sentence: text,
  untilMs: z.number().exactOptional(),
});

export const plan = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('refused'), sentence: text, code: text, next: text }),
  z.object({ kind: z.literal('unchanged'), sentence: text }),
  z.object({
    kind: z.literal('go'),
    sentence: text,
    way: z.enum(['zip-push', 'package-url', 'already-there']),
    adopts: z.boolean().describe('Production carries no marker: Slipway has not touched this app before.'),
    replaces: z.object({ marker: text.nullable(), version: text.nullable(), says: text.exactOptional() }),
    gates: z.array(z.object({ name: text, kind: text, approvers: z.array(text), needed: z.number().int(), proof: text })),
    combine: z.enum(['all', 'any']),
    policyHash: text,
    standstills: z.array(standstill).describe('Why no swap could be when the plan was made.'),
  }),
]);

const service = z.enum(['servicenow', 'jira']);

export const decision = z.object({
  gate: text,
  approver: text,
  answer: z.enum(['yes', 'no']),
  group: text.exactOptional().describe('Decided as a member of this Entra group.'),
  comment: text.exactOptional(),
  at: time,
  service: service.exactOptional().describe('Decided there, and not by a link or a sign-in.'),
  request: text.exactOptional().describe('In this request of the service.'),
});

export const rollout = z.object({
  ...summary,
  commit: text.exactOptional(),
  buildUrl: text.exactOptional(),
  functions: z.array(z.object({ name: text, trigger: text })),
  settingNames: z.array(text),
  phases: z.array(z.object({ phase, startedAt: time, endedAt: time.exactOptional(), note: text.exactOptional() })),
  turn: z
    .object({ behind: z.array(text), says: text.describe('The end of a sentence that begins with the rollout.') })
    .exactOptional()
    .describe('Behind whom it waits for its turn: whoever has the lane, then those that wait before it.'),
  checks: z.array(check),
  plan: plan.exactOptional(),
  ask: z
    .object({
      state: z.enum(['open', 'granted', 'rejected', 'expired']),
      openedAt: time,
      expiresAt: time,
      decisions: z.array(decision),
      ...held,
      combine: z.enum(['all', 'any']).exactOptional(),
      reopened: z.number().int().exactOptional(),
      reopenedAt: time.exactOptional().describe('When it was opened again last, after every yes was there.'),
      nudgedAt: time.exactOptional().describe('When a service last said that there is something to look at, and was heeded.'),
      requests: z
        .array(
          z.object({
            gate: text,
            service,
            number: text.exactOptional().describe('As the service calls it; absent until it is known to be there.'),
            url: z.url().exactOptional(),
            says: text.describe('What was last heard of it, as the end of a sentence that begins with its number.'),
            isDoubtful: z.literal(true).exactOptional().describe('It was approved, and nobody can tell now whether it still is.'),
          }),
        )
        .exactOptional()
        .describe('What is asked in services.'),
      withdrawn: z
        .array(decision.extend({ withdrawnAt: time }))
        .exactOptional()
        .describe('Each yes that was given in a service and does not stand there any more.'),
    })
    .exactOptional(),
  intent: z
    .object({ kind: z.enum(['cancel', 'supersede', 'roll-back']), by: text, reason: text, at: time })
    .exactOptional()
    .describe('What a person, or a newer release, wants of a rollout that runs.'),
  lastWriteAt: time,
});

export const accepted = z.object({
  id: text,
  already: z.boolean().describe('The same had been asked for before.'),
  statusUrl: z.url(),
});

export const lane = z.object({
  app: text,
  environment: text,
  state: z.enum(['free', 'held', 'blocked']),
  holder: text.nullable().describe('The rollout whose turn it is.'),
  queue: z.array(z.object({ rolloutId: text, admittedAt: time })),
  blocked: z.object({ by: text, reason: text, at: time }).exactOptional(),
});

export const laneList = z.object({ lanes: z.array(lane) });

export const ledgerView = z.object({
  app: text,
  environment: text,
  entries: z.array(
    z.object({
      number: z.number().int(),
      id: text,
      kind: text,
      at: time,
      data: z.record(z.string(), z.unknown()),
      seal: text,
    }),
  ),
  chain: z
    .discriminatedUnion('kind', [
      z.object({ kind: z.literal('whole'), number: z.number().int(), seal: text }),
      z.object({ kind: z.literal('broken'), at: z.number().int(), why: text }),
    ])
    .describe('The chain as verified for this answer.'),
});

const liveRelease = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('known'),
    version: text,
    sha256: text,
    commit: text.exactOptional(),
    rolloutId: text,
    since: time,
    by: text,
    otherwise: text.exactOptional().describe('What speaks against it: somebody else changed production since.'),
  }),
  z.object({ kind: z.literal('unknown'), version: text.exactOptional().describe('What production said of itself.') }),
  z.object({ kind: z.literal('in-doubt'), rolloutId: text, since: time, sentence: text }),
]);

export const place = z.object({
  app: text,
  environment: text,
  live: liveRelease,
  running: z
    .object({
      id: text,
      kind: z.enum(['deploy', 'revert']),
      version: text,
      phase,
      phaseSince: time,
      phases: z.array(phase),
      note: text.exactOptional(),
      requestedBy: text,
      waitsFor: z.array(z.object({ gate: text, approvers: z.array(text), proof: text })),
      expiresAt: time.exactOptional(),
      ...held,
    })
    .nullable(),
  waiting: z.number().int().describe('How many wait behind it.'),
  lane: z.enum(['free', 'held', 'blocked']),
  blocked: z.object({ by: text, reason: text, at: time }).exactOptional(),
  standstills: z.array(standstill).describe('Why no swap may be there now: a freeze, a closed window, a stopped line.'),
  last: z.object({ id: text, version: text, outcome, at: time }).nullable(),
});

export const placeList = z.object({ places: z.array(place) });

export const traces = z.object({
  notices: z.array(
    z.object({
      id: text,
      moment: z.enum(moments),
      channel: text,
      recipient: text,
      state: z.enum(['to-send', 'sent', 'given-up']),
      attempts: z.number().int(),
      at: time,
      settledAt: time.exactOptional(),
    }),
  ),
  pushes: z.array(z.object({ push: z.number().int(), at: time })),
  swaps: z.array(z.object({ attempt: z.number().int(), at: time })),
});

export const figures = z.object({
  days: z.number().int(),
  from: time,
  to: time,
  changes: z.array(
    z.object({
      rolloutId: text,
      app: text,
      environment: text,
      version: text,
      at: time,
      leadMs: z.number(),
      failed: z.enum(['no', 'rolled-back', 'reverted', 'needs-attention']),
      restoreMs: z.number().exactOptional(),
    }),
  ),
  perWeek: z.number(),
  medianLeadMs: z.number().nullable(),
  failureRate: z.number().nullable().describe('From 0 to 1.'),
  medianRestoreMs: z.number().nullable(),
});

export const me = z.object({
  name: text,
  roles: z.array(z.enum(['Slipway.Start', 'Slipway.Operate', 'Slipway.Read'])),
  addresses: z.array(text).describe('Those that the platform vouches for.'),
  signIn: z
    .enum(['here', 'possible', 'off'])
    .describe(
      'here: the platform has signed them in; possible: it could, and on the laptop its operator calls until then; off: it can not.',
    ),
});

export const problemShape = z.object({
  type: z.url(),
  title: text,
  status: z.number().int(),
  detail: text.describe('What is wrong.'),
  next: text.describe('What to do.'),
  errors: z.array(z.object({ pointer: text.describe('JSON pointer (RFC 6901) to the place.'), detail: text })).exactOptional(),
});

const finding = {
  code: text,
  weight: z.enum(['stops', 'warns']).describe('stops: no rollout begins, or gets past its gate, while it is so.'),
  sentence: text.describe('What it is.'),
  why: text.describe('Why it hurts.'),
  next: text.describe('What mends it; mostly a command.'),
};

export const examination = z.object({
  app: text,
  environment: text,
  ok: z.boolean().describe('No finding stops a rollout.'),
  way: z.enum(['zip-push', 'package-url']).nullable().describe('How a release would reach the slot; null where it can not.'),
  findings: z.array(z.object({ ...finding, about: z.enum(['target', 'slipway']) })),
});

export const adoption = z.object({
  resource: text,
  yaml: text.describe("The app's part of slipway.yaml, with the findings as comments."),
  slot: text.nullable(),
  findings: z.array(z.object(finding)),
});
