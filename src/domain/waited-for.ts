import type { RolloutRow } from './rollout';
import { standing, type RequestRecord } from './service-gate';

interface Gate {
  name: string;
  approvers: readonly string[];
}

/** Gates with those alone who are asked there and have no answer that counts; a gate that waits for nobody is left out. */
export function waitedFor<Asked extends Gate>(
  gates: readonly Asked[],
  ask: Pick<NonNullable<RolloutRow['ask']>, 'decisions' | 'requests'>,
): (Asked & { approvers: string[] })[] {
  const decisions = standing(ask);
  const answered = new Set(decisions.map(({ gate, approver }) => `${gate} ${approver.toLowerCase()}`));
  const answeredThere = new Set(decisions.flatMap(({ gate, service }) => (service === undefined ? [] : [gate])));
  return gates
    .filter(({ name }) => !answeredThere.has(name))
    .map((gate) => ({ ...gate, approvers: gate.approvers.filter((approver) => !answered.has(`${gate.name} ${approver.toLowerCase()}`)) }))
    .filter(({ approvers }) => approvers.length > 0);
}

/** What was last heard of a request: `CHG0030001 waits for approval`. */
export const sayRequest = ({ number, gate, says }: Pick<RequestRecord, 'number' | 'gate' | 'says'>): string =>
  `${number ?? `the request of gate ${gate}`} ${says}`;
