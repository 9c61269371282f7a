import type { TargetFacts, TargetNames } from './preflight';
import type { Problem } from './problem';
import { chooseWay, noWayCodes, type WayChoice } from './way';

/** One trap that a target is in: what it is, why it hurts, and the command that mends it. */
export interface Finding extends Problem {
  /** `stops`: no rollout begins, or gets past its gate, while it is so. `warns`: it goes on, and whoever is asked is told. */
  weight: 'stops' | 'warns';
  why: string;
}

interface Trap {
  code: string;
  weight: Finding['weight'];
  /** Nothing else can be judged where it is so. */
  isLast?: boolean;
  isThere: (facts: TargetFacts, names: TargetNames) => boolean;
  what: (facts: TargetFacts, names: TargetNames) => string;
  why: string;
  mend: (names: TargetNames, facts: TargetFacts) => string;
}

const inGroup = ({ app, resourceGroup }: TargetNames): string => `--resource-group ${resourceGroup} --name ${app}`;
const setInSlot = (names: TargetNames, settings: string): string =>
  `az functionapp config appsettings set ${inGroup(names)} --slot ${names.slot} --slot-settings ${settings}`;
const setInBoth = (names: TargetNames, settings: string): string =>
  `${setInSlot(names, settings)}; az functionapp config appsettings set ${inGroup(names)} --slot-settings ${settings}`;

/**
 * Linux plans take no other name of an app setting: "AppSetting with name 'AzureWebJobs.some-app.Disabled' is not allowed"
 * (Azure/Azure-Functions#1851, #2132).
 */
const linuxSetting = /^[A-Za-z0-9_.]+$/;
const refusedNames = ({ os }: TargetFacts, { settings }: TargetNames): string[] =>
  os === 'linux' ? settings.filter((name) => !linuxSetting.test(name)) : [];

const wayOf = (facts: TargetFacts, { app }: TargetNames): WayChoice['kind'] => chooseWay(facts, app).kind;

/** In the order in which they are told. */
const traps: readonly Trap[] = [
  {
    code: 'slot-missing',
    weight: 'stops',
    isLast: true,
    isThere: ({ slotExists }) => !slotExists,
    what: (_, { app, slot }) => `${app} has no slot named ${slot}.`,
    why: 'A release is proven in a slot before it is swapped into production.',
    mend: (names) =>
      `Create it: az functionapp deployment slot create ${inGroup(names)} --slot ${names.slot}; or name the right one in slipway.yaml.`,
  },
  {
    code: 'production-stopped',
    weight: 'stops',
    isThere: ({ productionRunning }) => !productionRunning,
    what: (_, { app }) => `${app} is stopped.`,
    why: 'Nothing could be watched after the swap, and the release that is swapped out could not be swapped back warm.',
    mend: (names) => `Start it: az functionapp start ${inGroup(names)}`,
  },
  {
    code: 'slot-stopped',
    weight: 'stops',
    isThere: ({ slotRunning }) => !slotRunning,
    what: (_, { app, slot }) => `Slot ${slot} of ${app} is stopped.`,
    why: 'A stopped slot answers no check, and Azure refuses to swap it.',
    mend: (names) => `Start it: az functionapp start ${inGroup(names)} --slot ${names.slot}`,
  },
  {
    code: 'operation-in-progress',
    weight: 'stops',
    isThere: ({ operationInProgress, preparedForSwap }) => operationInProgress && !preparedForSwap,
    what: (_, { app, slot }) => `Azure works on ${app} or its slot ${slot} just now (an operation that Slipway did not begin).`,
    why: 'It may be a swap, and Azure refuses changes until it has ended.',
    mend: (names) =>
      `Wait until it has ended (az functionapp show ${inGroup(names)} shows inProgressOperationId), then start the rollout again.`,
  },
  {
    code: 'prepared-for-swap',
    weight: 'stops',
    isThere: ({ preparedForSwap }) => preparedForSwap,
    what: (_, { app, slot }) => `A swap with preview is open between ${slot} and production of ${app}.`,
    why: 'Azure refuses settings and pushes until it ends, and the slot runs with production’s settings meanwhile.',
    mend: (names) =>
      `Cancel it: az webapp deployment slot swap ${inGroup(names)} --slot ${names.slot} --action reset; or complete it, then try again.`,
  },
  {
    code: 'shared-host-id',
    weight: 'stops',
    isThere: ({ sharesHostId }) => sharesHostId,
    what: (_, { app, slot }) => `Production and ${slot} of ${app} would take the same host id on the same storage account.`,
    why: 'The Functions runtime stops one of two hosts with one id (AZFD0004).',
    mend: (names) =>
      `Give each its own as a slot setting: ${setInSlot(names, `AzureFunctionsWebHost__hostid=${names.app.slice(0, 29)}-s`)}`,
  },
  {
    code: 'shared-task-hub',
    weight: 'stops',
    isThere: ({ taskHub }) => taskHub === 'shared',
    what: (_, { app, slot }) => `Production and ${slot} of ${app} have the same Durable task hub on the same storage account.`,
    why: 'Code that nobody has approved would take work off production’s orchestrations.',
    mend: (names) =>
      `Name another in the slot, as a slot setting that host.json's hubName reads: ${setInSlot(names, 'TASK_HUB_NAME=staging')}`,
  },
  {
    code: 'default-task-hub',
    weight: 'stops',
    isThere: ({ taskHub, isDurable }) => isDurable && taskHub === 'none',
    what: (_, { app }) => `${app} has orchestrations, and no setting names its Durable task hub.`,
    why: 'The Durable extension refuses to start in a slot with the default hub, or both slots share one named in host.json.',
    mend: (names) =>
      `Write "hubName": "%TASK_HUB_NAME%" in host.json, and name a hub for each slot: ${setInSlot(names, 'TASK_HUB_NAME=staging')}`,
  },
  {
    code: 'runs-from-url',
    weight: 'stops',
    isThere: (facts, names) => facts.runsFromUrl && wayOf(facts, names) === 'zip-push',
    what: (_, { app, slot }) => `Slot ${slot} of ${app} runs from a package URL (WEBSITE_RUN_FROM_PACKAGE).`,
    why: 'SCM refuses a zip push to such a slot.',
    mend: (names) =>
      `Let it run from what is pushed: az functionapp config appsettings set ${inGroup(names)} --slot ${names.slot} --settings WEBSITE_RUN_FROM_PACKAGE=1`,
  },
  {
    code: 'package-reader-missing',
    weight: 'stops',
    isThere: (facts, names) => facts.packageReaderMissing.length > 0 && wayOf(facts, names) === 'package-url',
    what: ({ packageReaderMissing }, { app, slot }) =>
      `No managed identity fetches the package of ${packageReaderMissing.map((each) => (each === 'production' ? app : `slot ${slot} of ${app}`)).join(' and ')}.`,
    why: 'A package by URL is read with the identity that WEBSITE_RUN_FROM_PACKAGE_BLOB_MI_RESOURCE_ID names, or the system-assigned one, at each start; without it nothing runs. Identities do not travel with a swap.',
    mend: (names, { packageReaderMissing }) =>
      `${packageReaderMissing.map((each) => `az functionapp identity assign ${inGroup(names)}${each === 'production' ? '' : ` --slot ${names.slot}`}`).join('; ')} (--identities names a user-assigned one); then let it read the packages: infra/modules/package-reader.bicep.`,
  },
  {
    code: 'package-url-sticky',
    weight: 'stops',
    isThere: (facts, names) => facts.packageUrlSticky && wayOf(facts, names) === 'package-url',
    what: (_, { app }) => `WEBSITE_RUN_FROM_PACKAGE is a slot setting of ${app}.`,
    why: 'It says what a slot runs, and has to travel with a swap: as it is, a swap would exchange everything but the release.',
    mend: ({ app }) =>
      `Take the mark off it: in the portal, ${app}, Environment variables, WEBSITE_RUN_FROM_PACKAGE, "Deployment slot setting".`,
  },
  {
    code: 'setting-name-refused',
    weight: 'stops',
    isThere: (facts, names) => refusedNames(facts, names).length > 0,
    what: (facts, names) =>
      `${names.app} runs on Linux, where Azure takes names of app settings made of letters, digits, "_" and "." alone, and this rollout has to write: ${refusedNames(facts, names).join(', ')}.`,
    why: 'Azure refuses the whole list of settings for the sake of one such name.',
    mend: () =>
      'Rename a function that is to be switched off in staging so that its name has no "-"; write "__" for ":" in the name of a setting.',
  },
  {
    code: 'warm-up-accepts-any',
    weight: 'warns',
    isThere: ({ warmUpAcceptsAnyStatus }) => warmUpAcceptsAnyStatus,
    what: (_, { app }) => `A swap of ${app} goes on whatever its warm-up request is answered, a 500 too.`,
    why: 'Azure takes any answer for a healthy one unless WEBSITE_SWAP_WARMUP_PING_STATUSES says which.',
    mend: (names) => `Set both: ${setInBoth(names, 'WEBSITE_SWAP_WARMUP_PING_PATH=/api/health WEBSITE_SWAP_WARMUP_PING_STATUSES=200')}`,
  },
  {
    code: 'sticky-in-one-slot',
    weight: 'warns',
    isThere: ({ stickyButMissing }) => stickyButMissing.length > 0,
    what: ({ stickyButMissing }, { slot }) =>
      `These slot settings exist in only one of production and ${slot}: ${stickyButMissing.join(', ')}.`,
    why: 'They stay where they are in a swap, so what needs them runs without them in the other.',
    mend: (names) => `Give the other a value too, or unmark them: ${setInSlot(names, '<name>=<value>')}`,
  },
  {
    code: 'connection-travels',
    weight: 'warns',
    isThere: ({ connectionsTravel }) => connectionsTravel.length > 0,
    what: ({ connectionsTravel }, { slot }) =>
      `These settings name a connection, differ between production and ${slot}, and are no slot settings: ${connectionsTravel.join(', ')}.`,
    why: 'Their values travel with the swap: production would read what is staging’s.',
    mend: (names) => `Mark them as slot settings in both: ${setInBoth(names, '<name>=<value>')}`,
  },
  {
    code: 'triggers-live-in-staging',
    weight: 'warns',
    isThere: ({ liveInStaging }) => liveInStaging.length > 0,
    what: ({ liveInStaging }, { app, slot }) =>
      `These functions of ${app} run in ${slot}, on what is production’s: ${liveInStaging.join(', ')}.`,
    why: 'A staging slot is a live app: it takes messages and keeps to timers. A rollout switches off what its release lists, from then on.',
    mend: (names, { liveInStaging }) =>
      `Switch them off: ${setInSlot(names, liveInStaging.map((name) => `AzureWebJobs.${name}.Disabled=true`).join(' '))}`,
  },
  {
    code: 'keys-in-files',
    weight: 'warns',
    isThere: ({ keysInFiles }) => keysInFiles,
    what: (_, { app }) => `${app} keeps its function keys in files (AzureWebJobsSecretStorageType).`,
    why: 'A swap resets such keys: callers of production are turned away after it.',
    mend: (names) => `Keep them in the storage account: ${setInBoth(names, 'AzureWebJobsSecretStorageType=Blob')}`,
  },
  {
    code: 'package-url-expires',
    weight: 'warns',
    isThere: ({ packageUrlExpires }) => packageUrlExpires,
    what: (_, { app }) => `${app} runs from a package URL that is signed for a time.`,
    why: 'Once that is over the app does not start again after a restart, which may be months later.',
    mend: (names, facts) =>
      wayOf(facts, names) === 'package-url'
        ? 'Nothing to do for the slots: a rollout replaces it by an address that is read with a managed identity. Until then mind the day it expires.'
        : `Let it run from what is pushed: az functionapp config appsettings set ${inGroup(names)} --settings WEBSITE_RUN_FROM_PACKAGE=1`,
  },
  {
    code: 'sign-in-stops-preview',
    weight: 'warns',
    isThere: ({ signInOn }) => signInOn,
    what: (_, { app }) => `Site authentication is on at ${app} or its slot.`,
    why: 'Azure refuses a swap with preview then (Slipway makes none), and answers a check or a warm-up with a sign-in unless its path is let through.',
    mend: (names) => `Let the paths of checks and warm-up through: az webapp auth update ${inGroup(names)} --excluded-paths /api/health`,
  },
  {
    code: 'passwords-open-scm',
    weight: 'warns',
    isThere: ({ passwordsOpenScm }) => passwordsOpenScm,
    what: (_, { app }) => `Passwords open the SCM site of ${app} or its slot (basic authentication is on).`,
    why: 'Whoever has one can push past every gate; Slipway needs none.',
    mend: ({ app, slot, resourceGroup }) =>
      `Switch them off: az resource update --resource-group ${resourceGroup} --namespace Microsoft.Web --parent sites/${app} --resource-type basicPublishingCredentialsPolicies --name scm --set properties.allow=false; the same with --parent sites/${app}/slots/${slot}.`,
  },
];

/** Every trap Slipway knows. */
export const trapCodes: readonly string[] = [...noWayCodes, ...traps.map(({ code }) => code)];

/** Every trap that a target is in; those that hide all others come alone. */
export function findTraps(facts: TargetFacts, names: TargetNames): Finding[] {
  const way = chooseWay(facts, names.app);
  if (way.kind === 'none') {
    const { code, sentence, why, next } = way;
    return [{ code, weight: 'stops', sentence, why, next }];
  }
  const found = traps.filter(({ isThere }) => isThere(facts, names));
  const last = found.find(({ isLast }) => isLast);
  return (last ? [last] : found).map(({ code, weight, what, why, mend }) => ({
    ...{ code, weight, why },
    sentence: what(facts, names),
    next: mend(names, facts),
  }));
}
