import type { Ports } from '../azure/ports';
import { placeOf } from '../azure/rollout-rows';
import type { Activity } from './activity';
import type { Catalogue } from './catalogue';
import { openRound } from './open-round';

type Look = Catalogue['lookAtSlots'];

/** Reads both slots; null where Azure could not be read, which is *could not tell* and nothing else. */
export function createLookAtSlots(ports: Ports): Activity<Look['input'], Look['output']> {
  return async ({ rolloutId, round }) => {
    const row = await openRound(ports, rolloutId, round);
    const slots = await ports.appControl.readSlots(placeOf(ports, row).target).catch(() => null);
    return { intent: row.intent ?? null, slots };
  };
}
