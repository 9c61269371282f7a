import { inWords, type BrokenRule } from './broken-rule';
import { addressOf, isServiceGate, type ServiceGatePolicy } from './service-gate';
import type { GatePolicy, Settings } from './settings';

interface Placed {
  path: (string | number)[];
  gate: ServiceGatePolicy;
}

/** What gates of services may say, and what is worth a second look. */
export function gateWarnings({ policies }: Pick<Settings, 'policies'>): BrokenRule[] {
  const placed = Object.entries(policies).flatMap(([name, { gates, revert, hotfix }]) => [
    ...servicesAt(['policies', name, 'gates'], gates),
    ...servicesAt(['policies', name, 'revert', 'gates'], revert.gates),
    ...servicesAt(['policies', name, 'hotfix', 'gates'], hotfix?.gates ?? []),
  ]);
  return [...sharedLogins(placed), ...placed.flatMap(oneEndForTwo)];
}

const servicesAt = (path: (string | number)[], gates: readonly GatePolicy[]): Placed[] =>
  gates.flatMap((gate, n) => (isServiceGate(gate) ? [{ path: [...path, n], gate }] : []));

const originOf = (gate: ServiceGatePolicy): string => new URL(addressOf(gate)).origin;

/** A service is shown the login of another. */
function sharedLogins(placed: readonly Placed[]): BrokenRule[] {
  return placed.flatMap(({ path, gate }, n) => {
    const other = placed.slice(0, n).find((one) => one.gate.login === gate.login && originOf(one.gate) !== originOf(gate));
    if (!other) return [];
    const message = `is the login of ${inWords(other.path)} too, which asks another address: each is shown the other's login; write another`;
    return [{ path: [...path, 'login'], message }];
  });
}

/** One that failed and one that was cancelled may end alike; one that went well must be told from both. */
function oneEndForTwo({ path, gate }: Placed): BrokenRule[] {
  if (gate.kind !== 'jira') return [];
  const { transitions } = gate;
  return (['unsuccessful', 'cancel'] as const).flatMap((end) =>
    transitions[end].toLowerCase() === transitions.successful.toLowerCase()
      ? [
          {
            path: [...path, 'transitions', end],
            message: 'is the transition of "successful" too: Jira would show one end for both; write another',
          },
        ]
      : [],
  );
}
