import { isoNow } from '../azure/clock';
import { appendLedger } from '../azure/ledger';
import type { Ports } from '../azure/ports';
import { changeRollout, placeOf } from '../azure/rollout-rows';
import type { Activity } from './activity';
import type { Catalogue } from './catalogue';

type Begin = Catalogue['beginRollout'];

/** Claims the rollout for one instance: an instance started twice tells one story, and an ended rollout is told by nobody. */
export function createBeginRollout(ports: Ports): Activity<Begin['input'], Begin['output']> {
  return async ({ rolloutId, starter }) => {
    const row = await changeRollout(ports, rolloutId, (row) => (row.starter === null && !row.ending ? { ...row, starter } : undefined));
    if (row.starter !== starter || row.ending) return { kind: 'elsewhere' };
    const { app, environment, kind, release, requester, reverts } = row;
    const data = {
      rolloutId,
      kind,
      version: release.version,
      sha256: release.sha256,
      requester: requester.name,
      ...(reverts ? { reverts } : {}),
    };
    await appendLedger(ports, { app, environment }, { id: `${rolloutId}:admitted`, kind: 'admitted', at: isoNow(ports.clock), data });
    return { kind: 'ours', version: release.version, slot: placeOf(ports, row).target.slot };
  };
}
