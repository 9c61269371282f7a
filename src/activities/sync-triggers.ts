import type { Ports } from '../azure/ports';
import { assertHolding, placeOf, readRollout } from '../azure/rollout-rows';
import type { Activity } from './activity';
import type { Catalogue } from './catalogue';

type Sync = Catalogue['syncTriggers'];

/**
 * Tells Azure to read staging's triggers anew: "when you deploy by referencing an external package URL … you must manually sync your triggers"
 * (learn.microsoft.com/azure/azure-functions/functions-deployment-technologies#trigger-syncing).
 */
export function createSyncTriggers(ports: Ports): Activity<Sync['input'], Sync['output']> {
  return async ({ rolloutId, epoch }) => {
    const row = await readRollout(ports, rolloutId);
    await assertHolding(ports, row, epoch, ['staging']);
    return ports.appControl.syncTriggers(placeOf(ports, row).target);
  };
}
