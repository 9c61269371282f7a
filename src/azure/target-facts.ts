import type { Site } from '@azure/arm-appservice';
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
}

/** What the preflight may know of what was read: names and judgements, no value. */
export function targetFacts(read: Read): TargetFacts {
  const { target, production, staging, planTier, productionSettings, stagingSettings, sticky } = read;
  const isSticky = (name: string): boolean => sticky.includes(name);
  const names = [...new Set([...Object.keys(productionSettings), ...Object.keys(stagingSettings)])].sort();
  const inOneSlot = (name: string): boolean => name in productionSettings !== name in stagingSettings;
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
    travelling: staging
      ? names.filter((name) => !isSticky(name) && name !== markerSetting && productionSettings[name] !== stagingSettings[name])
      : [],
    warmUpAcceptsAnyStatus: !warmUpStatuses,
    runsFromUrl: /^https?:/i.test(stagingSettings['WEBSITE_RUN_FROM_PACKAGE'] ?? ''),
  };
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
