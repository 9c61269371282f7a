import type { RequestRecord } from './service-gate';

interface Gate {
  name: string;
  approvers: readonly string[];
}

/** Gates with those alone who are asked there and have not answered; a gate that waits for nobody is left out. */
export function waitedFor<Asked extends Gate>(
  gates: readonly Asked[],
  decisions: readonly { gate: string; approver: string; service?: string }[],
): (Asked & { approvers: string[] })[] {
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
