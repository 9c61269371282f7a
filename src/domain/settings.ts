import { z } from 'zod';
import { hostPatternForm } from './host-pattern';
import { proofs } from './proof';
import { brokenRules } from './settings-rules';

/**
 * The shape of slipway.yaml. Secrets are named here, never written. Every object is strict: a key nobody knows is a mistake,
 * told with its line by the loader.
 */

const name = (what: string) =>
  z
    .string()
    .regex(/^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/, `${what}: 1 to 40 lower-case letters, digits or "-", none of them "-" at either end`);

const azureName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._()-]{0,89}$/, 'a name that Azure accepts: letters, digits, ".", "_", "-", up to 90');
const address = z.email('an e-mail address');

const units = { s: 1, m: 60, h: 3600, d: 86_400 };

/** As slipway.yaml would say it: the largest unit that gives a whole number. */
const written = (seconds: number): string => {
  const [unit, length] = Object.entries(units).findLast(([, length]) => seconds >= length && seconds % length === 0) ?? ['s', 1];
  return `${seconds / length}${unit}`;
};

/** `90s`, `20m`, `24h`, `7d`, or a number of seconds; becomes seconds. */
const duration = (leastSeconds: number, mostSeconds: number) => {
  const wanted = `a duration from ${written(leastSeconds)} to ${written(mostSeconds)}, such as 90s, 20m, 24h or 7d`;
  return z
    .union([z.number(wanted), z.string().regex(/^\d+(?:\.\d+)?[smhd]$/, wanted)], wanted)
    .transform((value) => (typeof value === 'number' ? value : Number(value.slice(0, -1)) * units[value.slice(-1) as keyof typeof units]))
    .pipe(z.number().min(leastSeconds, wanted).max(mostSeconds, wanted));
};

const wantedStatus = 'an HTTP status from 100 to 599, or a list of them';
const status = z.number(wantedStatus).int(wantedStatus).min(100, wantedStatus).max(599, wantedStatus);
const path = z.string().regex(/^\/[^\s]*$/, 'a path that begins with "/"');

const check = z
  .strictObject({
    name: z.string().regex(/^.{1,80}$/, 'a name of 1 to 80 characters on one line'),
    method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']).default('GET'),
    path,
    headers: z.record(z.string(), z.string()).default({}),
    body: z.json().optional(),
    functionKey: z.boolean().default(false),
    expect: z
      .strictObject({
        status: z.union([status.transform((one) => [one]), z.array(status).min(1, wantedStatus)], wantedStatus).default([200]),
        headers: z.record(z.string(), z.string()).default({}),
        json: z.record(z.string().regex(/^(?:\/.*)?$/, 'a JSON pointer such as /version'), z.json()).default({}),
        schema: z.record(z.string(), z.json()).optional(),
        latency: duration(0.001, 230).optional(),
      })
      .prefault({}),
    timeout: duration(0.1, 230).default(30),
    budget: duration(0, 1800).default(180),
  })
  .transform(({ timeout, budget, expect: { latency, ...expect }, body, ...rest }) => ({
    ...rest,
    ...(body === undefined ? {} : { body: body as unknown }),
    expect: {
      status: expect.status,
      headers: expect.headers,
      json: expect.json,
      ...(expect.schema === undefined ? {} : { schema: expect.schema }),
      ...(latency === undefined ? {} : { latencyMs: latency * 1000 }),
    },
    timeoutSeconds: timeout,
    budgetSeconds: budget,
  }));

const gate = z.strictObject({
  name: name('a gate name'),
  kind: z.literal('signed-link'),
  approvers: z.array(address).min(1).max(20),
  needed: z.number().int().min(1).default(1),
  proof: z.enum(proofs).default('link'),
  notRequester: z.boolean().default(false),
});

const audience = z.enum(['team', 'testers', 'stakeholders', 'on-call']);
const audiences = z.array(audience).max(4);

const policy = z.strictObject({
  /** What a newer release does that finds this environment's lane held. */
  onNewer: z.enum(['queue', 'supersede', 'refuse']).default('queue'),
  gates: z.array(gate).max(8).default([]),
  combine: z.enum(['all', 'any']).default('all'),
  expiry: duration(1, 30 * 86_400).default(86_400),
  remindAt: z.array(z.number().gt(0).lt(1)).max(4).default([0.5, 0.8]),
  revert: z.strictObject({ gates: z.array(gate).max(8).default([]) }).prefault({}),
  checks: z.array(check).max(50).default([]),
  watch: z
    .strictObject({
      for: duration(0, 86_400).default(1200),
      every: duration(0.1, 10).default(10),
      /** A rate over this window is judged, not one answer. */
      window: duration(1, 3600).default(60),
      /** A breach: more than this part of the window's samples unhealthy. */
      failing: z.number().min(0).lt(1).default(0.5),
    })
    .prefault({}),
  swap: z.strictObject({ settle: duration(1, 3600).default(300), poll: duration(0.1, 60).default(10) }).prefault({}),
  deployment: z.strictObject({ within: duration(10, 7200).default(1800), poll: duration(0.1, 60).default(10) }).prefault({}),
  /** Which audiences hear of which moment. */
  notices: z
    .strictObject({
      start: audiences.default(['team']),
      success: audiences.default(['team']),
      /** Production was not touched: nobody has to be woken. */
      failure: audiences.default(['team']),
      'rolled-back': audiences.default(['team', 'on-call']),
      'needs-attention': audiences.default(['team', 'on-call']),
      ended: audiences.default(['team']),
    })
    .prefault({}),
});

const environment = z.strictObject({
  subscription: z.string().min(1, 'a subscription id').optional(),
  resourceGroup: azureName.optional(),
  functionApp: azureName,
  slot: azureName
    .refine((slot) => slot.toLowerCase() !== 'production', 'the name of a staging slot; "production" is what it is swapped with')
    .default('staging'),
  policy: name('a policy name'),
});

const hostPattern = z.string().regex(hostPatternForm, 'a host name such as builds.example.com, or *.example.com for all below it');

/** Where requests may go whose address comes from a release or from Azure. */
const outgoing = z.strictObject({
  /** Hosts that packages may be fetched from; Slipway's own storage account always may. */
  packages: z.array(hostPattern).max(50).default(['*.blob.core.windows.net']),
  /** Hosts whose addresses may be private ones: apps and packages behind private endpoints. */
  private: z.array(hostPattern).max(50).default([]),
  /** Addresses of the machine Slipway runs on: for a laptop alone. */
  loopback: z.boolean().default(false),
});

/** Each value by itself; what places say of each other is `brokenRules`. */
export const settingsShape = z.strictObject({
  $schema: z.string().optional(),
  azure: z.strictObject({ subscription: z.string().min(1, 'a subscription id'), resourceGroup: azureName }),
  outgoing: outgoing.prefault({}),
  people: z.partialRecord(audience, z.array(address).max(50)).default({}),
  apps: z.record(name('an app name'), z.strictObject({ environments: z.record(name('an environment name'), environment) })),
  policies: z.record(name('a policy name'), policy),
});

/** Whole settings, or nothing. The loader of slipway.yaml holds shape and rules apart, to tell every mistake at once. */
export const settingsSchema = settingsShape.superRefine((settings, context) => {
  for (const { path, message } of brokenRules(settings)) context.addIssue({ code: 'custom', path, message });
});

export type Settings = z.output<typeof settingsSchema>;
export type Policy = z.output<typeof policy>;
export type GatePolicy = z.output<typeof gate>;

/** Where a rollout goes: one function app, one slot, in one subscription. */
export interface Target {
  subscription: string;
  resourceGroup: string;
  functionApp: string;
  slot: string;
}

/** What slipway.yaml says about one environment of one app; undefined when it names none. */
export function environmentOf(settings: Settings, app: string, environment: string): { target: Target; policy: Policy } | undefined {
  const found = own(own(settings.apps, app)?.environments, environment);
  const policy = found && own(settings.policies, found.policy);
  if (!found || !policy) return undefined;
  return {
    policy,
    target: {
      subscription: found.subscription ?? settings.azure.subscription,
      resourceGroup: found.resourceGroup ?? settings.azure.resourceGroup,
      functionApp: found.functionApp,
      slot: found.slot,
    },
  };
}

/** A name from outside must not find what an object inherits. */
const own = <T>(record: Record<string, T> | undefined, key: string): T | undefined =>
  record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined;
