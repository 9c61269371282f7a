import type { Site } from '@azure/arm-appservice';
import type { IndexedFunction } from './app-control';
import type { Target } from '../domain/settings';
import type { TargetFacts } from '../domain/preflight';
import { markerSetting } from '../domain/release';

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
    planTier,
    os: production.reserved ? 'linux' : 'windows',
    planHasSlots: !production.managedEnvironmentId && !plansWithoutSlots.test(planTier),
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
    runsFromUrl: isUrl(stagingSettings[runFromPackage]),
    packageUrlExpires: both.some((settings) => isUrl(settings[runFromPackage]) && /[?&]se=/i.test(settings[runFromPackage] ?? '')),
    keysInFiles: both.some((settings) => /^files$/i.test(settings['AzureWebJobsSecretStorageType'] ?? '')),
    signInOn,
    passwordsOpenScm,
  };
}

const runFromPackage = 'WEBSITE_RUN_FROM_PACKAGE';
const isUrl = (value: string | undefined): boolean => /^https?:/i.test(value ?? '');

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
const plansWithoutSlots = /^(?:FlexConsumption|Free|Shared|Basic)$/i;
const switchesFunctionOff = /^AzureWebJobs\..+\.Disabled$/i;

/** The Functions host takes the first 32 characters of its site's name unless a setting gives it an id. */
const hostId = (site: string, settings: Record<string, string>): string =>
  settings['AzureFunctionsWebHost__hostid'] ??
  settings['AzureFunctionsWebHost:hostid'] ??
  site.toLowerCase().slice(0, 32).replace(/-+$/, '');

/** What names the storage account the host keeps its locks in. */
const hostStorage = (settings: Record<string, string>): string =>
  ['', '__accountName', '__blobServiceUri'].map((suffix) => settings[`AzureWebJobsStorage${suffix}`] ?? '').join('\n');
