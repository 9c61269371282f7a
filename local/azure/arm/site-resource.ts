import { createHash } from 'node:crypto';
import { production, type Site, type Slot } from '../sites';
import type { Identities } from '../types';

export const siteId = (site: Site): string =>
  `/subscriptions/${site.subscriptionId}/resourceGroups/${site.resourceGroup}/providers/Microsoft.Web/sites/${site.name}`;

export const slotId = (site: Site, slot: Slot): string => (slot.name === production ? siteId(site) : `${siteId(site)}/slots/${slot.name}`);

export const planName = (site: Site): string => site.planName ?? `${site.name}-plan`;

export const planId = (site: Site): string =>
  `/subscriptions/${site.subscriptionId}/resourceGroups/${site.resourceGroup}/providers/Microsoft.Web/serverfarms/${planName(site)}`;

const tiers = {
  ...{ Y1: 'Dynamic', EP1: 'ElasticPremium', S1: 'Standard', P1v3: 'PremiumV3', B1: 'Basic', FC1: 'FlexConsumption' },
  'container-apps': '',
} as const;

export const tierOf = (site: Site): string => tiers[site.planSku];

/** How many slots a plan carries besides production. */
export const slotLimit = (site: Site): number => ({ Y1: 1, EP1: 2, S1: 4, P1v3: 19, B1: 0, FC1: 0, 'container-apps': 0 })[site.planSku];

/**
 * "Linux function apps running in the Consumption plan don't have an SCM/Kudu site" (learn.microsoft.com/azure/azure-functions/functions-deployment-technologies);
 * nor has what runs on Container Apps.
 */
export const hasScm = (site: Site): boolean => site.planSku !== 'container-apps' && !(site.planSku === 'Y1' && isLinux(site));

const isLinux = (site: Site): boolean => site.kind.split(',').includes('linux');

export interface SiteSurroundings {
  /** `127.0.0.1:PORT` of the front door and of the SCM site. Real ones never derive from the name either. */
  hostName: string;
  scmHostName: string;
  /** Of a swap that touches this slot now. */
  operationId: string | null;
}

export function siteResource(site: Site, slot: Slot, { hostName, scmHostName, operationId }: SiteSurroundings): Record<string, unknown> {
  const isProduction = slot.name === production;
  const { slotSwapStatus, targetSwapSlot, deploymentId } = slot;
  return {
    id: slotId(site, slot),
    name: isProduction ? site.name : `${site.name}/${slot.name}`,
    type: isProduction ? 'Microsoft.Web/sites' : 'Microsoft.Web/sites/slots',
    kind: site.kind,
    location: site.location,
    tags: {},
    ...(slot.identities ? { identity: identityOf(site, slot, slot.identities) } : {}),
    properties: {
      ...standing,
      ...ofSite(site),
      name: isProduction ? site.name : `${site.name}(${slot.name})`,
      state: slot.state,
      enabled: slot.state === 'Running',
      hostNames: [hostName],
      enabledHostNames: [hostName, ...(hasScm(site) ? [scmHostName] : [])],
      hostNameSslStates: [sslState(hostName, 'Standard'), ...(hasScm(site) ? [sslState(scmHostName, 'Repository')] : [])],
      defaultHostName: hostName,
      lastModifiedTimeUtc: new Date(slot.lastModifiedMs).toISOString().replace('Z', ''),
      siteConfig,
      deploymentId,
      targetSwapSlot,
      slotSwapStatus,
      inProgressOperationId: operationId,
    },
  };
}

const isOnContainerApps = ({ planSku }: Site): boolean => planSku === 'container-apps';

function identityOf(site: Site, slot: Slot, identities: Identities): Record<string, unknown> {
  const principalOf = (id: string): string => {
    const hex = createHash('sha256')
      .update(`${slotId(site, slot)} ${id}`)
      .digest('hex');
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
  };
  const isSystem = 'SystemAssigned' in identities;
  const users = Object.keys(identities).filter((id) => id !== 'SystemAssigned');
  return {
    type: [...(isSystem ? ['SystemAssigned'] : []), ...(users.length > 0 ? ['UserAssigned'] : [])].join(', '),
    ...(isSystem ? { principalId: principalOf('SystemAssigned'), tenantId: site.subscriptionId } : {}),
    ...(users.length > 0
      ? {
          userAssignedIdentities: Object.fromEntries(
            users.map((id) => [id, { principalId: principalOf(id), clientId: principalOf(`${id} client`) }]),
          ),
        }
      : {}),
  };
}

/** What is the same for all slots of a site. */
function ofSite(site: Site): Record<string, unknown> {
  const linux = isLinux(site);
  return {
    webSpace: `${site.resourceGroup}-${site.location.replaceAll(' ', '')}webspace${linux ? '-Linux' : ''}`,
    repositorySiteName: site.name,
    serverFarmId: isOnContainerApps(site) ? null : planId(site),
    managedEnvironmentId: isOnContainerApps(site)
      ? `/subscriptions/${site.subscriptionId}/resourceGroups/${site.resourceGroup}/providers/Microsoft.App/managedEnvironments/${site.name}-environment`
      : null,
    reserved: linux,
    sku: tierOf(site),
    kind: site.kind,
    resourceGroup: site.resourceGroup,
    containerSize: linux ? 0 : 1536,
    customDomainVerificationId: createHash('sha256').update(site.subscriptionId).digest('hex').toUpperCase(),
  };
}

/** What never changes here. */
const standing = {
  owner: null,
  usageState: 'Normal',
  adminEnabled: true,
  availabilityState: 'Normal',
  sslCertificates: null,
  siteMode: null,
  computeMode: null,
  serverFarm: null,
  isXenon: false,
  hyperV: false,
  storageRecoveryDefaultState: 'Running',
  contentAvailabilityState: 'Normal',
  runtimeAvailabilityState: 'Normal',
  functionAppConfig: null,
  daprConfig: null,
  slotName: null,
  trafficManagerHostNames: null,
  scmSiteAlsoStopped: false,
  hostingEnvironment: null,
  hostingEnvironmentProfile: null,
  clientAffinityEnabled: false,
  clientCertEnabled: false,
  clientCertMode: 'Required',
  clientCertExclusionPaths: null,
  hostNamesDisabled: false,
  inboundIpAddress: '127.0.0.1',
  possibleInboundIpAddresses: '127.0.0.1',
  outboundIpAddresses: '127.0.0.1',
  possibleOutboundIpAddresses: '127.0.0.1',
  dailyMemoryTimeQuota: 0,
  suspendedTill: null,
  siteDisabledReason: 0,
  homeStamp: 'local',
  cloningInfo: null,
  hostingEnvironmentId: null,
  tags: {},
  // The front doors are plain http on this computer.
  httpsOnly: false,
  redundancyMode: 'None',
  geoDistributions: null,
  privateEndpointConnections: [],
  publicNetworkAccess: null,
  buildVersion: null,
  targetBuildVersion: null,
  storageAccountRequired: false,
  virtualNetworkSubnetId: null,
  keyVaultReferenceIdentity: 'SystemAssigned',
};

const sslState = (name: string, hostType: 'Standard' | 'Repository'): Record<string, unknown> => ({
  name,
  sslState: 'Disabled',
  ipBasedSslResult: null,
  virtualIP: null,
  virtualIPv6: null,
  thumbprint: null,
  certificateResourceId: null,
  toUpdate: null,
  toUpdateIpBasedSsl: null,
  ipBasedSslState: 'NotConfigured',
  hostType,
});

/** In a GET of the site itself almost all of it is null: settings are never here. */
const siteConfig = {
  numberOfWorkers: 1,
  linuxFxVersion: '',
  acrUseManagedIdentityCreds: false,
  alwaysOn: false,
  appSettings: null,
  autoSwapSlotName: null,
  connectionStrings: null,
  http20Enabled: false,
  functionAppScaleLimit: 0,
  minimumElasticInstanceCount: 0,
};

export function planResource(site: Site, sites: number): Record<string, unknown> {
  const tier = tierOf(site);
  return {
    id: planId(site),
    name: planName(site),
    type: 'Microsoft.Web/serverfarms',
    kind: isLinux(site) ? 'functionapp,linux' : 'functionapp',
    location: site.location,
    tags: {},
    properties: {
      name: planName(site),
      status: 'Ready',
      subscription: site.subscriptionId,
      resourceGroup: site.resourceGroup,
      computeMode: tier === 'Dynamic' ? 'Dynamic' : 'Dedicated',
      geoRegion: site.location,
      numberOfWorkers: 1,
      numberOfSites: sites,
      perSiteScaling: false,
      elasticScaleEnabled: tier === 'ElasticPremium',
      maximumElasticWorkerCount: 1,
      reserved: isLinux(site),
      isXenon: false,
      hyperV: false,
      provisioningState: 'Succeeded',
    },
    sku: { name: site.planSku, tier, size: site.planSku, family: site.planSku.replace(/\d.*$/, ''), capacity: 1 },
  };
}

export function functionResource(
  site: Site,
  slot: Slot,
  indexed: { name: string; bindings: Record<string, unknown>[]; invokePath?: string },
  hosts: SiteSurroundings,
): Record<string, unknown> {
  const { name, bindings, invokePath } = indexed;
  const scm = `https://${hosts.scmHostName}`;
  const disabled = isDisabled(slot, name);
  const isProduction = slot.name === production;
  return {
    id: `${slotId(site, slot)}/functions/${name}`,
    name: isProduction ? `${site.name}/${name}` : `${site.name}/${slot.name}/${name}`,
    type: isProduction ? 'Microsoft.Web/sites/functions' : 'Microsoft.Web/sites/slots/functions',
    location: site.location,
    properties: {
      name,
      function_app_id: null,
      script_root_path_href: `${scm}/api/vfs/site/wwwroot/${name}/`,
      script_href: null,
      config_href: `${scm}/api/vfs/site/wwwroot/${name}/function.json`,
      test_data_href: null,
      secrets_file_href: null,
      href: `${scm}/api/functions/${name}`,
      config: { name, bindings, disabled },
      files: null,
      test_data: '',
      invoke_url_template: invokePath === undefined ? null : `http://${hosts.hostName}${invokePath}`,
      language: 'node',
      isDisabled: disabled,
    },
  };
}

function isDisabled(slot: Slot, name: string): boolean {
  const settings = slot.preparedSettings ?? slot.settings;
  const wanted = [`AzureWebJobs.${name}.Disabled`, `AzureWebJobs_${name}_Disabled`].map((each) => each.toLowerCase());
  return Object.entries(settings).some(([key, value]) => wanted.includes(key.toLowerCase()) && /^(true|1)$/i.test(value));
}
