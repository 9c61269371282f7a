import { probe } from '../azure/probe';
import { placeOf } from '../azure/rollout-rows';
import { versionSaid } from '../domain/judge-probe';
import type { RolloutRow } from '../domain/rollout';
import type { CheckPorts } from './run-check';

const withinMs = 5_000;

/**
 * The version that production itself says it is, where one of today's checks compares versions: all that is to be known of a release without
 * marker. It is what the release says and no proof. Undefined where no check asks, or nothing that looks like a version came back.
 */
export async function askVersion(ports: CheckPorts, row: RolloutRow, hostName: string): Promise<string | undefined> {
  const { policy } = placeOf(ports, row);
  for (const check of policy.checks) {
    // A function key is for checks: this is only for people to read.
    if (check.method !== 'GET' || check.functionKey) continue;
    const said = versionSaid(check, await probe(ports.outgoing, ports.appControl.slotUrl(hostName) + check.path, check, withinMs));
    if (said !== undefined) return said;
  }
  return undefined;
}
