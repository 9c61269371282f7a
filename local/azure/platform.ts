import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { systemClock, type Clock } from '../host/clock';
import { openAccess, type Access } from './arm/access';
import type { SiteSurroundings } from './arm/site-resource';
import { openSwaps, type SwapParts, type Swaps } from './arm/swap';
import { openFaults, type FaultBoard } from './faults';
import { openJira, type JiraRecords } from './itsm/jira-records';
import { openServiceNow, type ServiceNowRecords } from './itsm/servicenow-records';
import { openTokens, type Tokens } from './identity/tokens';
import { laptopPace, type Pace } from './pace';
import { openReceipts, type ReceiptBook } from './receipts';
import { openSchedule, type Schedule } from './schedule';
import { openDeployments, type Deployments } from './scm/deployments';
import type { Listening } from './servers';
import { openSites, type Sites } from './sites';
import { openPackageFetch } from './slots/package-url';
import { runAsProcess } from './slots/process';
import { openSlots, type Slots } from './slots/slots';
import { standIn } from './slots/stand-in';
import { pingSlot } from './slots/warm-up';
import { openStore, type Collection, type Store } from './store';
import type { LocalAzureOptions, MailRecord, MessageRecord } from './types';

/** Everything behind the addresses: what is kept, what runs, what happens with time. */
export interface Platform {
  log: (line: string) => void;
  clock: Clock;
  pace: Pace;
  store: Store;
  schedule: Schedule;
  faults: FaultBoard;
  receipts: ReceiptBook;
  tokens: Tokens;
  access: Access;
  sites: Sites;
  slots: Slots;
  swaps: Swaps;
  swapParts: SwapParts;
  deployments: Deployments;
  mails: Collection<MailRecord>;
  messages: Collection<MessageRecord>;
  serviceNow: ServiceNowRecords;
  jira: JiraRecords;
  doors: Doors;
  hosts(site: string, slot: string): SiteSurroundings;
  secret(name: string, encoding?: 'hex' | 'base64'): string;
}

/** Where each slot's front door and SCM site listen. */
export interface Doors {
  put(site: string, slot: string, doors: SlotDoors): void;
  /** Throws for what nobody created. */
  of(site: string, slot: string): SlotDoors;
}

export interface SlotDoors {
  front: Listening;
  scm: Listening;
}

export const noSuchSlot = (site: string, slot: string): Error =>
  new Error(`The local Azure has no site '${site}' with a slot '${slot}'. Create it with createSite first.`);

export function openPlatform(options: LocalAzureOptions): Platform {
  const { directory, log = () => undefined, clock = systemClock } = options;
  const pace = { ...laptopPace, ...options.pace };
  mkdirSync(directory, { recursive: true });
  const store = openStore(directory);
  const secret = secrets(store);
  const schedule = openSchedule(clock, log);
  const faults = openFaults(store);
  const sites = openSites(store);
  const doors = openDoors();
  const slots = openSlots({
    sites,
    schedule,
    faults,
    pace,
    directory,
    run: typeof options.runSlot === 'function' ? options.runSlot : options.runSlot === 'none' ? standIn : runAsProcess(log),
    fetchPackage: openPackageFetch(options.storage),
    hostName: (site, slot) => `127.0.0.1:${doors.of(site, slot).front.port}`,
    keySecret: secret('host-keys'),
    log,
  });
  const ping = (site: string, slot: string, at: string): Promise<number | null> => pingSlot(doors.of(site, slot).front.port, at);
  const swapParts: SwapParts = { store, sites, slots, schedule, faults, pace, ping };
  const swaps = openSwaps(swapParts);
  return {
    log,
    clock,
    pace,
    store,
    schedule,
    faults,
    receipts: openReceipts(store),
    tokens: openTokens(store),
    access: openAccess(store),
    sites,
    slots,
    swaps,
    swapParts,
    deployments: openDeployments({ store, sites, slots, schedule, faults, pace, directory }),
    mails: store.collection<MailRecord>('mail'),
    messages: store.collection<MessageRecord>('message'),
    serviceNow: openServiceNow(store, () => schedule.now()),
    jira: openJira(store, () => schedule.now()),
    doors,
    hosts(site, slot) {
      const { front, scm } = doors.of(site, slot);
      const running = swaps.running(site);
      const touched = running && [running.source, running.target].some((name) => name.toLowerCase() === slot.toLowerCase());
      return { hostName: `127.0.0.1:${front.port}`, scmHostName: `127.0.0.1:${scm.port}`, operationId: touched ? running.id : null };
    },
    secret,
  };
}

function openDoors(): Doors {
  const doors = new Map<string, SlotDoors>();
  const key = (site: string, slot: string): string => `${site}/${slot}`.toLowerCase();
  return {
    put: (site, slot, opened) => void doors.set(key(site, slot), opened),
    of(site, slot) {
      const found = doors.get(key(site, slot));
      if (!found) throw noSuchSlot(site, slot);
      return found;
    },
  };
}

/** Made once, kept with the state. */
function secrets(store: Store): (name: string, encoding?: 'hex' | 'base64') => string {
  const kept = store.collection<string>('secret');
  return (name, encoding = 'hex') => {
    const before = kept.get(name);
    if (before !== undefined) return before;
    const made = randomBytes(32).toString(encoding);
    kept.put(name, made);
    return made;
  };
}
