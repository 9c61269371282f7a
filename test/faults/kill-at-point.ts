/*
 * Loaded before local/host/main.js by the harness alone (node --require): this process kills itself at the place that SLIPWAY_FAULTS names, as nothing
 * but a signal can, and tells its parent of every effect before it happens.
 */
import { knowPlaces } from './install';
import { pointsOf, wardenOfThisProcess, type Effect } from './effects';
import type { Service } from './name-call';
import type { Side } from './life';

export interface KillPlan {
  places: [number, Service][];
  /** Killed at the first of these, once so many effects went by. */
  targets: { point: string; side: Side }[];
  gap: number;
}

export type FromKilled =
  { kind: 'hit'; effect: Effect } | { kind: 'killed'; point: string; side: Side } | { kind: 'strange'; what: string };

const plan = JSON.parse(process.env['SLIPWAY_FAULTS'] ?? '') as KillPlan;
delete process.env['SLIPWAY_FAULTS'];
const tell = (message: FromKilled): void => void process.send?.(message);
let count = 0;

const come = (effect: Effect, side: Side): boolean => {
  if (side === 'before') tell({ kind: 'hit', effect });
  count += 1;
  const target = plan.targets.find((one) => pointsOf(effect).includes(one.point) && one.side === side);
  if (count <= plan.gap || !target) return true;
  tell({ kind: 'killed', ...target });
  process.kill(process.pid, 'SIGKILL');
  return false;
};

const isTake = ({ point }: Effect): boolean => point.endsWith(': queue take');

knowPlaces(new Map(plan.places));
wardenOfThisProcess({
  beforeCommit: (effect) => come(effect, 'before'),
  afterCommit: (effect) => come(effect, 'after'),
  beforeCall: (effect) => isTake(effect) || come(effect, 'before'),
  arrives: () => true,
  begins: () => () => undefined,
  afterCall(effect, { isEmpty }) {
    if (isTake(effect) && !isEmpty) tell({ kind: 'hit', effect });
    return isEmpty || come(effect, 'after');
  },
  failed: () => undefined,
  callOver: () => undefined,
  isDead: () => false,
  strange: (what) => tell({ kind: 'strange', what }),
});
