import { isoNow } from '../azure/clock';
import { appendLedger } from '../azure/ledger';
import type { Ports } from '../azure/ports';
import { readRollout } from '../azure/rollout-rows';
import { changeRow } from '../azure/rows';
import { isAsker, type GateRow } from '../domain/gate';
import { gateKey } from '../domain/tables';
import type { Activity } from './activity';
import type { Catalogue } from './catalogue';

type Escalate = Catalogue['escalateGate'];

/** Asks the second list of a gate as well, once: from now on its people are approvers like the others. */
export function createEscalateGate(ports: Ports): Activity<Escalate['input'], Escalate['output']> {
  return async ({ rolloutId, gate }) => {
    const row = await readRollout(ports, rolloutId);
    const changed = await changeRow<GateRow>(ports.rows, rolloutId, gateKey(gate), (value) => {
      const { escalation, approvers } = value;
      if (!escalation || escalation.escalated) return undefined;
      const known = approvers.map(({ address }) => address.toLowerCase());
      const more = escalation.to.filter(
        (address) => !known.includes(address.toLowerCase()) && !(value.notRequester && isAsker(row, [address])),
      );
      const added = more.map((address) => ({ address, mailNumber: 1, wrongCodes: 0 }));
      return { value: { ...value, approvers: [...approvers, ...added], escalation: { ...escalation, escalated: true } } };
    });
    if (changed.kind !== 'missing')
      await appendLedger(ports, row, {
        id: `${rolloutId}:escalated-${gate}`,
        kind: 'escalated',
        at: isoNow(ports.clock),
        data: { rolloutId, gate, to: changed.value.escalation?.to ?? [] },
      });
    return {};
  };
}
