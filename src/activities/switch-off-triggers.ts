import type { Ports } from '../azure/ports';
import { assertHolding, placeOf, readRollout } from '../azure/rollout-rows';
import { disablingSetting } from '../domain/release';
import type { RolloutRow } from '../domain/rollout';
import type { Target } from '../domain/settings';
import type { Activity } from './activity';
import type { Catalogue } from './catalogue';

type SwitchOff = Catalogue['switchOffTriggers'];

/**
 * Switches off, in staging and before the push, every function of the release that no HTTP request triggers: a new queue function would
 * eat production's messages. So are those that production runs now: after the swap they run in staging. The settings are sticky, or they would travel with the swap and switch production off.
 */
export function createSwitchOffTriggers(ports: Ports): Activity<SwitchOff['input'], SwitchOff['output']> {
  return async ({ rolloutId, epoch }) => {
    const row = await readRollout(ports, rolloutId);
    await assertHolding(ports, row, epoch, ['staging']);
    const { target } = placeOf(ports, row);
    const names = await disablingSettings(ports, row, target);
    if (names.length > 0) await ports.appControl.writeStickySettings(target, Object.fromEntries(names.map((name) => [name, 'true'])));
    return { names };
  };
}

/** Names of the settings that switch off what must not run in staging. */
export async function disablingSettings(ports: Pick<Ports, 'appControl'>, { release }: RolloutRow, target: Target): Promise<string[]> {
  const old = await ports.appControl.listFunctions(target, 'production');
  const running = [...release.functions, ...old].filter((one) => one.trigger !== 'http').map(({ name }) => name);
  return [...new Set(running)].map(disablingSetting);
}
