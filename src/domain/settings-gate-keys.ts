import { serviceName } from './service-gate';
import { gateKeys, gateKinds, type GateKind } from './settings-gates';
import { knownKeys } from './settings-schema';

/** Of a key that a gate does not have, and that belongs elsewhere; undefined where there is no such place. `written` are all keys of the gate. */
export function misplacedInGate(key: string, path: readonly PropertyKey[], kind: unknown, written: readonly string[]): string | undefined {
  if (path.at(-2) !== 'gates') return undefined;
  if ((kind === 'servicenow' || kind === 'jira') && gateKeys['signed-link'].includes(key))
    return `is not for Slipway to say: ${serviceName({ kind })} decides who approves; leave it out`;
  const meant = kindsMeant(key, written);
  if (meant.length > 0)
    return `belongs to a gate of kind ${meant.join(' or ')}; write ${meant.map((one) => `"kind: ${one}"`).join(' or ')}, or leave it out`;
  const ofPolicy = knownKeys(path.slice(0, 2));
  return ofPolicy.includes(key) ? 'stands beside gates, in the policy; write it there' : undefined;
}

/** The kinds that have the key; of several, those that have most of what else is written. */
function kindsMeant(key: string, written: readonly string[]): GateKind[] {
  const having = gateKinds.filter((kind) => gateKeys[kind].includes(key));
  const fits = (kind: GateKind): number => written.filter((one) => gateKeys[kind].includes(one)).length;
  const most = Math.max(...having.map(fits));
  return having.filter((kind) => fits(kind) === most);
}
