import { randomBytes } from 'node:crypto';
import type { LocalAzure } from '../local/azure';
import { slipwaySettings } from '../local/start/environment';
import { loginsOf } from '../local/start/logins';

const key = (id: string): string => `${id}:${randomBytes(32).toString('base64url')}`;
export const newKeys = () => ({ linkKeys: key('link'), ledgerKeys: key('ledger') });

/** App settings of Slipway's own app as tests run it: those of the laptop, but for its task hub and who sends its mails. */
export const ownAppSettings = (from: {
  storage: string;
  azure: LocalAzure;
  port: number;
  config: string;
  taskHub: string;
  keys?: ReturnType<typeof newKeys>;
}): Record<string, string> => ({
  ...slipwaySettings({
    storage: from.storage,
    azure: from.azure,
    keys: from.keys ?? newKeys(),
    publicUrl: `http://127.0.0.1:${from.port}`,
    settingsFile: from.config,
    operator: 'olga',
    logins: loginsOf(from.config, from.azure.itsm),
  }),
  TASK_HUB_NAME: from.taskHub,
  SLIPWAY_MAIL_SENDER: 'slipway@example.com',
});
