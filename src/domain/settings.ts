import * as z from 'zod';
import { hostPatternForm } from './host-pattern';
import { calendar, hotfix } from './settings-calendar';
import { audience, audiences, channels, heard, mail, policyNotices } from './settings-channels';
import { check } from './settings-checks';
import { gate } from './settings-gates';
import { promote, requires } from './settings-promotion';
import { brokenRules } from './settings-rules';
import { azureName, duration, name, partOfTime, text } from './settings-words';

/**
 * The shape of slipway.yaml. Secrets are named here, never written. Every object is strict: a key nobody knows is a mistake,
 * told with its line by the loader.
 */

const wantedReminders = 'a list of at most 4 parts of the time, such as [0.5, 0.8]';
const wantedPart = 'a part of the samples, from 0 to less than 1, such as 0.5';

const policy = z.strictObject({
  /** What a newer release does that finds this environment's lane held. */
  onNewer: z.enum(['queue', 'supersede', 'refuse']).default('queue'),
  gates: z.array(gate).max(8).default([]),
  combine: z.enum(['all', 'any']).default('all'),
  expiry: duration(1, 30 * 86_400).default(86_400),
  remindAt: z.array(partOfTime, wantedReminders).max(4).default([0.5, 0.8]),
  revert: z.strictObject({ gates: z.array(gate).max(8).default([]) }).prefault({}),
  requires: requires.optional(),
  promote: promote.optional(),
  calendar: calendar.prefault({}),
  hotfix: hotfix.optional(),
  checks: z.array(check).max(50).default([]),
  watch: z
    .strictObject({
      for: duration(0, 86_400).default(1200),
      every: duration(0.1, 10).default(10),
      /** A rate over this window is judged, not one answer. */
      window: duration(1, 3600).default(60),
      /** A breach: more than this part of the window's samples unhealthy. */
      failing: z.number(wantedPart).min(0, wantedPart).lt(1, wantedPart).default(0.5),
    })
    .prefault({}),
  swap: z.strictObject({ settle: duration(1, 3600).default(300), poll: duration(0.1, 60).default(10) }).prefault({}),
  deployment: z.strictObject({ within: duration(10, 7200).default(1800), poll: duration(0.1, 60).default(10) }).prefault({}),
  notices: policyNotices.prefault({}),
  /** Says that this policy is for production under another name: it must then announce, and tell how each rollout ended. */
  production: z.boolean().default(false),
});

const subscription = z.string('a subscription id').min(1, 'a subscription id');

const environment = z.strictObject({
  subscription: subscription.optional(),
  resourceGroup: azureName.optional(),
  functionApp: azureName,
  slot: azureName
    .refine(
      (slot) => slot.toLowerCase() !== 'production',
      'the name of a staging slot, and not "production", which is what it is swapped with',
    )
    .default('staging'),
  policy: name('a policy name'),
});

const app = z.strictObject({
  environments: z.record(name('an environment name'), environment, 'a map of environments, each under its name'),
});

const hostPattern = text(hostPatternForm, 'a host name such as builds.example.com, or *.example.com for all below it');

/** Where requests may go whose address comes from a release or from Azure. */
const outgoing = z.strictObject({
  /** Hosts that packages may be fetched from; Slipway's own storage account always may. */
  packages: z.array(hostPattern).max(50).default(['*.blob.core.windows.net']),
  /** Hosts whose addresses may be private ones: apps and packages behind private endpoints. */
  private: z.array(hostPattern).max(50).default([]),
  /** Addresses of the machine Slipway runs on: for a laptop alone. */
  loopback: z.boolean().default(false),
});

const wantedPeople = `a map of who is in each audience: ${audiences.join(', ')}`;
const wantedHearers = 'a list of e-mail addresses and names of channels';

/** Each value by itself; what places say of each other is `brokenRules`. */
export const settingsShape = z.strictObject({
  $schema: z.string().optional(),
  azure: z.strictObject({ subscription, resourceGroup: azureName }),
  outgoing: outgoing.prefault({}),
  people: z.partialRecord(audience, z.array(heard, wantedHearers).max(50), wantedPeople).default({}),
  channels,
  mail: mail.prefault({}),
  apps: z.record(name('an app name'), app, 'a map of apps, each under its name'),
  policies: z.record(name('a policy name'), policy, 'a map of policies, each under its name'),
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

/** Every environment of every app that slipway.yaml names, in its order. */
export const placesOf = ({ apps }: Pick<Settings, 'apps'>): { app: string; environment: string }[] =>
  Object.entries(apps).flatMap(([app, { environments }]) => Object.keys(environments).map((environment) => ({ app, environment })));

/** The same as people read them in a refusal. */
export const placeNames = (settings: Pick<Settings, 'apps'>): string[] =>
  placesOf(settings).map(({ app, environment }) => `${app} to ${environment}`);

/** A name from outside must not find what an object inherits. */
const own = <T>(record: Record<string, T> | undefined, key: string): T | undefined =>
  record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined;
