import type { Person } from '../host';
import { readSettings } from '../../src/domain/read-settings';

/** They look after the laptop's rollouts as well as answering for them; in Azure a registration gives each what they need. */
const roles = ['Slipway.Read', 'Slipway.Start', 'Slipway.Operate'];

/** Who can sign in on the laptop: everybody whom a gate of this slipway.yaml asks by mail. What is wrong with the file, Slipway itself says. */
export function peopleOf(text: string): Person[] {
  const read = readSettings(text);
  if (read.kind === 'mistakes') return [];
  const gates = Object.values(read.settings.policies).flatMap(({ gates: usual, revert, hotfix }) => [
    ...usual,
    ...revert.gates,
    ...(hotfix?.gates ?? []),
  ]);
  const asked = gates.flatMap((gate) => ('approvers' in gate ? [...gate.approvers, ...(gate.escalate?.to ?? [])] : []));
  return [...new Set(asked.map((address) => address.toLowerCase()))].map((address) => ({ address, roles }));
}
