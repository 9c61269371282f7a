import { succeeded, failed } from '../scm/deployments';
import { jsonObject, type Answer, type Asked } from '../servers';
import { production } from '../sites';
import { webAnswer, webError } from './errors';
import type { ArmParts, Place } from './operation';
import { functionResource, siteResource, slotId } from './site-resource';

export const readSite = (_: Asked, { site, slot, hosts }: Place): Answer => ({ status: 200, body: siteResource(site, slot, hosts) });

const settingsResource = ({ site, slot }: Place, settings: Record<string, string>): Record<string, unknown> => ({
  id: `${slotId(site, slot)}/config/appsettings`,
  name: 'appsettings',
  type: slot.name === production ? 'Microsoft.Web/sites/config' : 'Microsoft.Web/sites/slots/config',
  location: site.location,
  tags: {},
  properties: settings,
});

export const listSettings = (_: Asked, place: Place): Answer => ({ status: 200, body: settingsResource(place, place.slot.settings) });

/** Replaces the whole list, as the real one does, and restarts the app and its SCM site. */
export async function writeSettings(asked: Asked, place: Place, parts: ArmParts): Promise<Answer> {
  const { slot } = place;
  if (slot.targetSwapSlot !== null) return webAnswer(webError.prepared());
  const given = (await jsonObject(asked))?.['properties'];
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    return webAnswer(webError.badRequest('The request body is invalid: properties is missing.'));
  const entries = Object.entries(given as Record<string, unknown>);
  const refused = place.site.kind.includes('linux') ? entries.find(([name]) => !/^[A-Za-z0-9_.]+$/.test(name)) : undefined;
  // Azure/Azure-Functions#1851: so answer Linux plans.
  if (refused) return webAnswer(webError.badRequest(`AppSetting with name '${refused[0]}' is not allowed.`));
  const wrong = entries.find(([, value]) => typeof value !== 'string');
  if (wrong) return webAnswer(webError.badRequest(`The value of app setting '${wrong[0]}' is not a string.`));
  const settings = Object.fromEntries(entries) as Record<string, string>;
  const nowMs = parts.schedule.now();
  parts.deployments.kill(slot.volume);
  const changed = parts.sites.change(slot, { settings, lastModifiedMs: nowMs, scmWakesAtMs: nowMs + parts.pace.scmWakesMs });
  parts.receipts.settings({ atMs: nowMs, site: slot.site, slot: slot.name, names: Object.keys(settings) });
  void parts.slots.restart(changed);
  return { status: 200, body: settingsResource(place, settings) };
}

const stickyResource = ({ site }: Place, names: unknown): Record<string, unknown> => ({
  id: null,
  name: site.name,
  type: 'Microsoft.Web/sites',
  location: site.location,
  tags: {},
  properties: names ?? { connectionStringNames: null, appSettingNames: null, azureStorageConfigNames: null },
});

export const readStickyNames = (_: Asked, place: Place): Answer => ({ status: 200, body: stickyResource(place, place.site.stickyNames) });

export async function writeStickyNames(asked: Asked, place: Place, parts: ArmParts): Promise<Answer> {
  const given = (await jsonObject(asked))?.['properties'];
  if (typeof given !== 'object' || given === null)
    return webAnswer(webError.badRequest('The request body is invalid: properties is missing.'));
  const lists = given as Record<string, unknown>;
  const names = (key: string): string[] =>
    Array.isArray(lists[key]) ? lists[key].filter((each): each is string => typeof each === 'string') : [];
  const stickyNames = {
    connectionStringNames: names('connectionStringNames'),
    appSettingNames: names('appSettingNames'),
    azureStorageConfigNames: names('azureStorageConfigNames'),
  };
  parts.sites.sites.put(place.site.name.toLowerCase(), { ...place.site, stickyNames });
  return { status: 200, body: stickyResource(place, stickyNames) };
}

/** Of site authentication only whether it is on. */
export const readSignIn = (_: Asked, { site, slot }: Place): Answer => ({
  status: 200,
  body: {
    id: `${slotId(site, slot)}/config/authsettingsV2`,
    name: 'authsettingsV2',
    type: slot.name === production ? 'Microsoft.Web/sites/config' : 'Microsoft.Web/sites/slots/config',
    location: site.location,
    properties: { platform: { enabled: slot.signIn ?? false, runtimeVersion: '~1' } },
  },
});

/** A site made without a word about it lets passwords in, as ARM does. */
export const readBasicAuth = (asked: Asked, { site, slot }: Place): Answer => ({
  status: 200,
  body: {
    id: `${slotId(site, slot)}/basicPublishingCredentialsPolicies/${asked.url.pathname.split('/').at(-1) ?? ''}`,
    name: asked.url.pathname.split('/').at(-1) ?? '',
    type: `${slot.name === production ? 'Microsoft.Web/sites' : 'Microsoft.Web/sites/slots'}/basicPublishingCredentialsPolicies`,
    location: site.location,
    properties: { allow: slot.basicAuth ?? true },
  },
});

export async function listKeys(_: Asked, { slot }: Place, parts: ArmParts): Promise<Answer> {
  const keys = await parts.slots.keys(slot);
  return keys ? { status: 200, body: keys } : webAnswer(webError.hostUnavailable());
}

export async function listFunctions(_: Asked, { site, slot, hosts }: Place, parts: ArmParts): Promise<Answer> {
  const functions = await parts.slots.functions(slot);
  if (!functions) return webAnswer(webError.hostUnavailable());
  return { status: 200, body: { value: functions.map((each) => functionResource(site, slot, each, hosts)), nextLink: null, id: null } };
}

/** Asks the host for its triggers: one that does not run can't say. */
export async function syncTriggers(_: Asked, { slot }: Place, parts: ArmParts): Promise<Answer> {
  const { kind } = parts.slots.serving(slot);
  const functions = kind === 'running' ? await parts.slots.functions(slot) : undefined;
  return functions || kind === 'empty' ? { status: 204 } : webAnswer(webError.hostUnavailable());
}

export function deploymentStatus(asked: Asked, { site, slot }: Place, parts: ArmParts): Answer {
  const id = asked.url.pathname.split('/').at(-1) ?? '';
  const deployment = parts.deployments.of(slot.volume).find((each) => each.id === id);
  if (!deployment)
    return webAnswer({ status: 404, code: 'NotFound', message: `Deployment status for '${id}' was not found.`, extendedCode: '51004' });
  const status = { [succeeded]: 'RuntimeSuccessful', [failed]: 'BuildFailed' }[deployment.status] ?? 'BuildInProgress';
  const path = `${slotId(site, slot)}/deploymentStatus/${id}`;
  const running = deployment.endMs === null;
  return {
    status: running ? 202 : 200,
    ...(running
      ? { headers: { location: parts.locations.sign(`${parts.armUrl()}${path}?${asked.url.searchParams.toString()}`), 'retry-after': '0' } }
      : {}),
    body: {
      id: path,
      name: id,
      type: 'Microsoft.Web/sites/deploymentStatus',
      location: site.location,
      tags: {},
      properties: {
        deploymentId: id,
        status,
        numberOfInstancesInProgress: 0,
        numberOfInstancesSuccessful: deployment.status === succeeded && slot.state === 'Running' ? 1 : 0,
        numberOfInstancesFailed: 0,
        failedInstancesLogs: null,
        errors: null,
      },
    },
  };
}

export function restart(_: Asked, { slot }: Place, parts: ArmParts): Answer {
  void parts.slots.restart(slot);
  return { status: 200 };
}

export function start(_: Asked, { slot }: Place, parts: ArmParts): Answer {
  void parts.slots.restart(parts.sites.change(slot, { state: 'Running' }));
  return { status: 200 };
}

export function stop(_: Asked, { slot }: Place, parts: ArmParts): Answer {
  void parts.slots.restart(parts.sites.change(slot, { state: 'Stopped' }));
  return { status: 200 };
}
