import type { Ports } from '../azure/ports';
import { changeRollout, placeOf, readRollout } from '../azure/rollout-rows';
import { judgePreflight } from '../domain/preflight';
import type { Activity } from './activity';
import type { Catalogue } from './catalogue';

type Check = Catalogue['checkTarget'];

/** The preflight: everything about the function app and its slot that would make a rollout fail or harm; what is only worth knowing goes into the row, for the ask. */
export function createCheckTarget(ports: Ports): Activity<Check['input'], Check['output']> {
  return async ({ rolloutId }) => {
    const { target } = placeOf(ports, await readRollout(ports, rolloutId));
    const facts = await ports.appControl.readFacts(target);
    const { problems, warnings } = judgePreflight(facts, { app: target.functionApp, slot: target.slot });
    await changeRollout(ports, rolloutId, (row) => ({ ...row, preflight: { warnings, travelling: facts.travelling } }));
    return { problems };
  };
}
