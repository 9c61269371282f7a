import * as z from 'zod';
import { proofs } from './proof';
import { isRecord } from './unknown-value';
import { address, duration, name, settingName, text } from './settings-words';

const approvers = z.array(address).max(20);

/** Members of an Entra group, known by their sign-in's claims. The address is where they are asked. */
const group = z.strictObject({ id: z.guid("a group's object id, as Entra shows it"), mail: address });

/** A mail with a signed link to each approver. The kind of a gate that names none. */
const signedLink = z.strictObject({
  name: name('a gate name'),
  kind: z.literal('signed-link').optional().default('signed-link'),
  approvers: approvers.default([]),
  groups: z.array(group).max(10).optional(),
  needed: z.number().int().min(1).default(1),
  proof: z.enum(proofs).default('link'),
  notRequester: z.boolean().default(false),
  /** Whom to ask as well when so much of the time has gone by without the answers that are needed. */
  escalate: z.strictObject({ after: z.number().gt(0).lt(1).default(0.5), to: approvers.min(1) }).optional(),
});

const wantedSite = (such: string) => `an address such as ${such}, without a path`;
const site = (such: string) => text(/^https:\/\/[a-z0-9.-]+(?::\d{1,5})?$/i, wantedSite(such));

/** How often the service is asked. */
const poll = duration(5, 3600).default(60);

const wantedSysId = 'a sys_id as ServiceNow shows it: 32 digits from 0 to 9 and a to f, in quotes';

/** A change request in ServiceNow, approved there. */
const serviceNow = z.strictObject({
  name: name('a gate name'),
  kind: z.literal('servicenow'),
  instance: site('https://acme.service-now.com'),
  /** Holds `user:password`, or for `oauth` `client id:client secret`. */
  login: settingName('SERVICENOW_LOGIN'),
  auth: z.enum(['basic', 'oauth']).default('basic'),
  /** A standard change is approved before anybody has seen the release, so it is none of these. */
  type: z.enum(['normal', 'emergency']).default('normal'),
  assignmentGroup: text(/^[0-9a-f]{32}$/, wantedSysId),
  /** More columns of change_request, as the Table API names them. */
  fields: z
    .record(z.string().regex(/^[a-z][a-z0-9_]{0,79}$/, "a column's name such as risk or u_service"), z.string().max(4000))
    .default({}),
  notRequester: z.boolean().default(false),
  poll,
});

/** A closed union: every `switch` over a gate's kind is exhaustive. */
const kinds = ['signed-link', 'servicenow'] as const;
const wantedKind = `one of: ${kinds.join(', ')}`;

/** One place where somebody must say yes. */
export const gate = z.discriminatedUnion('kind', [signedLink, serviceNow], {
  error: ({ input }) => (isRecord(input) ? wantedKind : `a map whose kind is ${wantedKind}`),
});
