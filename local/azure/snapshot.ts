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
  identity?: { type: string };
  sku?: { name: string };
  properties?: Record<string, unknown>;
}

export interface SnapshotChanges {
  name?: string;
  settings?: Record<string, string>;
  package?: Buffer;
}

const skus: readonly PlanSku[] = ['Y1', 'EP1', 'S1', 'P1v3', 'B1', 'FC1'];

/** Built-in roles that read blobs: Storage Blob Data Reader, Contributor and Owner. */
const blobReaders = [
  '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1',
  'ba92f5b4-2d11-453d-a403-e96b0029c9fe',
  'b7e6dc6d-f1e8-4753-8033-0f276bb0955b',
];

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
  /** The containers that the system-assigned identity of a site or slot reads. Who has it is told by a reference that only Azure could follow. */
  const identitiesOf = ({ id, identity }: SnapshotResource): Pick<SiteSpec, 'identities'> => {
    if (!identity?.type.includes('SystemAssigned')) return {};
    const readsContainers = predictedResources.flatMap(({ type, id: assignment, properties }) => {
      const isOurs = same(type, 'Microsoft.Authorization/roleAssignments') && String(properties?.['principalId']).includes(`'${id}'`);
      const reads = blobReaders.some((role) => String(properties?.['roleDefinitionId']).endsWith(role));
      return (isOurs && reads && /\/blobServices\/default\/containers\/([a-z0-9-]+)/i.exec(assignment)?.[1]) || [];
    });
    return { identities: { SystemAssigned: { readsContainers } } };
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
        ...identitiesOf(site),
        stickyNames: Array.isArray(sticky) ? sticky.map(String) : [],
        slots: slots.map((slot) => ({
          name: slot.name.split('/').at(-1) ?? '',
          appSettings: settingsOf(slot.id),
          ...basicAuthOf(slot.id),
          ...identitiesOf(slot),
        })),
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
