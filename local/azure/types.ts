import type { Clock } from '../host/clock';
import type { Access } from './arm/access';
import type { Snapshot } from './snapshot';
import type { FaultOptions, FaultName } from './faults';
import type { JiraPeople } from './itsm/jira-records';
import type { ServiceNowRecords } from './itsm/servicenow-records';
import type { Pace } from './pace';
import type { RunContent } from './slots/running';

/** How the content of slots is run. `process`: a child process with the embedded host for each slot. `none`: nothing runs, a stand-in answers. */
export type RunSlot = 'process' | 'none';

export interface LocalAzureOptions {
  /** Its whole state: SQLite file, pushed packages and extracted content, certificate authority, signing keys, remembered ports. */
  directory: string;
  /** All delays (swap phases, deployments, restarts) run on it. Default: the system's clock. */
  clock?: Clock;
  /** Durations; what is absent keeps its quick laptop value. */
  pace?: Partial<Pace>;
  /** Default `process`. Tests hand in a way of their own to run what was pushed. */
  runSlot?: RunSlot | RunContent;
  /**
   * Connection string of the storage account whose blobs a slot that runs from a URL reads with its identity; where there are several, of the one that holds
   * this URL. Absent: every URL is read anonymously.
   */
  storage?: string | ((url: string) => string | undefined);
  log?: (line: string) => void;
}

/** `container-apps` is no plan: the app runs in a Container Apps environment. */
export type PlanSku = 'Y1' | 'EP1' | 'S1' | 'P1v3' | 'B1' | 'FC1' | 'container-apps';

/** Managed identities: `SystemAssigned`, or resource ids of user-assigned ones; and the containers that each is Storage Blob Data Reader on. */
export type Identities = Record<string, { readsContainers: string[] }>;

/** What is unusual about a slot, production included. */
export interface SlotTraits {
  /** Site authentication is on. */
  signIn?: boolean;
  /** SCM lets passwords in; it does where nobody says otherwise. */
  basicAuth?: boolean;
  state?: 'Running' | 'Stopped';
  /** Each slot's are its own, and stay where they are in a swap. */
  identities?: Identities;
}

export interface SlotSpec extends SlotTraits {
  /** Name of a slot other than production, as in ARM paths. */
  name: string;
  appSettings: Record<string, string>;
  /** A package that a stranger put there before Slipway came: no marker, no message of ours. */
  package?: Buffer;
}

export interface SiteSpec extends SlotTraits {
  subscriptionId: string;
  resourceGroup: string;
  name: string;
  location: string;
  planSku: PlanSku;
  /** Where it is not `<site>-plan`. */
  planName?: string;
  /** `kind` of the site resource, e.g. `functionapp` or `functionapp,linux`. */
  kind: string;
  appSettings: Record<string, string>;
  /** App setting names that stay with their slot in a swap. */
  stickyNames: string[];
  slots: SlotSpec[];
  /** Production's package, put there by a stranger before Slipway came. */
  package?: Buffer;
}

export interface MailAddress {
  address: string;
  displayName?: string;
}

/** One mail that the service accepted. */
export interface MailRecord {
  operationId: string;
  acceptedAtMs: number;
  sender: string;
  to: MailAddress[];
  cc: MailAddress[];
  bcc: MailAddress[];
  replyTo: MailAddress[];
  subject: string;
  plainText?: string;
  html?: string;
  headers: Record<string, string>;
  trackingDisabled: boolean;
  attachments: { name: string; contentType: string; sizeBytes: number }[];
  /** Whose credentials sent it: the object id of an identity, or `access-key`. */
  sentBy: string;
}

export const messageServices = ['slack', 'teams', 'chime', 'sms', 'pagerduty', 'webhook', 'eventgrid'] as const;
export type MessageService = (typeof messageServices)[number];

/** One message that a service other than mail accepted. */
export interface MessageRecord {
  id: string;
  service: MessageService;
  acceptedAtMs: number;
  /** What was posted, as JSON. */
  body: Record<string, unknown>;
  /** Headers that belong to the message. */
  headers?: Record<string, string>;
}

export const itsmServices = ['servicenow', 'jira'] as const;
export type ItsmService = (typeof itsmServices)[number];

/** What Slipway needs to reach the services that approve changes. A login is `user:password`, of Jira `address:API token`. */
export interface ItsmAddresses {
  servicenow: { url: string; login: string };
  jira: { url: string; login: string };
}

/** What a scenario does in those services, as people do on their pages. */
export interface ItsmPeople {
  servicenow: Pick<ServiceNowRecords, 'answer' | 'hide'> & {
    changes(): ServiceNowChange[];
    /** To a state that a person may choose: `-5` reverts to New, `4` cancels. */
    move(number: string, state: string, note?: string): void;
  };
  jira: JiraPeople & {
    /** What one of its users signs in with: `address:API token`. */
    loginOf(emailAddress: string): string;
  };
}

/** A change request as its page shows it. */
export interface ServiceNowChange {
  number: string;
  columns: Record<string, string>;
  notes: string[];
}

/** What Slipway needs to reach the services that take messages. */
export interface MessageAddresses {
  slackUrl: string;
  teamsUrl: string;
  chimeUrl: string;
  /** Texts go to the endpoint of mail. */
  pagerduty: { endpoint: string; routingKey: string };
  webhook: { url: string; secret: string };
  /** A custom topic and its access key. */
  eventgrid: { url: string; key: string };
}

/** One POST of a package that reached SCM, whether accepted or refused. */
export interface PushReceipt {
  atMs: number;
  site: string;
  slot: string;
  /** HTTP status of the answer; 0 where a stranger pushed past the wire. */
  answered: number;
  deploymentId: string | null;
  deployer: string | null;
  message: string | null;
  sizeBytes: number;
  sha256: string;
}

/** One POST of slotsswap that reached ARM. */
export interface SwapPostReceipt {
  atMs: number;
  site: string;
  source: string;
  target: string;
  /** HTTP status of the answer; 0 where there was none. */
  answered: number;
  /** Null where the POST began nothing. */
  operationId: string | null;
}

/** One swap that was begun, with the time of each phase. */
export interface SwapReceipt {
  operationId: string;
  site: string;
  source: string;
  target: string;
  by: 'arm' | 'stranger' | 'itself';
  phases: { name: string; atMs: number }[];
  outcome: 'running' | 'applied' | 'failed';
}

/** What really came over the wire, oldest first. */
export interface Receipts {
  pushes: PushReceipt[];
  swapPosts: SwapPostReceipt[];
  swaps: SwapReceipt[];
  mails: { atMs: number; answered: number; operationId: string; recipients: string[]; repeated: boolean }[];
  messages: { atMs: number; service: MessageService; answered: number; repeated: boolean }[];
  /** Calls to services that approve changes; 0: the answer was lost. */
  itsm: { atMs: number; service: ItsmService; method: string; path: string; answered: number }[];
  settingWrites: { atMs: number; site: string; slot: string; names: string[] }[];
}

export interface Faults {
  on(name: FaultName, options?: FaultOptions): void;
  /** Without a name: all of them. */
  off(name?: FaultName): void;
  active(): { name: FaultName; options: FaultOptions; left: number | null }[];
}

export interface LocalAzure {
  /** `https://127.0.0.1:PORT` of the resource manager. */
  armUrl: string;
  /** PEM file of the certificate authority to trust. */
  caFile: string;
  /** Values of IDENTITY_ENDPOINT (plain http, as in App Service) and IDENTITY_HEADER. */
  identity: { endpoint: string; header: string };
  /** Communication Services: https endpoint and an access key (base64). */
  mail: { endpoint: string; accessKey: string };
  /** Chats and whoever else is told. */
  messaging: MessageAddresses;
  itsm: ItsmAddresses;
  /** Page of what was sent, and `api/mails` and `api/messages` below it. */
  inboxUrl: string;
  /** What listens elsewhere than in an earlier run because another program has its port now, by name. */
  movedPorts: { name: string; before: number; now: number }[];
  /** Does nothing where a site of this name exists. */
  createSite(spec: SiteSpec): Promise<void>;
  /**
   * Makes exactly the sites, slots, settings and sticky names of a snapshot that `bicep snapshot` wrote, and grants Slipway's identity what the
   * snapshot grants the principal of this id, and nothing else from then on. `settings`: over those of the snapshot, such as a storage account that is
   * here; `name` replaces the site's name, and `package` is put into production by a stranger.
   */
  createFromSnapshot(
    snapshot: Snapshot,
    options: { principalId: string; name?: string; settings?: Record<string, string>; package?: Buffer },
  ): Promise<void>;
  /** What Slipway's identity may do; undefined: everything. */
  access: Pick<Access, 'grant' | 'granted'>;
  /** `http://127.0.0.1:PORT` of a slot's front door; stays the same whatever serves the slot. Default slot: production. */
  siteUrl(site: string, slot?: string): string;
  /** `https://127.0.0.1:PORT` of a slot's SCM site. */
  scmUrl(site: string, slot?: string): string;
  /** All slots there are, production first. */
  sites(): { name: string; slot: string; url: string; scmUrl: string }[];
  faults: Faults;
  /** Somebody else deploys to a slot; resolves when it is live. */
  strangerPushes(site: string, slot: string, zip: Buffer): Promise<void>;
  /** Somebody else swaps a slot with production; resolves when it is applied. */
  strangerSwaps(site: string, slot: string): Promise<void>;
  receipts(): Receipts;
  /** Accepted mails, newest last. */
  mails(): MailRecord[];
  /** Accepted messages of the other services, newest last. */
  messages(): MessageRecord[];
  /** People who work in those services. */
  itsmPeople: ItsmPeople;
  stop(): Promise<void>;
}
