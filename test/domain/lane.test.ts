import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  blockLane,
  enterLane,
  freeLane,
  leaveLane,
  nextLaneLookSeconds,
  turnOf,
  unblock,
  viewLane,
  type LaneRow,
  type Waiting,
} from '../../src/domain/lane';
import { judgeStory } from '../../src/domain/judge-story';
import type { RolloutRow } from '../../src/domain/rollout';
import { iso, rollout } from '../mail/world';
import { someTime } from './generated';

const why = { by: 'watchdog', reason: 'It is missing.', at: '2026-11-23T10:00:00.000Z' };
const older = (a: Waiting, b: Waiting): boolean =>
  a.admittedAt === b.admittedAt ? a.rolloutId < b.rolloutId : a.admittedAt < b.admittedAt;

type Step =
  | { kind: 'enter'; who: number; onNewer: 'queue' | 'supersede' | 'refuse' }
  | { kind: 'leave' | 'block'; who: number }
  | { kind: 'unblock' };

const who = fc.nat({ max: 5 });
/** Whoever holds the lane by then: picked at random it would seldom be the holder. */
const holder = -1;
const anyoneOrHolder = fc.oneof(who, fc.constant(holder));
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('enter' as const), who, onNewer: fc.constantFrom('queue', 'supersede', 'refuse') }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('leave' as const), who: anyoneOrHolder }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('block' as const), who: anyoneOrHolder }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'unblock' as const }) },
);
const people = fc
  .array(someTime(3), { minLength: 6, maxLength: 6 })
  .map((all) => all.map((admittedAt, n): Waiting => ({ rolloutId: `r${n}`, admittedAt })));

function take(lane: LaneRow, step: Step, all: Waiting[]): LaneRow {
  if (step.kind === 'unblock') return unblock(lane);
  const me = personOf(all, step.who);
  if (step.kind === 'enter') return enterLane(lane, me, step.onNewer).lane;
  return step.kind === 'leave' ? leaveLane(lane, me.rolloutId) : blockLane(lane, me.rolloutId, why);
}

function personOf(all: Waiting[], n: number): Waiting {
  const found = all[n];
  if (!found) throw new Error(`nobody has number ${n}`);
  return found;
}

const holderOf = (lane: LaneRow, all: Waiting[]): number =>
  Math.max(
    0,
    all.findIndex(({ rolloutId }) => rolloutId === lane.holder),
  );

/** Every lane that some steps lead to, with the step taken from it. */
function walk(steps: Step[], all: Waiting[], look: (before: LaneRow, step: Step, after: LaneRow) => void): LaneRow {
  return steps.reduce((before, drawn) => {
    const step = 'who' in drawn && drawn.who === holder ? { ...drawn, who: holderOf(before, all) } : drawn;
    const after = take(before, step, all);
    look(before, step, after);
    return after;
  }, freeLane);
}

const anyWalk = (look: (before: LaneRow, step: Step, after: LaneRow, all: Waiting[]) => void): void =>
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), people, (steps, all) => {
      walk(steps, all, (before, step, after) => look(before, step, after, all));
    }),
    { numRuns: 300 },
  );

const waiting = (lane: LaneRow): string[] => lane.queue.map(({ rolloutId }) => rolloutId);

describe('the lane, whatever is done to it', () => {
  it('never has two holders of one epoch, nor a holder who also waits', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), people, (steps, all) => {
        const holders = new Map<number, string>();
        walk(steps, all, (_before, _step, after) => {
          expect(after.holder === null).toBe(after.state === 'free');
          if (after.state !== 'held' || after.holder === null) return;
          expect(holders.get(after.epoch) ?? after.holder).toBe(after.holder);
          holders.set(after.epoch, after.holder);
          expect(waiting(after)).not.toContain(after.holder);
        });
      }),
      { numRuns: 300 },
    );
  });

  it('has an epoch that never falls, and rises whenever it is taken, blocked or unblocked', () => {
    anyWalk((before, _step, after) => {
      expect(after.epoch).toBeGreaterThanOrEqual(before.epoch);
      const isTaken = after.state === 'held' && (before.state !== 'held' || before.holder !== after.holder);
      if (isTaken || (after.state === 'blocked') !== (before.state === 'blocked')) expect(after.epoch).toBeGreaterThan(before.epoch);
    });
  });

  it('stays blocked, for the same reason, until a person unblocks it', () => {
    anyWalk((before, step, after) => {
      if (before.state !== 'blocked' || step.kind === 'unblock') return;
      expect(after).toEqual({ ...before, queue: after.queue });
    });
  });

  it('changes hands only when its holder leaves', () => {
    anyWalk((before, step, after, all) => {
      if (before.state !== 'held') return;
      const isHolders = 'who' in step && personOf(all, step.who).rolloutId === before.holder;
      if (!isHolders || step.kind === 'enter') expect(after).toMatchObject({ state: 'held', holder: before.holder, epoch: before.epoch });
    });
  });

  it('loses nobody who waits but those who leave, are blocked, or take it', () => {
    anyWalk((before, step, after, all) => {
      const me = 'who' in step ? personOf(all, step.who).rolloutId : undefined;
      const isGone = step.kind === 'leave' || step.kind === 'block' || (after.state === 'held' && after.holder === me);
      for (const one of waiting(before)) expect(waiting(after).includes(one)).toBe(!(isGone && one === me));
      for (const one of waiting(after)) if (!waiting(before).includes(one)) expect(step.kind === 'enter' && one === me).toBe(true);
    });
  });

  it('keeps its queue in the order of admission, nobody twice', () => {
    anyWalk((_before, _step, { queue }) => {
      queue.slice(1).forEach((one, n) => expect(older(queue[n] as Waiting, one)).toBe(true));
    });
  });

  it('is taken only by one before whom nobody waits', () => {
    anyWalk((before, step, after, all) => {
      if (step.kind !== 'enter' || after.holder === before.holder) return;
      expect(before.queue.filter((one) => older(one, personOf(all, step.who)))).toEqual([]);
    });
  });

  it('answers the same, and changes no more, when the same one asks again', () => {
    anyWalk((before, step, after, all) => {
      if (step.kind !== 'enter') return;
      const me = personOf(all, step.who);
      const first = enterLane(before, me, step.onNewer);
      const again = enterLane(after, me, step.onNewer);
      expect(again.lane).toEqual(after);
      expect(again.answer).toEqual(first.answer);
    });
  });

  it('asks only older ones to give way, only where policy says so, and all of them', () => {
    anyWalk((before, step, _after, all) => {
      if (step.kind !== 'enter') return;
      const me = personOf(all, step.who);
      const { answer, superseded } = enterLane(before, me, step.onNewer);
      const holders = all.filter(({ rolloutId }) => before.state === 'held' && rolloutId === before.holder);
      const wanted = [...holders, ...before.queue].filter((one) => older(one, me)).map(({ rolloutId }) => rolloutId);
      expect(superseded).toEqual(step.onNewer === 'supersede' && answer.kind === 'waiting' ? wanted : []);
    });
  });

  it('turns away only newcomers, only where policy refuses, and is left as it was by them', () => {
    anyWalk((before, step, after, all) => {
      if (step.kind !== 'enter') return;
      const { answer } = enterLane(before, personOf(all, step.who), step.onNewer);
      if (answer.kind !== 'refused') return;
      expect(step.onNewer).toBe('refuse');
      expect(answer.holder).toBe(before.holder);
      expect(waiting(before)).not.toContain(personOf(all, step.who).rolloutId);
      expect(after).toBe(before);
    });
  });

  it('comes to everybody who waits, oldest first, once holders leave', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), people, (steps, all) => {
        let lane = unblock(walk(steps, all, () => undefined));
        if (lane.holder !== null) lane = leaveLane(lane, lane.holder);
        const wanted = waiting(lane);
        const served = wanted.map(() => {
          for (const one of [...lane.queue].reverse()) lane = enterLane(lane, one, 'queue').lane;
          const took = lane.holder ?? '';
          lane = leaveLane(lane, took);
          return took;
        });
        expect(served).toEqual(wanted);
        expect(lane).toMatchObject({ state: 'free', queue: [] });
      }),
    );
  });
});

describe('the lane', () => {
  const [ann, bob, cid] = ['10:00', '10:01', '10:02'].map((at, n) => ({ rolloutId: `r${n}`, admittedAt: `2026-11-23T${at}:00.000Z` })) as [
    Waiting,
    Waiting,
    Waiting,
  ];
  const held = enterLane(freeLane, ann, 'queue').lane;

  it('is taken when it is free', () => {
    expect(enterLane(freeLane, ann, 'refuse')).toEqual({
      lane: { v: 1, state: 'held', holder: 'r0', holderAdmittedAt: ann.admittedAt, epoch: 1, queue: [] },
      answer: { kind: 'holding', epoch: 1 },
      superseded: [],
    });
  });

  it('says whom one waits behind: the one next before, else the holder', () => {
    const one = enterLane(held, cid, 'queue');
    expect(one.answer).toEqual({ kind: 'waiting', behind: 'r0', blocked: false });
    expect(enterLane(enterLane(one.lane, bob, 'queue').lane, cid, 'queue').answer).toEqual({
      kind: 'waiting',
      behind: 'r1',
      blocked: false,
    });
  });

  it('keeps its place for one who waits before a newer one, when it comes free', () => {
    const free = leaveLane(enterLane(held, bob, 'queue').lane, 'r0');
    expect(enterLane(free, cid, 'refuse').answer).toEqual({ kind: 'waiting', behind: 'r1', blocked: false });
    expect(enterLane(free, bob, 'queue').answer).toEqual({ kind: 'holding', epoch: 2 });
  });

  it('does not let a late older one push its holder aside', () => {
    const newer = enterLane(freeLane, bob, 'supersede').lane;
    expect(enterLane(newer, ann, 'supersede').superseded).toEqual([]);
    expect(enterLane(newer, cid, 'supersede').superseded).toEqual(['r1']);
  });

  it('takes a holder whose admission a row does not tell for older', () => {
    const { holderAdmittedAt: _, ...untold } = held;
    expect(enterLane(untold, bob, 'supersede').superseded).toEqual(['r0']);
  });

  it('says so when it is blocked, and keeps who blocked it and why', () => {
    const blocked = blockLane(enterLane(held, bob, 'queue').lane, 'r0', why);
    expect(blocked).toEqual({ v: 1, state: 'blocked', holder: 'r0', epoch: 2, queue: [bob], blocked: why });
    expect(enterLane(blocked, cid, 'supersede')).toMatchObject({
      answer: { kind: 'waiting', behind: 'r1', blocked: true },
      superseded: ['r1'],
    });
    expect(unblock(blocked)).toEqual({ v: 1, state: 'free', holder: null, epoch: 3, queue: [bob] });
  });

  it('is not blocked by one who does not hold it, who loses the place in the queue', () => {
    expect(blockLane(enterLane(held, bob, 'queue').lane, 'r1', why)).toEqual(held);
    expect(unblock(held)).toBe(held);
    const blocked = blockLane(held, 'r0', why);
    expect(blockLane(blocked, 'r0', { ...why, reason: 'Another.' })).toEqual(blocked);
  });
});

describe('a lane that is taken', () => {
  const [first, second, third] = ['r1', 'r2', 'r3'].map((rolloutId, n): Waiting => ({
    rolloutId,
    admittedAt: `2026-11-23T10:0${n}:00.000Z`,
  }));
  const held = enterLane(freeLane, first!, 'queue').lane;

  it('turns newcomers away where policy says so, and says whether it is blocked; who waits already keeps the place', () => {
    expect(enterLane(held, second!, 'refuse')).toEqual({
      lane: held,
      answer: { kind: 'refused', holder: 'r1', blocked: false },
      superseded: [],
    });
    expect(enterLane(blockLane(held, 'r1', why), second!, 'refuse').answer).toEqual({ kind: 'refused', holder: 'r1', blocked: true });
    const waiting = enterLane(held, second!, 'queue').lane;
    expect(enterLane(waiting, second!, 'refuse').answer).toEqual({ kind: 'waiting', behind: 'r1', blocked: false });
    expect(enterLane(leaveLane(waiting, 'r1'), third!, 'refuse').answer).toMatchObject({ kind: 'waiting', behind: 'r2' });
  });

  it('is not asked to give way while it is blocked', () => {
    expect(enterLane(held, second!, 'supersede').superseded).toEqual(['r1']);
    const { superseded, answer } = enterLane(blockLane(held, 'r1', why), second!, 'supersede');
    expect([superseded, answer]).toEqual([[], { kind: 'waiting', behind: 'r1', blocked: true }]);
  });

  it('is shown with why it is blocked, where it is', () => {
    expect(viewLane('hello', 'production', held)).toStrictEqual({
      app: 'hello',
      environment: 'production',
      state: 'held',
      holder: 'r1',
      queue: [],
    });
    expect(viewLane('hello', 'production', blockLane(held, 'r1', why))).toMatchObject({ state: 'blocked', blocked: why });
  });
});

describe('a rollout that waits for its turn', () => {
  it('looks by itself every five minutes at first, and not more seldom than it has to show a sign of life', () => {
    const after = (seconds: number) => nextLaneLookSeconds(seconds, false);
    expect([0, 3000, 3001, 6000, 36_000, 2_592_000].map(after)).toEqual([300, 300, 301, 600, 3600, 3600]);
    expect(nextLaneLookSeconds(0, true)).toBe(3600);
    const silent: RolloutRow = { ...rollout, phase: 'queued', lastWriteAt: iso(0) };
    expect(judgeStory(silent, 'running', Date.parse(iso(3600 + 600)), 0).kind).toBe('leave');
  });

  it('looks less than 750 times in thirty days', () => {
    let looks = 0;
    for (let waited = 0; waited < 30 * 86_400; waited += nextLaneLookSeconds(waited, false)) looks += 1;
    expect(looks).toBeGreaterThan(740);
    expect(looks).toBeLessThan(750);
  });
});

describe('a rollout that waits for its turn', () => {
  const waiting = (rolloutId: string, second: number): Waiting => ({ rolloutId, admittedAt: iso(second) });
  const enter = (lane: LaneRow, me: Waiting): LaneRow => enterLane(lane, me, 'queue').lane;
  const held = ['a', 'b', 'c', 'd'].map((id, n) => waiting(id, n)).reduce(enter, freeLane);

  it('says behind whom, and how many come before it', () => {
    expect(turnOf(held, 'a')).toBeUndefined();
    expect(turnOf(freeLane, 'a')).toBeUndefined();
    expect(turnOf(held, 'b')).toEqual({ behind: ['a'], says: 'waits for its turn behind a' });
    expect(turnOf(held, 'c')).toEqual({ behind: ['a', 'b'], says: 'waits for its turn behind a and 1 more' });
    expect(turnOf(held, 'd')).toMatchObject({ behind: ['a', 'b', 'c'], says: 'waits for its turn behind a and 2 more' });
    // Whoever gave its turn up may have left nobody in it for a moment.
    expect(turnOf(leaveLane(held, 'a'), 'b')).toBeUndefined();
    expect(turnOf(leaveLane(held, 'a'), 'c')).toMatchObject({ behind: ['b'] });
  });

  it('says that a person has to unblock the lane', () => {
    expect(turnOf(blockLane(held, 'a', why), 'b')).toEqual({
      behind: ['a'],
      says: 'waits for somebody to unblock the lane, which a left blocked',
    });
  });
});
