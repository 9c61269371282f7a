import { loadSettings } from '../../src/azure/settings-file';
import { serviceGatesOf } from '../../src/azure/service-access';
import type { ItsmAddresses } from '../azure';

/** What the app settings hold that gates of a slipway.yaml name for their logins: those of the local services. Nothing where the file has mistakes: Slipway tells them. */
export function loginsOf(settingsFile: string, itsm: ItsmAddresses): Record<string, string> {
  const loaded = loadSettings(settingsFile);
  if (loaded.kind === 'mistakes') return {};
  return Object.fromEntries(serviceGatesOf(loaded.settings).map(({ login, kind }) => [login, itsm[kind].login]));
}
