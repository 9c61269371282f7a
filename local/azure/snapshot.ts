import type { Grant } from './arm/access';
import type { PlanSku, SiteSpec } from './types';

/** What `bicep snapshot` writes: the resources that a deployment would create, evaluated without Azure. */
export interface Snapshot {
  predictedResources: SnapshotResource[];
}

interface SnapshotResource {
  id: string;
  type: string;
  name: string;
  location?: string;
  kind?: string;
  sku?: { name: string };
  properties?: Record<string, unknown>;
}

export interface SnapshotChanges {
  name?: string;
  settings?: Record<string, string>;
  package?: Buffer;
}

const skus: readonly PlanSku[] = ['Y1', 'EP1', 'S1', 'P1v3', 'B1', 'FC1'];

/** The function apps of a snapshot, with their slots and settings. */
export function sitesOf({ predictedResources }: Snapshot, changes: SnapshotChanges): SiteSpec[] {
  const find = (id: unknown): SnapshotResource | undefined => predictedResources.find((each) => same(each.id, String(id)));
  const settingsOf = (id: string): Record<string, string> => ({
    ...(find(`${id}/config/appsettings`)?.properties as Record<string, string> | undefined),
    ...changes.settings,
  });
  const basicAuthOf = (id: string): { basicAuth?: boolean } => {
    const allow = find(`${id}/basicPublishingCredentialsPolicies/scm`)?.properties?.['allow'];
    return typeof allow === 'boolean' ? { basicAuth: allow } : {};
  };
  return predictedResources
    .filter(({ type }) => same(type, 'Microsoft.Web/sites'))
    .map((site) => {
      const [, subscriptionId = '', resourceGroup = ''] = /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\//i.exec(site.id) ?? [];
      const plan = find(site.properties?.['serverFarmId']);
      const planSku = skus.find((sku) => sku === plan?.sku?.name);
      if (planSku === undefined)
        throw new Error(`The local Azure has no plan of size ${plan?.sku?.name ?? '?'}, which ${site.name} asks for.`);
      const sticky = find(`${site.id}/config/slotConfigNames`)?.properties?.['appSettingNames'];
      const slots = predictedResources.filter(({ type, id }) => same(type, 'Microsoft.Web/sites/slots') && id.startsWith(`${site.id}/`));
      return {
        ...{ subscriptionId, resourceGroup, planSku, planName: plan?.name ?? '' },
        name: changes.name ?? site.name,
        location: site.location ?? '',
        kind: site.kind ?? 'functionapp',
        appSettings: settingsOf(site.id),
        ...basicAuthOf(site.id),
        stickyNames: Array.isArray(sticky) ? sticky.map(String) : [],
        slots: slots.map(({ id, name }) => ({ name: name.split('/').at(-1) ?? '', appSettings: settingsOf(id), ...basicAuthOf(id) })),
        ...(changes.package === undefined ? {} : { package: changes.package }),
      };
    });
}

/** What a snapshot lets a principal do: its assignments, with the actions of the roles that the snapshot itself defines. */
export function grantsOf({ predictedResources }: Snapshot, principalId: string, siteName?: string): Grant[] {
  const renamed = (scope: string): string =>
    siteName === undefined ? scope : scope.replace(/(\/Microsoft\.Web\/sites\/)[^/]+/i, `$1${siteName}`);
  return predictedResources
    .filter(({ type, properties }) => same(type, 'Microsoft.Authorization/roleAssignments') && properties?.['principalId'] === principalId)
    .map(({ id, properties }) => {
      const role = predictedResources.find((each) => same(each.id, String(properties?.['roleDefinitionId'])));
      const permissions = (role?.properties?.['permissions'] ?? []) as { actions?: string[]; notActions?: string[] }[];
      return {
        scope: renamed(id.replace(/\/providers\/Microsoft\.Authorization\/roleAssignments\/[^/]+$/i, '')),
        actions: permissions.flatMap(({ actions = [] }) => actions),
        notActions: permissions.flatMap(({ notActions = [] }) => notActions),
      };
    });
}

const same = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();
