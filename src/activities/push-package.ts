import { isoNow } from '../azure/clock';
import type { Ports } from '../azure/ports';
import { assertHolding, placeOf, readRollout } from '../azure/rollout-rows';
import { pushMessage } from '../domain/live';
import { pushKey } from '../domain/tables';
import type { Activity } from './activity';
import type { Catalogue } from './catalogue';

type Push = Catalogue['pushPackage'];

/** Pushes the kept package to staging as push n. Its row comes first: whoever finds the row only looks for the deployment by its message. */
export function createPushPackage(ports: Ports): Activity<Push['input'], Push['output']> {
  return async ({ rolloutId, epoch, push }) => {
    const row = await readRollout(ports, rolloutId);
    await assertHolding(ports, row, epoch, ['staging']);
    const { target } = placeOf(ports, row);
    if (await ports.rows.read(rolloutId, pushKey(push))) return { kind: 'unknown', code: 'pushed-before' };
    // A settings change restarts the SCM site, which kills what it builds: push only once it answers.
    if (!(await ports.packagePush.isReady(target))) return { kind: 'busy', code: 'scm-not-ready' };
    const zip = await ports.packages.read(row.release.sha256);
    if (!zip) throw new Error(`The kept package of rollout ${rolloutId} is gone from Slipway's own blobs.`);
    const first = await ports.rows.write([
      { kind: 'insert', partition: rolloutId, row: pushKey(push), value: { v: 1, push, at: isoNow(ports.clock) } },
    ]);
    if (first.kind === 'conflict') return { kind: 'unknown', code: 'pushed-before' };
    return ports.packagePush.push(target, zip, pushMessage(rolloutId, push));
  };
}
