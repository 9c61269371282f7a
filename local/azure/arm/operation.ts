import type { FaultBoard } from '../faults';
import type { Pace } from '../pace';
import type { ReceiptBook } from '../receipts';
import type { Schedule } from '../schedule';
import type { Deployments } from '../scm/deployments';
import type { Answer, Asked } from '../servers';
import type { Site, Sites, Slot } from '../sites';
import type { Slots } from '../slots/slots';
import type { Access } from './access';
import type { Locations } from './locations';
import * as config from './config';
import type { SiteSurroundings } from './site-resource';
import type { SwapParts, Swaps } from './swap';
import * as swapping from './swapping';

export interface ArmParts {
  sites: Sites;
  slots: Slots;
  swaps: Swaps;
  swapParts: SwapParts;
  deployments: Deployments;
  faults: FaultBoard;
  schedule: Schedule;
  pace: Pace;
  receipts: ReceiptBook;
  locations: Locations;
  access: Access;
  armUrl(): string;
  hosts(site: string, slot: string): SiteSurroundings;
}

/** What an operation is about. */
export interface Place {
  site: Site;
  slot: Slot;
  hosts: SiteSurroundings;
}

export interface Operation {
  method: string;
  path: RegExp;
  /** Refused with 409 while a swap of the site runs. */
  changesSite: boolean;
  only?: 'production';
  run(asked: Asked, place: Place, parts: ArmParts): Promise<Answer> | Answer;
}

const operations: Operation[] = [
  { method: 'GET', path: /^$/, changesSite: false, run: config.readSite },
  { method: 'POST', path: /^config\/appsettings\/list$/i, changesSite: false, run: config.listSettings },
  { method: 'PUT', path: /^config\/appsettings$/i, changesSite: true, run: config.writeSettings },
  { method: 'GET', path: /^config\/slotConfigNames$/i, changesSite: false, only: 'production', run: config.readStickyNames },
  { method: 'PUT', path: /^config\/slotConfigNames$/i, changesSite: true, only: 'production', run: config.writeStickyNames },
  { method: 'GET', path: /^config\/authsettingsV2$/i, changesSite: false, run: config.readSignIn },
  { method: 'GET', path: /^basicPublishingCredentialsPolicies\/(?:scm|ftp)$/i, changesSite: false, run: config.readBasicAuth },
  { method: 'POST', path: /^host\/default\/listkeys$/i, changesSite: false, run: config.listKeys },
  { method: 'GET', path: /^functions$/i, changesSite: false, run: config.listFunctions },
  { method: 'GET', path: /^deploymentStatus\/[^/]+$/i, changesSite: false, run: config.deploymentStatus },
  { method: 'POST', path: /^(host\/default\/sync|syncfunctiontriggers)$/i, changesSite: false, run: config.syncTriggers },
  { method: 'POST', path: /^restart$/i, changesSite: true, run: config.restart },
  { method: 'POST', path: /^start$/i, changesSite: true, run: config.start },
  { method: 'POST', path: /^stop$/i, changesSite: true, run: config.stop },
  { method: 'POST', path: /^slotsdiffs$/i, changesSite: false, run: swapping.listDifferences },
  { method: 'POST', path: /^slotsswap$/i, changesSite: false, run: swapping.swap },
  { method: 'GET', path: /^operationresults\/[^/]+$/i, changesSite: false, run: swapping.operationResult },
  { method: 'POST', path: /^applySlotConfig$/i, changesSite: true, run: swapping.preview },
  { method: 'POST', path: /^resetSlotConfig$/i, changesSite: true, run: swapping.endPreview },
];

export const findOperation = (method: string, path: string, isProduction: boolean): Operation | undefined =>
  operations.find((each) => each.method === method && each.path.test(path) && (each.only === undefined || isProduction));
