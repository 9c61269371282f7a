import type { AppControl } from '../../src/azure/app-control';
import type { Ports } from '../../src/azure/ports';
import type { TargetFacts } from '../../src/domain/preflight';
import { settingsSchema } from '../../src/domain/settings';
import { fitTarget } from '../target-facts';

const slot = { marker: null, content: { kind: 'empty' }, swapStatus: null, operationInProgress: false, running: true, hostName: 'h' };

/** Lets Azure say this of the one target there is, and policy demand that. */
export function standOn(ports: Ports, facts: Partial<TargetFacts>, policy: object = {}): void {
  ports.settings = settingsSchema.parse({ ...ports.settings, policies: { careful: policy } });
  ports.appControl = {
    readSlots: () => Promise.resolve({ production: slot, staging: slot }),
    readFacts: () => Promise.resolve({ ...fitTarget, ...facts }),
    readHosting: () => Promise.resolve({ ...fitTarget, ...facts }),
    functionKey: () => Promise.resolve('key'),
    clockAheadMs: () => Promise.resolve(0),
    listSlots: () => Promise.resolve(['staging', 'blue']),
  } as unknown as AppControl;
  ports.packages = { has: () => Promise.resolve(false) } as unknown as Ports['packages'];
  ports.packagePush = { refusalOf: () => Promise.resolve(undefined) } as unknown as Ports['packagePush'];
}
