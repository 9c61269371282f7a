import type { Ports } from '../azure/ports';
import { changeRollout, placeOf, readRollout } from '../azure/rollout-rows';
import { judgePreflight, namesOf } from '../domain/preflight';
import type { Activity } from './activity';
import type { Catalogue } from './catalogue';
import { disablingSettings } from './switch-off-triggers';

type Check = Catalogue['checkTarget'];

/** The preflight: everything about the function app and its slot that would make a rollout fail or harm; what is only worth knowing goes into the row, for the ask. */
export function createCheckTarget(ports: Ports): Activity<Check['input'], Check['output']> {
  return async ({ rolloutId }) => {
    const before = await readRollout(ports, rolloutId);
    const { target } = placeOf(ports, before);
    const facts = await ports.appControl.readFacts(target);
    const settings = facts.slotExists ? [...before.release.settingNames, ...(await disablingSettings(ports, before, target))] : [];
    const { problems, warnings } = judgePreflight(facts, namesOf(target, settings));
    await changeRollout(ports, rolloutId, (row) => ({ ...row, preflight: { warnings, travelling: facts.travelling } }));
    return { problems };
  };
}
