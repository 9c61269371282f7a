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
/** As a browser shows it, too: a slash alone is no path. */
const site = (such: string) =>
  text(/^https:\/\/[a-z0-9.-]+(?::\d{1,5})?\/?$/i, wantedSite(such)).overwrite((address) => address.replace(/\/$/, ''));

/** How often the service is asked. */
const poll = duration(5, 3600).default(60);

const wantedSysId = 'a sys_id as ServiceNow shows it: 32 digits from 0 to 9 and a to f, in quotes';

const wantedType = 'normal or emergency: a standard change is approved before anybody has seen the release, so it is no gate';

/** A change request in ServiceNow, approved there. */
const serviceNow = z.strictObject({
  name: name('a gate name'),
  kind: z.literal('servicenow'),
  instance: site('https://acme.service-now.com'),
  /** Holds `user:password`, or for `oauth` `client id:client secret`. */
  login: settingName('SERVICENOW_LOGIN'),
  auth: z.enum(['basic', 'oauth']).default('basic'),
  type: z.enum(['normal', 'emergency'], { error: ({ input }) => (input === 'standard' ? wantedType : undefined) }).default('normal'),
  assignmentGroup: text(/^[0-9a-f]{32}$/, wantedSysId),
  /** More columns of change_request, as the Table API names them. */
  fields: z
    .record(z.string().regex(/^[a-z][a-z0-9_]{0,79}$/, "a column's name such as risk or u_service"), z.string().max(4000))
    .default({}),
  notRequester: z.boolean().default(false),
  poll,
});

const idOf = (what: string, list: string) =>
  text(/^[1-9]\d{0,18}$/, `the id of a ${what} in Jira, in quotes: digits alone, as ${list} lists it`);
const desks = '/rest/servicedeskapi/servicedesk';
const named = (what: string) => text(/^\S(?:.{0,98}\S)?$/u, `a ${what} by its name in Jira`);
const transition = named('transition');

const wantedStatuses =
  'a list of one to ten statuses by their names in Jira: those in which an approved request waits to be carried out, or is being carried out';
const wantedValue = 'a text, or a map such as { value: High } for a choice';

/** A request of a service desk in Jira Service Management, approved there. */
const jira = z.strictObject({
  name: name('a gate name'),
  kind: z.literal('jira'),
  site: site('https://acme.atlassian.net'),
  /** Holds `address:API token`. */
  login: settingName('JIRA_LOGIN'),
  serviceDesk: idOf('service desk', desks),
  requestType: idOf('request type', `${desks}/<id>/requesttype`),
  /** A workflow may have several steps that are approved: only in these is the whole of it. */
  readyIn: z.array(named('status'), wantedStatuses).min(1, wantedStatuses).max(10, wantedStatuses),
  /** What the portal shows, by name. */
  transitions: z.strictObject({
    /** Puts it to its approvers, where a workflow does not begin with that. */
    ask: transition.optional(),
    begin: transition.optional(),
    successful: transition,
    unsuccessful: transition,
    cancel: transition,
  }),
  /** More fields of the request type, by their ids. */
  fields: z
    .record(
      z.string().regex(/^[a-z][A-Za-z0-9_]{0,79}$/, "a field's id such as priority or customfield_10050"),
      z.union(
        [z.string().max(4000, wantedValue), z.record(z.string().max(80), z.string().max(4000, wantedValue), wantedValue)],
        wantedValue,
      ),
    )
    .default({}),
  notRequester: z.boolean().default(false),
  poll,
});

/** A closed union: every `switch` over a gate's kind is exhaustive. */
export const gateKinds = ['signed-link', 'servicenow', 'jira'] as const;
export type GateKind = (typeof gateKinds)[number];

/** What a gate of each kind may say of itself. */
export const gateKeys: Readonly<Record<GateKind, readonly string[]>> = {
  'signed-link': Object.keys(signedLink.shape),
  servicenow: Object.keys(serviceNow.shape),
  jira: Object.keys(jira.shape),
};

const wantedKind = `one of: ${gateKinds.join(', ')}`;

/** One place where somebody must say yes. */
export const gate = z.discriminatedUnion('kind', [signedLink, serviceNow, jira], {
  error: ({ input }) => (isRecord(input) ? wantedKind : `a map whose kind is ${wantedKind}`),
});
