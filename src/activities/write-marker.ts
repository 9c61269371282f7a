import type { Ports } from '../azure/ports';
import { assertHolding, placeOf, readRollout } from '../azure/rollout-rows';
import { markerOf, markerSetting, packageSetting, rolloutOfMarker } from '../domain/release';
import type { RolloutRow } from '../domain/rollout';
import { releaseSettingsKey, rolloutKey } from '../domain/tables';
import type { Activity } from './activity';
import type { Catalogue } from './catalogue';

type Write = Catalogue['writeMarker'];

/**
 * Takes back the settings that the rollout staged before brought, then writes this one's marker and settings, and by URL the address of its package, in
 * one replace of the list: each replace restarts the slot. Values come from a row of their own and go into the adapter, nowhere else.
 */
export function createWriteMarker(ports: Ports): Activity<Write['input'], Write['output']> {
  return async ({ rolloutId, epoch }) => {
    const row = await readRollout(ports, rolloutId);
    await assertHolding(ports, row, epoch, ['staging']);
    const { target } = placeOf(ports, row);
    const { staging } = await ports.appControl.readSlots(target);
    const own = (await ports.rows.read<{ values: Record<string, string> }>(rolloutId, releaseSettingsKey))?.value.values ?? {};
    const reset = (await settingNamesOf(ports, staging.marker)).filter((name) => !(name in own));
    return ports.appControl.writeSlotSettings(target, {
      reset,
      write: { ...own, ...addressOf(ports, row), [markerSetting]: markerOf(rolloutId, row.release.sha256) },
    });
  };
}

/** An address without any signature: the slot's managed identity reads it, at each start, for as long as it serves. */
function addressOf({ packages }: Ports, { plan, release }: RolloutRow): Record<string, string> {
  return plan?.kind === 'go' && plan.way === 'package-url' ? { [packageSetting]: packages.addressOf(release.sha256) } : {};
}

async function settingNamesOf(ports: Ports, marker: string | null): Promise<string[]> {
  const stagedBy = marker === null ? undefined : rolloutOfMarker(marker);
  const found = stagedBy === undefined ? undefined : await ports.rows.read<RolloutRow>(stagedBy, rolloutKey);
  return found?.value.release.settingNames ?? [];
}
