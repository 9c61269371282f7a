import type { Site } from '@azure/arm-appservice';
import type { IndexedFunction } from './app-control';
import type { Target } from '../domain/settings';
import type { TargetFacts } from '../domain/preflight';
import { markerSetting, packageSetting } from '../domain/release';
import type { Hosting } from '../domain/way';

interface Read {
  target: Target;
  production: Site;
  staging: Site | undefined;
  planTier: string;
  productionSettings: Record<string, string>;
  stagingSettings: Record<string, string>;
  /** Names in slotConfigNames. */
  sticky: string[];
  /** What each slot's host has indexed, as far as it answers. */
  functions: { production: readonly IndexedFunction[]; staging: readonly IndexedFunction[] };
  signInOn: boolean;
  passwordsOpenScm: boolean;
}

/** `kind` is `functionapp`, `functionapp,linux`, `functionapp,linux,container`, … */
export const hostingOf = (production: Site, planTier: string): Hosting => ({
  planTier,
  os: production.reserved ? 'linux' : 'windows',
  onContainerApps: Boolean(production.managedEnvironmentId),
  runsImage: (production.kind ?? '').split(',').includes('container'),
});

/** What the preflight may know of what was read: names and judgements, no value. */
export function targetFacts(read: Read): TargetFacts {
  const { target, production, staging, planTier, productionSettings, stagingSettings, sticky, functions, signInOn, passwordsOpenScm } =
    read;
  const both = [productionSettings, stagingSettings];
  const isSticky = (name: string): boolean => sticky.includes(name);
  const names = [...new Set([...Object.keys(productionSettings), ...Object.keys(stagingSettings)])].sort();
  const inOneSlot = (name: string): boolean => name in productionSettings !== name in stagingSettings;
  const inBothSlots = (name: string): boolean => name in productionSettings && name in stagingSettings;
  const travelling = staging
    ? names.filter((name) => !isSticky(name) && name !== markerSetting && productionSettings[name] !== stagingSettings[name])
    : [];
  // While a swap warms staging up, it runs with production's sticky settings.
  const warmUpStatuses = (isSticky(pingStatuses) ? productionSettings : stagingSettings)[pingStatuses];
  return {
    slotExists: staging !== undefined,
    ...hostingOf(production, planTier),
    productionRunning: production.state === 'Running',
    slotRunning: staging?.state === 'Running',
    preparedForSwap: Boolean(staging?.targetSwapSlot) || Boolean(production.targetSwapSlot),
    operationInProgress: Boolean(production.inProgressOperationId) || Boolean(staging?.inProgressOperationId),
    sharesHostId:
      staging !== undefined &&
      hostId(target.functionApp, productionSettings) === hostId(`${target.functionApp}-${target.slot}`, stagingSettings) &&
      hostStorage(productionSettings) === hostStorage(stagingSettings),
    // Functions switched off in staging alone are meant to be off there alone.
    stickyButMissing: staging ? names.filter((name) => isSticky(name) && inOneSlot(name) && !switchesFunctionOff.test(name)) : [],
    travelling,
    connectionsTravel: travelling.filter((name) => namesConnection.test(name) && inBothSlots(name)),
    taskHub: staging ? taskHubOf(productionSettings, stagingSettings) : 'none',
    isDurable: functions.production.some(({ trigger }) => trigger === 'orchestration'),
    liveInStaging: functions.staging.filter(({ trigger, disabled }) => !harmless.has(trigger) && !disabled).map(({ name }) => name),
    warmUpAcceptsAnyStatus: !warmUpStatuses,
    runsFromUrl: isUrl(stagingSettings[packageSetting]),
    packageUrlExpires: both.some((settings) => isUrl(settings[packageSetting]) && /[?&]se=/i.test(settings[packageSetting])),
    packageUrlSticky: isSticky(packageSetting),
    packageReaderMissing: [
      ...(readsPackages(production, readersOf(productionSettings, stagingSettings)) ? [] : (['production'] as const)),
      ...(!staging || readsPackages(staging, readersOf(stagingSettings, productionSettings)) ? [] : (['staging'] as const)),
    ],
    keysInFiles: both.some((settings) => /^files$/i.test(settings['AzureWebJobsSecretStorageType'] ?? '')),
    signInOn,
    passwordsOpenScm,
  };
}

export const isUrl = (value: string | undefined): value is string => /^https?:/i.test(value ?? '');

/**
 * Which identities a slot's package is read with, now and after a swap: resource ids of user-assigned ones, or `SystemAssigned`, which is also what stands
 * where nothing is said (learn.microsoft.com/azure/app-service/deploy-run-package, "Access a package in Azure Blob Storage using a managed identity").
 */
const packageReader = 'WEBSITE_RUN_FROM_PACKAGE_BLOB_MI_RESOURCE_ID';
const readersOf = (...both: Record<string, string>[]): string[] => both.map((settings) => settings[packageReader] || 'SystemAssigned');

function readsPackages({ identity }: Site, readers: string[]): boolean {
  const userAssigned = Object.keys(identity?.userAssignedIdentities ?? {}).map((id) => id.toLowerCase());
  return readers.every((reader) =>
    /^SystemAssigned$/i.test(reader) ? /SystemAssigned/i.test(identity?.type ?? '') : userAssigned.includes(reader.toLowerCase()),
  );
}

/** What does nothing by itself in a slot: HTTP, and what an orchestration that nobody starts would run. */
const harmless = new Set(['http', 'orchestration', 'activity', 'entity', '']);

/** Names that bindings and event sources are reached by, going by how Functions writes them. */
const namesConnection =
  /(?:connection|connectionstring|__accountname|__fullyqualifiednamespace|__serviceuri|serviceuri|^azurewebjobsstorage)$/i;

/** Settings that name a Durable task hub, by their usual names; the hub that host.json itself names can't be seen from here. */
const hubNames = /^(?:TASK_?HUB(?:_?NAME)?|DurableTask(?:Hub)?Name|AzureFunctionsJobHost__extensions__durableTask__hubName)$/i;

function taskHubOf(production: Record<string, string>, staging: Record<string, string>): TargetFacts['taskHub'] {
  const names = [...new Set([...Object.keys(production), ...Object.keys(staging)])].filter((name) => hubNames.test(name));
  if (names.length === 0) return 'none';
  const isShared = names.some((name) => production[name] === staging[name]) && hostStorage(production) === hostStorage(staging);
  return isShared ? 'shared' : 'own';
}

const pingStatuses = 'WEBSITE_SWAP_WARMUP_PING_STATUSES';
const switchesFunctionOff = /^AzureWebJobs\..+\.Disabled$/i;

/** The Functions host takes the first 32 characters of its site's name unless a setting gives it an id. */
const hostId = (site: string, settings: Record<string, string>): string =>
  settings['AzureFunctionsWebHost__hostid'] ??
  settings['AzureFunctionsWebHost:hostid'] ??
  site.toLowerCase().slice(0, 32).replace(/-+$/, '');

/** What names the storage account the host keeps its locks in. */
const hostStorage = (settings: Record<string, string>): string =>
  ['', '__accountName', '__blobServiceUri'].map((suffix) => settings[`AzureWebJobsStorage${suffix}`] ?? '').join('\n');
