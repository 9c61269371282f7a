import type { FunctionEnvelope, Site } from '@azure/arm-appservice';
import type { WebSiteManagementContext } from '@azure/arm-appservice/api';
import { get as getPlan } from '@azure/arm-appservice/api/appServicePlans';
import * as webApps from '@azure/arm-appservice/api/webApps';
import { isRestError } from '@azure/core-rest-pipeline';
import type { Content, SlotState } from '../domain/live';
import { markerSetting, packageSetting } from '../domain/release';
import { refusalIn } from '../domain/not-allowed';
import type { Target } from '../domain/settings';
import { sha256Hex } from '../domain/tables';
import type { AppControl, IndexedFunction } from './app-control';
import {
  armClients,
  bounded,
  needSite,
  nameOfSlot,
  NotAllowed,
  readSite,
  scmUrlOf,
  telling,
  tellingList,
  unlessMissing,
  type ArmAccess,
  type SlotName,
} from './arm-sites';
import type { PackageAddresses } from './packages';
import { judgeSwapRefusal } from './swap-refusal';
import { hostingOf, isUrl, targetFacts } from './target-facts';

type AppSettings = Record<string, string>;

/** The gateway in front of ARM gives up after a minute; a POST still unanswered after two is lost. */
const swapAnswerWithinMs = 120_000;

/**
 * App control through Azure's resource manager. This file (with the pure target-facts beside it) alone sees the values of app settings
 * and function keys; it gives out the marker, names, and a key to the one who asks for it. Errors are sentences without values.
 *
 * `contentOf` reads what a slot's SCM site says of its content; undefined means that the site has none. `digestAt` knows addresses of kept packages.
 */
export function armAppControl(
  options: ArmAccess &
    Pick<PackageAddresses, 'digestAt'> & { contentOf: (scmUrl: string | undefined) => Promise<Content>; swapAnswerWithinMs?: number },
): AppControl {
  const reading = armClients(options);
  const posting = armClients(options, true);

  const listFunctions: AppControl['listFunctions'] = async (target, slot) => {
    const client = reading(target.subscription);
    const { resourceGroup, functionApp } = target;
    const found = await tellingList(`list the functions of ${nameOfSlot(target, slot)}`, (listing) =>
      slot === 'production'
        ? webApps.listFunctions(client, resourceGroup, functionApp, listing)
        : webApps.listInstanceFunctionsSlot(client, resourceGroup, functionApp, target.slot, listing),
    );
    return found.map(indexedFunction);
  };
  /** A slot that is empty or does not start can't say what it holds: then nothing runs there either. */
  const indexed = (target: Target, slot: SlotName): Promise<IndexedFunction[]> =>
    listFunctions(target, slot).catch((error: unknown) => {
      if (error instanceof NotAllowed) throw error;
      return [];
    });

  const contentOf = async (site: Site, settings: AppSettings): Promise<Content> => {
    const url = settings[packageSetting];
    if (!isUrl(url)) return options.contentOf(scmUrlOf(site));
    const sha256 = options.digestAt(url);
    return sha256 === undefined ? { kind: 'other-package', urlHash: sha256Hex(url) } : { kind: 'package', sha256 };
  };

  return {
    async readHosting(target) {
      const client = reading(target.subscription);
      const production = await needSite(client, target, 'production');
      return hostingOf(production, await readPlanTier(client, production));
    },

    async readFacts(target) {
      const client = reading(target.subscription);
      const production = await needSite(client, target, 'production');
      const staging = await telling(`read ${nameOfSlot(target, 'staging')}`, () => readSite(client, target, 'staging'));
      const [planTier, productionSettings, stagingSettings, sticky, doors, inProduction, inStaging] = await Promise.all([
        readPlanTier(client, production),
        readSettings(client, target, 'production'),
        staging ? readSettings(client, target, 'staging') : Promise.resolve({}),
        readSticky(client, target),
        readDoors(client, target, staging !== undefined),
        indexed(target, 'production'),
        staging ? indexed(target, 'staging') : Promise.resolve([]),
      ]);
      return targetFacts({
        target,
        production,
        staging,
        planTier,
        productionSettings,
        stagingSettings,
        sticky: sticky.appSettingNames ?? [],
        functions: { production: inProduction, staging: inStaging },
        ...doors,
      });
    },

    async readSlots(target) {
      const client = reading(target.subscription);
      const readSlot = async (slot: SlotName): Promise<SlotState> => {
        const site = await needSite(client, target, slot);
        const settings = await readSettings(client, target, slot);
        return slotState(site, settings[markerSetting] ?? null, await contentOf(site, settings));
      };
      const [production, staging] = await Promise.all([readSlot('production'), readSlot('staging')]);
      return { production, staging };
    },

    async writeStickySettings(target, settings) {
      if (Object.keys(settings).length === 0) return;
      const client = reading(target.subscription);
      await makeSticky(client, target, Object.keys(settings));
      const before = await readSettings(client, target, 'staging');
      await replaceSettings(client, target, before, { ...before, ...settings });
    },

    async writeSlotSettings(target, { reset, write }) {
      const client = reading(target.subscription);
      const [production, before] = await Promise.all([readSettings(client, target, 'production'), readSettings(client, target, 'staging')]);
      const after: AppSettings = { ...before };
      for (const name of reset) {
        const value = production[name];
        if (value === undefined) delete after[name];
        else after[name] = value;
      }
      return { changed: await replaceSettings(client, target, before, { ...after, ...write }) };
    },

    async syncTriggers(target) {
      try {
        await webApps.syncFunctionTriggersSlot(
          reading(target.subscription),
          target.resourceGroup,
          target.functionApp,
          target.slot,
          bounded(),
        );
        return { kind: 'synced' };
      } catch (error) {
        const refusal = isRestError(error) && error.statusCode === 403 ? refusalIn(error.message) : undefined;
        if (refusal) throw new NotAllowed(refusal);
        // A host that starts, or can't, is told by "BadRequest: Encountered an error (ServiceUnavailable) from host runtime" (microsoft/azure-pipelines-tasks#16942).
        return { kind: 'not-yet', code: isRestError(error) && error.statusCode !== undefined ? `http-${error.statusCode}` : codeOf(error) };
      }
    },

    listFunctions,

    async functionKey(target, slot) {
      const client = reading(target.subscription);
      const { resourceGroup, functionApp } = target;
      const keys = await telling(`read the function key of ${nameOfSlot(target, slot)}`, () =>
        unlessMissing(() =>
          slot === 'production'
            ? webApps.listHostKeys(client, resourceGroup, functionApp, bounded())
            : webApps.listHostKeysSlot(client, resourceGroup, functionApp, target.slot, bounded()),
        ),
      );
      return keys?.functionKeys?.['default'];
    },

    async postSwap(target) {
      let body = '';
      try {
        // `submitted` waits for the answer to the POST; the poller itself is never started.
        await webApps
          .swapSlot(
            posting(target.subscription),
            target.resourceGroup,
            target.functionApp,
            target.slot,
            { targetSlot: 'production', preserveVnet: true },
            {
              abortSignal: AbortSignal.timeout(options.swapAnswerWithinMs ?? swapAnswerWithinMs),
              // The SDK's error does not hold the answer's text.
              onResponse: ({ bodyAsText }) => (body = bodyAsText ?? ''),
            },
          )
          .submitted();
        return { kind: 'accepted' };
      } catch (error) {
        if (!isRestError(error) || error.statusCode === undefined) return { kind: 'unknown', code: codeOf(error) };
        return judgeSwapRefusal(error.statusCode, body, error.response?.headers.get('retry-after'));
      }
    },

    async listSlots(site) {
      const { subscription, resourceGroup, functionApp } = site;
      const client = reading(subscription);
      await needSite(client, { ...site, slot: '' }, 'production');
      const found = await tellingList(`list the slots of function app "${functionApp}"`, (listing) =>
        webApps.listSlots(client, resourceGroup, functionApp, listing),
      );
      // ARM's name is `<site>/<slot>`.
      return found.map(({ name = '' }) => name.split('/').at(-1) ?? '');
    },

    async clockAheadMs(target) {
      let said: string | undefined;
      await telling(`read ${nameOfSlot(target, 'production')}`, () =>
        webApps.get(reading(target.subscription), target.resourceGroup, target.functionApp, {
          ...bounded(),
          onResponse: ({ headers }) => (said = headers.get('date')),
        }),
      );
      return said === undefined ? undefined : Date.now() - Date.parse(said);
    },

    slotUrl: (hostName) => (/^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/.test(hostName) ? `http://${hostName}` : `https://${hostName}`),
  };
}

function slotState(site: Site, marker: string | null, content: Content): SlotState {
  const swap = site.slotSwapStatus;
  return {
    marker,
    content,
    swapStatus: swap?.timestampUtc
      ? { at: new Date(swap.timestampUtc).toISOString(), source: swap.sourceSlotName ?? '', destination: swap.destinationSlotName ?? '' }
      : null,
    operationInProgress: Boolean(site.inProgressOperationId),
    running: site.state === 'Running',
    hostName: site.defaultHostName ?? '',
  };
}

async function readPlanTier(client: WebSiteManagementContext, site: Site): Promise<string> {
  const [, resourceGroup, plan] = /\/resourceGroups\/([^/]+)\/.*\/serverfarms\/([^/]+)$/i.exec(site.serverFarmId ?? '') ?? [];
  if (resourceGroup === undefined || plan === undefined) return site.sku ?? '';
  const found = await telling(`read plan "${plan}"`, () => unlessMissing(() => getPlan(client, resourceGroup, plan, bounded())));
  return found?.sku?.tier ?? site.sku ?? '';
}

async function readSettings(client: WebSiteManagementContext, target: Target, slot: SlotName): Promise<AppSettings> {
  const { resourceGroup, functionApp } = target;
  const found = await telling(`read the app settings of ${nameOfSlot(target, slot)}`, () =>
    slot === 'production'
      ? webApps.listApplicationSettings(client, resourceGroup, functionApp, bounded())
      : webApps.listApplicationSettingsSlot(client, resourceGroup, functionApp, target.slot, bounded()),
  );
  return found.properties ?? {};
}

/** Who is let in besides Slipway: whether people have to sign in, and whether SCM takes passwords. */
async function readDoors(
  client: WebSiteManagementContext,
  target: Target,
  hasSlot: boolean,
): Promise<{ signInOn: boolean; passwordsOpenScm: boolean }> {
  const { resourceGroup, functionApp, slot } = target;
  return telling(`read who is let in at ${nameOfSlot(target, 'production')}`, async () => {
    const signIns = await Promise.all([
      webApps.getAuthSettingsV2WithoutSecrets(client, resourceGroup, functionApp, bounded()),
      ...(hasSlot ? [webApps.getAuthSettingsV2WithoutSecretsSlot(client, resourceGroup, functionApp, slot, bounded())] : []),
    ]);
    const passwords = await Promise.all([
      webApps.getScmAllowed(client, resourceGroup, functionApp, bounded()),
      ...(hasSlot ? [webApps.getScmAllowedSlot(client, resourceGroup, functionApp, slot, bounded())] : []),
    ]);
    return {
      signInOn: signIns.some(({ platform }) => platform?.enabled === true),
      passwordsOpenScm: passwords.some(({ allow }) => allow === true),
    };
  });
}

const readSticky = (client: WebSiteManagementContext, target: Target) =>
  telling(`read the slot setting names of "${target.functionApp}"`, () =>
    webApps.listSlotConfigurationNames(client, target.resourceGroup, target.functionApp, bounded()),
  );

/** ARM replaces the list of names whole and has no condition, so what was written is read back: another writer may have come between. */
async function makeSticky(client: WebSiteManagementContext, target: Target, names: string[]): Promise<void> {
  for (let tries = 0; tries < 3; tries++) {
    const { connectionStringNames, azureStorageConfigNames, appSettingNames = [] } = await readSticky(client, target);
    const missing = names.filter((name) => !appSettingNames.includes(name));
    if (missing.length === 0) return;
    await telling(`mark ${missing.join(', ')} as slot settings of "${target.functionApp}"`, () =>
      webApps.updateSlotConfigurationNames(
        client,
        target.resourceGroup,
        target.functionApp,
        {
          ...(connectionStringNames ? { connectionStringNames } : {}),
          ...(azureStorageConfigNames ? { azureStorageConfigNames } : {}),
          appSettingNames: [...appSettingNames, ...missing],
        },
        bounded(),
      ),
    );
  }
  const { appSettingNames = [] } = await readSticky(client, target);
  const missing = names.filter((name) => !appSettingNames.includes(name));
  if (missing.length > 0)
    throw new Error(
      `Slipway marked ${missing.join(', ')} as slot settings of "${target.functionApp}" three times, and they are not marked. Look for another tool that writes slotConfigNames.`,
    );
}

/** Replaces the slot's list if it differs; a replace restarts the slot. */
async function replaceSettings(
  client: WebSiteManagementContext,
  target: Target,
  before: AppSettings,
  after: AppSettings,
): Promise<boolean> {
  const names = Object.keys(after);
  if (names.length === Object.keys(before).length && names.every((name) => before[name] === after[name])) return false;
  await telling(
    `write the app settings of ${nameOfSlot(target, 'staging')}`,
    () =>
      webApps.updateApplicationSettingsSlot(
        client,
        target.resourceGroup,
        target.functionApp,
        target.slot,
        { properties: after },
        bounded(),
      ),
    true,
  );
  return true;
}

function indexedFunction(envelope: FunctionEnvelope): IndexedFunction {
  const config = envelope.config as { bindings?: { type?: unknown }[] } | undefined;
  const types = (config?.bindings ?? []).map(({ type }) => (typeof type === 'string' ? type : ''));
  const trigger = types.find((type) => type.endsWith('Trigger')) ?? '';
  return {
    // ARM's name is `<site>/<function>`, or `<site>/<slot>/<function>`.
    name: envelope.name?.split('/').at(-1) ?? '',
    trigger: trigger.slice(0, -'Trigger'.length),
    disabled: envelope.isDisabled ?? false,
  };
}

function codeOf(error: unknown): string {
  if (isRestError(error)) return error.code ?? 'no-answer';
  return error instanceof Error ? error.name : 'no-answer';
}
