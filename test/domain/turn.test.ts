import { expect, it, test } from '@jest/globals';
import fc from 'fast-check';
import { blockLane, enterLane, freeLane, leaveLane, type LaneRow } from '../../src/domain/lane';
import { findTurn, foreseeTurn } from '../../src/domain/turn';
import { iso } from '../mail/world';

const place = { app: 'hello', environment: 'production' };
const enter = (lane: LaneRow, id: string, at: number): LaneRow => enterLane(lane, { rolloutId: id, admittedAt: iso(at) }, 'queue').lane;
const heldBy = (...ids: string[]): LaneRow => ids.reduce(enter, freeLane);
const said = (lane: LaneRow, onNewer: 'queue' | 'supersede' | 'refuse' = 'queue'): string => {
  const turn = foreseeTurn(place, lane, { onNewer });
  return turn.kind === 'now' ? 'now' : turn.kind === 'waits' ? turn.sentence : `${turn.problem.sentence} ${turn.problem.next}`;
};

test('a free lane is not spoken of', () => {
  expect(foreseeTurn(place, freeLane, { onNewer: 'refuse' })).toEqual({ kind: 'now' });
  expect(findTurn({ kind: 'now' })).toEqual([]);
});

it.each([
  ['queue', ['a'], 'a is on its way there: a rollout that is asked for now waits its turn behind it.'],
  ['queue', ['a', 'b'], 'a is on its way there, and 1 more waits behind it: a rollout that is asked for now waits its turn behind them.'],
  [
    'queue',
    ['a', 'b', 'c'],
    'a is on its way there, and 2 more wait behind it: a rollout that is asked for now waits its turn behind them.',
  ],
  [
    'supersede',
    ['a'],
    'a is on its way there: a rollout that is asked for now takes the place of one that has not begun to swap, and waits for a swap or a revert to end.',
  ],
  ['refuse', ['a', 'b'], 'Policy refuses a second rollout here while a is under way. Wait until it has ended: slipway status a --watch'],
] as const)('by %s, %j there: %s', (onNewer, ids, sentence) => {
  expect(said(heldBy(...ids), onNewer)).toBe(sentence);
});

test('whoever waits comes first also where the lane was given up just now, and nobody is turned away', () => {
  const given = leaveLane(heldBy('a', 'b'), 'a');
  for (const onNewer of ['queue', 'refuse'] as const) expect(said(given, onNewer)).toContain('b is on its way there: ');
});

test('a blocked lane is told with its reason, who waits for it, and how it is unblocked, whatever policy says', () => {
  const blocked = blockLane(heldBy('a'), 'a', { by: 'a', reason: 'Nobody can say what production serves', at: iso(9) });
  const how = 'Look at both slots in Azure, then unblock it with a reason: slipway unblock hello production --reason "…"';
  for (const onNewer of ['queue', 'supersede', 'refuse'] as const)
    expect(said(blocked, onNewer)).toBe(
      `The lane of hello to production is blocked since a ended: Nobody can say what production serves. ${how}`,
    );
  expect(said(enter(blocked, 'b', 10))).toContain('serves. 1 rollout waits for it. Look');
  expect(said(enter(enter(blocked, 'b', 10), 'c', 11))).toContain('2 rollouts wait for it.');
  const { blocked: _why, ...untold } = blocked;
  expect(said(untold)).toContain('no reason is known.');
});

test('the doctor says what stops a rollout, and what only delays one', () => {
  const found = (lane: LaneRow, onNewer: 'queue' | 'refuse') => findTurn(foreseeTurn(place, lane, { onNewer }));
  const next = 'See how it stands: slipway status a --watch';
  const why = 'Only one rollout at a time may touch the slots.';
  expect(found(heldBy('a', 'b'), 'queue')).toEqual([{ code: 'lane-held', weight: 'warns', sentence: said(heldBy('a', 'b')), why, next }]);
  const busy = { weight: 'warns', why: 'Until then no other rollout begins there.' };
  expect(found(heldBy('a'), 'refuse')).toEqual([expect.objectContaining({ code: 'lane-taken', ...busy })]);
  const blocked = blockLane(heldBy('a'), 'a', { by: 'a', reason: 'Nobody can say', at: iso(9) });
  expect(found(blocked, 'queue')).toEqual([
    expect.objectContaining({ code: 'lane-blocked', weight: 'stops', why: 'Until it is unblocked no other rollout begins there.' }),
  ]);
});

test('it says of any lane what the lane does with a rollout that comes now', () => {
  const lanes = fc
    .array(fc.record({ who: fc.constantFrom('a', 'b', 'c', 'd'), leaves: fc.boolean() }), { maxLength: 12 })
    .map((steps) => steps.reduce((lane, { who, leaves }, at) => (leaves ? leaveLane(lane, who) : enter(lane, who, at)), freeLane));
  fc.assert(
    fc.property(lanes, fc.constantFrom('queue', 'supersede', 'refuse'), (lane, onNewer) => {
      const turn = foreseeTurn(place, lane, { onNewer });
      const { answer } = enterLane(lane, { rolloutId: 'z', admittedAt: iso(1000) }, onNewer);
      expect(turn.kind).toBe({ holding: 'now', waiting: 'waits', refused: 'refused' }[answer.kind]);
      if (turn.kind === 'waits' && answer.kind === 'waiting') expect(turn.behind.at(-1)).toBe(answer.behind);
    }),
  );
});
