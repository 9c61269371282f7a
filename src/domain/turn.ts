import { laneTaken } from './endings';
import { enterLane, type LaneRow } from './lane';
import type { Problem } from './problem';
import { asSentence } from './say';
import type { Policy } from './settings';
import type { Finding } from './traps';

/** What a rollout that is asked for now finds at its lane, as the lane itself would answer it. */
export type Turn =
  | { kind: 'now' }
  /** `behind`: whoever has the lane, then those that wait for it, oldest first. */
  | { kind: 'waits'; behind: string[]; sentence: string }
  /** No rollout comes of it while somebody has the lane: policy lets nobody wait. */
  | { kind: 'refused'; problem: Problem }
  /** No rollout comes of it before a person has looked. */
  | { kind: 'blocked'; problem: Problem };

/** Newer than any that is there: instants begin with a digit. */
const newest = { rolloutId: '', admittedAt: '~' };

export function foreseeTurn(place: { app: string; environment: string }, lane: LaneRow, { onNewer }: Pick<Policy, 'onNewer'>): Turn {
  if (lane.state === 'blocked') return { kind: 'blocked', problem: blockedHere(place, lane) };
  const { answer } = enterLane(lane, newest, onNewer);
  if (answer.kind === 'holding') return { kind: 'now' };
  if (answer.kind === 'refused') return { kind: 'refused', problem: takenHere(answer.holder) };
  const behind = [lane.holder, ...lane.queue.map(({ rolloutId }) => rolloutId)].filter((id) => id !== null);
  const more = behind.length - 1;
  const there = `${behind[0]} is on its way there${more === 0 ? '' : `, and ${sayWaiting(more)} behind it`}`;
  const then =
    onNewer === 'supersede'
      ? 'takes the place of one that has not begun to swap, and waits for a swap or a revert to end'
      : `waits its turn behind ${more === 0 ? 'it' : 'them'}`;
  return { kind: 'waits', behind, sentence: `${there}: a rollout that is asked for now ${then}.` };
}

const sayWaiting = (count: number): string => (count === 1 ? '1 more waits' : `${count} more wait`);

/** Nothing has been started that could be started again. */
const takenHere = (holder: string): Problem => ({
  ...laneTaken(holder),
  next: `Wait until it has ended: slipway status ${holder} --watch`,
});

function blockedHere({ app, environment }: { app: string; environment: string }, { holder, blocked, queue }: LaneRow): Problem {
  const wait = queue.length === 0 ? '' : ` ${queue.length === 1 ? '1 rollout waits' : `${queue.length} rollouts wait`} for it.`;
  return {
    code: 'lane-blocked',
    sentence: `The lane of ${app} to ${environment} is blocked since ${holder} ended: ${asSentence(blocked?.reason || 'no reason is known')}${wait}`,
    next: `Look at both slots in Azure, then unblock it with a reason: slipway unblock ${app} ${environment} --reason "…"`,
  };
}

/** The same as the doctor says it. */
export function findTurn(turn: Turn): Finding[] {
  switch (turn.kind) {
    case 'now':
      return [];
    case 'waits':
      return [
        {
          ...{ code: 'lane-held', weight: 'warns', sentence: turn.sentence },
          why: 'Only one rollout at a time may touch the slots.',
          next: `See how it stands: slipway status ${turn.behind[0]} --watch`,
        },
      ];
    case 'refused':
      // A busy place is no fault.
      return [{ ...turn.problem, weight: 'warns', why: 'Until then no other rollout begins there.' }];
    case 'blocked':
      return [{ ...turn.problem, weight: 'stops', why: 'Until it is unblocked no other rollout begins there.' }];
  }
}
