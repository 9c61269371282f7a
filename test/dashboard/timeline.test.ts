import { describe, expect, test } from '@jest/globals';
import { viewRollout } from '../../src/domain/rollout-view';
import type { RolloutRow } from '../../src/domain/rollout';
import type { RolloutTraces } from '../../src/domain/traces';
import { sentenceOf, timelineOf, whoIsAsked } from '../../src/dashboard/timeline';
import { ann, ben, iso, opened, rollout } from '../mail/world';

const nothing: RolloutTraces = { notices: [], pushes: [], swaps: [] };
const view = (changes: Partial<RolloutRow> = {}) => viewRollout({ ...rollout, ...changes });
const laneOf = (of: ReturnType<typeof timelineOf>, key: string) => of.lanes.find((lane) => lane.key === key);
const nowMs = opened + 60_000;

describe('the timeline', () => {
  test('has a lane for each phase, also for those to come', () => {
    const timeline = timelineOf(view(), nothing, nowMs);
    expect(timeline.lanes.map(({ name, state }) => `${name} ${state}`)).toEqual([
      'announce to-come',
      'stage done',
      'prove to-come',
      'ask waiting',
      'swap to-come',
      'watch to-come',
      'tell to-come',
    ]);
    expect(laneOf(timeline, 'asking')).toMatchObject({
      bars: [{ fromMs: opened, toMs: nowMs, isOpen: true }],
      text: `${ann}, ${ben} has not answered`,
    });
    expect(laneOf(timeline, 'staging')).toMatchObject({ tookMs: 3000, text: 'hello-2.0.0.zip, 41 kB' });
  });

  test('shows what was decided, who was reminded and who was told', () => {
    const decisions = [{ gate: 'release', approver: ann, answer: 'no' as const, at: iso(50), comment: 'too thin' }];
    const notice = (id: string, moment: 'reminder' | 'start', state: 'sent' | 'to-send' | 'given-up') => ({
      ...{ id, moment, channel: 'mail', recipient: ben, state, attempts: 2, at: iso(30) },
    });
    const traces = {
      ...nothing,
      notices: [notice('a', 'reminder', 'sent'), notice('b', 'start', 'to-send'), notice('c', 'start', 'given-up')],
    };
    const timeline = timelineOf(view({ ask: { ...rollout.ask!, state: 'rejected', decisions } }), traces, nowMs);
    expect(laneOf(timeline, 'asking')?.marks.map(({ words }) => words)).toEqual([
      'asked',
      `${ben} was reminded`,
      `${ann} said no at gate release: “too thin”`,
    ]);
    expect(laneOf(timeline, 'notices')).toMatchObject({ state: 'failed', text: '1 of 3 taken by their channel, 1 given up' });
    expect(laneOf(timeline, 'notices')?.marks.map(({ words }) => words)).toEqual([
      `reminder: mail to ${ben}, taken`,
      `start: mail to ${ben}, on its way`,
      `start: mail to ${ben}, given up after 2 tries`,
    ]);
  });

  test('of what was taken back ends with the undo before the telling, and has nothing to come', () => {
    const phases = (['staging', 'watching', 'undoing', 'telling', 'done'] as const).map((phase, n) => ({
      phase,
      startedAt: iso(n),
      endedAt: iso(n + 1),
    }));
    const ending = { outcome: 'rolled-back' as const, at: iso(4), reason: 'It answered 500.', next: '', serves: '' };
    const timeline = timelineOf(view({ phase: 'done', phases, ending }), nothing, nowMs);
    expect(timeline.lanes.map(({ name, state }) => `${name} ${state}`)).toEqual(['stage done', 'watch failed', 'undo undone', 'tell done']);
    expect(Math.max(...timeline.instants)).toBe(opened + 4000);
  });

  test('draws each try of a check as high as it took long', () => {
    const tries = [
      { at: iso(1), verdict: 'unhealthy' as const, latencyMs: 800, seen: 'status 503' },
      { at: iso(2), verdict: 'inconclusive' as const, seen: 'no answer' },
      { at: iso(3), verdict: 'healthy' as const, latencyMs: 200, seen: 'status 200' },
    ];
    const phases = [{ phase: 'proving' as const, startedAt: iso(0) }];
    const { marks, text } = laneOf(
      timelineOf(view({ phase: 'proving', phases, checks: [{ name: 'hello', verdict: 'healthy', seen: '', tries }] }), nothing, nowMs),
      'proving',
    )!;
    expect(marks.map(({ height, state }) => [height, state])).toEqual([
      [1, 'failed'],
      [1, 'inconclusive'],
      [0.25, 'done'],
    ]);
    expect(marks[0]?.words).toBe('hello, try 1: unhealthy, status 503 after 800 ms');
    expect(text).toBe('1 of 1 checks healthy');
  });
});

describe('the sentence on top', () => {
  test('says who is waited for, what is going on, or how it ended', () => {
    expect(sentenceOf(view(), nowMs)).toEqual({ state: 'waiting', words: `Waiting for ${ann}, ${ben} to answer; 59 min left.` });
    expect(sentenceOf(view({ phase: 'staging' }), nowMs).words).toBe('It brings the package to the staging slot; production is as it was.');
    expect(sentenceOf(view({ phase: 'watching' }), nowMs).words).toBe('It watches production; production is being changed.');
    expect(sentenceOf(view({ intent: { kind: 'cancel', by: ann, reason: '', at: iso(1) } }), nowMs).words).toMatch(/^It was asked to stop/);
    const ending = { outcome: 'expired' as const, at: iso(4), reason: 'Nobody answered.', next: '', serves: '' };
    expect(sentenceOf(view({ ending }), nowMs)).toEqual({ state: 'failed', words: 'Nobody answered.' });
  });

  test('says that every yes is there, what holds it, and what ends that', () => {
    const decisions = [ann, ben].map((approver) => ({ gate: 'release', approver, answer: 'yes' as const, at: iso(50) }));
    const sentence = 'olga stopped the line at 2026-01-05 09:00 UTC: the database moves.';
    const held = view({ ask: { ...rollout.ask!, decisions, held: [sentence], stoppedLines: [null] } });
    expect(sentenceOf(held, nowMs)).toEqual({
      state: 'waiting',
      words: `Every yes is there; held: ${sentence} It expires in 59 min unless that ends: slipway line start`,
    });
    expect(laneOf(timelineOf(held, nothing, nowMs), 'asking')?.text).toBe(`${ann} said yes; ${ben} said yes; held: ${sentence}`);
    // Where one gate is enough, nobody is waited for at another.
    expect(whoIsAsked(view({ ask: { ...rollout.ask!, held: [sentence] } }))).toEqual([]);
  });

  test('says behind whom it waits for its turn', () => {
    const turn = { behind: ['older'], says: 'waits for its turn behind older' };
    const queued = { ...view({ phase: 'queued', phases: [{ phase: 'queued', startedAt: iso(0) }] }), turn };
    expect(sentenceOf(queued, nowMs).words).toBe('It waits for its turn behind older; production is as it was.');
    expect(laneOf(timelineOf(queued, nothing, nowMs), 'queued')?.text).toBe('waits for its turn behind older');
  });

  test('waits for nobody who has answered', () => {
    const decisions = [{ gate: 'release', approver: ann.toUpperCase(), answer: 'yes' as const, at: iso(50) }];
    expect(whoIsAsked(view({ ask: { ...rollout.ask!, decisions } }))).toEqual([ben]);
    expect(whoIsAsked({})).toEqual([]);
  });
});
