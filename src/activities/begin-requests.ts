import type { Ports } from '../azure/ports';
import { isAnsweredThere, type GateRow } from '../domain/gate';
import { gateKey } from '../domain/tables';
import { serviceOf } from '../gates/service';
import type { Activity } from './activity';
import type { Catalogue } from './catalogue';

type Begin = Catalogue['beginRequests'];

/** Says in each service that was asked that its request begins to be carried out. It holds up nothing: what is not written down now is at the end. */
export function createBeginRequests(ports: Ports): Activity<Begin['input'], Begin['output']> {
  return async ({ rolloutId }) => {
    const gates = (await ports.rows.list<GateRow>(rolloutId, gateKey(''))).map(({ value }) => value);
    await Promise.all(
      gates.map(async (gate) => {
        if (isAnsweredThere(gate) && gate.request.id !== undefined) await serviceOf(ports, gate.policy)?.begin(gate.request.id);
      }),
    );
    return {};
  };
}
