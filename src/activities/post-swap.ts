import { isoNow } from '../azure/clock';
import { appendLedger } from '../azure/ledger';
import type { Ports } from '../azure/ports';
import { assertHolding, placeOf, readRollout } from '../azure/rollout-rows';
import { mayPostSwap } from '../domain/judge-swap';
import { swapKey } from '../domain/tables';
import type { Activity } from './activity';
import type { Catalogue } from './catalogue';

type Post = Catalogue['postSwap'];

/**
 * Posts swap attempt n, once: its row is inserted first, and whoever finds the row only observes. Both slots are read again directly before:
 * hours may lie between the basis and this, if Slipway was down. Where they are not provably as they were, nothing is posted.
 */
export function createPostSwap(ports: Ports): Activity<Post['input'], Post['output']> {
  return async ({ rolloutId, epoch, attempt, basis }) => {
    const row = await readRollout(ports, rolloutId);
    await assertHolding(ports, row, epoch, ['swapping', 'watching', 'undoing']);
    if (await ports.rows.read(rolloutId, swapKey(attempt))) return { kind: 'unknown', code: 'posted-before' };
    const { target } = placeOf(ports, row);
    const now = await ports.appControl.readSlots(target).catch(() => undefined);
    const may = now ? mayPostSwap(basis, now, target.slot) : 'unreadable';
    if (may !== 'yes') return { kind: 'not-posted', why: may };
    const at = isoNow(ports.clock);
    const first = await ports.rows.write([
      { kind: 'insert', partition: rolloutId, row: swapKey(attempt), value: { v: 1, attempt, at, basis } },
    ]);
    if (first.kind === 'conflict') return { kind: 'unknown', code: 'posted-before' };
    const { app, environment } = row;
    await appendLedger(
      ports,
      { app, environment },
      { id: `${rolloutId}:swap-${attempt}`, kind: 'swap-posted', at, data: { rolloutId, attempt } },
    );
    return ports.appControl.postSwap(target);
  };
}
