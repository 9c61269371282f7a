import type { MailBudget } from '../domain/mail-budget';
import type { Settings } from '../domain/settings';
import type { AppControl } from './app-control';
import type { Channels } from './channel-access';
import type { Clock } from './clock';
import type { MailSender } from './mail';
import type { Outgoing } from './outgoing';
import type { PackagePush } from './package-push';
import type { Packages } from './packages';
import type { Rows } from './rows';
import type { Services } from './service-access';
import type { SmsSender } from './sms';
import type { Telemetry } from './telemetry';

/** Keys by id, newest first: the first signs, all verify. */
export type Keys = readonly [{ id: string; key: Uint8Array }, ...{ id: string; key: Uint8Array }[]];

/** Everything activities and commands reach the world through; made once, in `compose.ts`, from validated settings. */
export interface Ports {
  settings: Settings;
  clock: Clock;
  rows: Rows;
  appControl: AppControl;
  packagePush: PackagePush;
  packages: Packages;
  outgoing: Outgoing;
  mail: MailSender;
  /** How many mails an hour has room for. */
  mailBudget: MailBudget;
  sms: SmsSender;
  /** The channels of slipway.yaml, with their secrets. */
  channels: Channels;
  /** Where traces and figures go besides the log. */
  telemetry?: Telemetry;
  /** What gates are answered in, with its secrets. */
  services: Services;
  linkKeys: Keys;
  ledgerKeys: Keys;
  /** Base of the links in mails, without a slash at its end. */
  publicUrl: string;
}
