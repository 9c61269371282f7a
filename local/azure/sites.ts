import { randomBytes, randomUUID } from 'node:crypto';
import type { FaultPlace } from './faults';
import type { Collection, Store } from './store';
import type { Identities, PlanSku, SiteSpec, SlotTraits } from './types';

export const production = 'production';

export interface Site {
  subscriptionId: string;
  resourceGroup: string;
  name: string;
  location: string;
  planSku: PlanSku;
  /** Where it is not `<site>-plan`. */
  planName?: string;
  kind: string;
  /** Null until somebody writes them, as the real one says. */
  stickyNames: { appSettingNames: string[]; connectionStringNames: string[]; azureStorageConfigNames: string[] } | null;
}

export interface SlotSwapStatus {
  timestampUtc: string;
  sourceSlotName: string;
  destinationSlotName: string;
}

export interface Slot {
  site: string;
  name: string;
  state: 'Running' | 'Stopped';
  settings: Record<string, string>;
  /** Site authentication is on. */
  signIn?: boolean;
  /** SCM lets passwords in. */
  basicAuth?: boolean;
  identities?: Identities;
  /** What runs while a swap, or a swap with preview, has applied the target's sticky settings here; null otherwise. */
  preparedSettings: Record<string, string> | null;
  /** Set while a swap with preview is open. */
  targetSwapSlot: string | null;
  volume: string;
  deploymentId: string;
  slotSwapStatus: SlotSwapStatus | null;
  lastModifiedMs: number;
  /** SCM answers 503 until then: a settings change restarts it as well. */
  scmWakesAtMs: number;
}

/** What moves between slots in a swap: the app's files and the deployment records of its SCM site. */
export interface Volume {
  id: string;
  activeDeployment: string | null;
  /** Relative to the state directory; null: no files, or a package that can't be mounted. */
  contentDirectory: string | null;
}

export interface Sites {
  sites: Collection<Site>;
  find(name: string): Site | undefined;
  /** Case-insensitive, as ARM's paths are. */
  slot(site: string, name: string): Slot | undefined;
  slotsOf(site: string): Slot[];
  save(slot: Slot): void;
  /** Writes fields of a slot as it is now. */
  change(slot: Slot, fields: Partial<Slot>): Slot;
  volume(id: string): Volume;
  volumes(): Volume[];
  saveVolume(volume: Volume): void;
  slotOfVolume(id: string): Slot | undefined;
  create(spec: SiteSpec, nowMs: number): void;
}

export const placeOf = (slot: Slot): FaultPlace => ({ site: slot.site, slot: slot.name });

const slotKey = (site: string, name: string): string => `${site}/${name}`.toLowerCase();

export function openSites(store: Store): Sites {
  const sites = store.collection<Site>('site');
  const slots = store.collection<Slot>('slot');
  const volumes = store.collection<Volume>('volume');
  const addSlot = (site: string, name: string, spec: SlotTraits & { appSettings: Record<string, string> }, nowMs: number): void => {
    const volume: Volume = { id: randomUUID(), activeDeployment: null, contentDirectory: null };
    volumes.put(volume.id, volume);
    slots.put(slotKey(site, name), {
      site,
      name,
      state: spec.state ?? 'Running',
      settings: { ...spec.appSettings },
      ...(spec.signIn === undefined ? {} : { signIn: spec.signIn }),
      ...(spec.basicAuth === undefined ? {} : { basicAuth: spec.basicAuth }),
      ...(spec.identities === undefined ? {} : { identities: spec.identities }),
      preparedSettings: null,
      targetSwapSlot: null,
      volume: volume.id,
      deploymentId: name === production ? site : `${site}__${randomBytes(2).toString('hex')}`,
      slotSwapStatus: null,
      lastModifiedMs: nowMs,
      scmWakesAtMs: 0,
    });
  };
  const self: Sites = {
    sites,
    find: (name) => sites.get(name.toLowerCase()),
    slot: (site, name) => slots.get(slotKey(site, name)),
    slotsOf: (site) => slots.all().filter((slot) => slot.site.toLowerCase() === site.toLowerCase()),
    save: (slot) => slots.put(slotKey(slot.site, slot.name), slot),
    change(slot, fields) {
      const changed = { ...(slots.get(slotKey(slot.site, slot.name)) ?? slot), ...fields };
      self.save(changed);
      return changed;
    },
    volume: (id) => volumes.get(id) ?? { id, activeDeployment: null, contentDirectory: null },
    volumes: () => volumes.all(),
    saveVolume: (volume) => volumes.put(volume.id, volume),
    slotOfVolume: (id) => slots.all().find((slot) => slot.volume === id),
    create(spec, nowMs) {
      store.together(() => {
        const { subscriptionId, resourceGroup, name, location, planSku, kind, planName } = spec;
        const stickyNames = spec.stickyNames.length
          ? { appSettingNames: spec.stickyNames, connectionStringNames: [], azureStorageConfigNames: [] }
          : null;
        sites.put(name.toLowerCase(), {
          subscriptionId,
          resourceGroup,
          name,
          location,
          planSku,
          kind,
          stickyNames,
          ...(planName === undefined ? {} : { planName }),
        });
        addSlot(name, production, spec, nowMs);
        for (const slot of spec.slots) addSlot(name, slot.name, slot, nowMs);
      });
    },
  };
  return self;
}

/** Names that stay with their slot though nobody marked them; FUNCTIONS_EXTENSION_VERSION travels only where both slots say so. */
const neverTravel = ['WEBSITE_HTTPLOGGING_RETENTION_DAYS', 'DIAGNOSTICS_AZUREBLOBRETENTIONDAYS'];
const overrideName = 'WEBSITE_OVERRIDE_STICKY_EXTENSION_VERSIONS';

/** The settings a slot has once content of another has come to it: the other's, but its own wherever a name is sticky. */
export function settingsAfterSwap(site: Site, coming: Slot, staying: Slot): Record<string, string> {
  const extensionTravels = coming.settings[overrideName] === '0' && staying.settings[overrideName] === '0';
  const sticky = new Set(
    [...(site.stickyNames?.appSettingNames ?? []), ...neverTravel, ...(extensionTravels ? [] : ['FUNCTIONS_EXTENSION_VERSION'])].map(
      (name) => name.toLowerCase(),
    ),
  );
  const pick = (settings: Record<string, string>, wanted: boolean): [string, string][] =>
    Object.entries(settings).filter(([name]) => sticky.has(name.toLowerCase()) === wanted);
  return Object.fromEntries([...pick(coming.settings, false), ...pick(staying.settings, true)]);
}
