import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { judgeStory } from '../../src/domain/judge-story';
import { phases, writeTime, type Ending, type RolloutRow } from '../../src/domain/rollout';

const minute = 60_000;
const wroteMs = Date.parse('2026-11-23T10:00:00.000Z');
const iso = (ms: number): string => new Date(ms).toISOString();
const ending: Ending = { outcome: 'deployed', at: iso(wroteMs), reason: 'It was so.', next: 'Nothing.', serves: '2.0.0' };

const row = (changes: Partial<RolloutRow> = {}): RolloutRow => ({
  v: 1,
  id: 'hello-production-2-0-0-0a1b2c3d',
  app: 'hello',
  environment: 'production',
  kind: 'deploy',
  release: { version: '2.0.0', sha256: 'ab'.repeat(32), functions: [], settingNames: [] },
  requester: { name: 'ann@example.com', verified: true, via: 'http' },
  admittedAt: iso(wroteMs),
  starter: 'an instance',
  phase: 'staging',
  round: 1,
  phases: [],
  checks: [],
  lastWriteAt: iso(wroteMs),
  ...changes,
});
const asking = (expiresInMs: number): Partial<RolloutRow> => ({
  phase: 'asking',
  ask: { state: 'open', openedAt: iso(wroteMs), expiresAt: iso(wroteMs + expiresInMs), decisions: [] },
});
const judge = (changes: Partial<RolloutRow>, status: 'running' | 'ended' | 'unknown', minutes: number) =>
  judgeStory(row(changes), status, wroteMs + minutes * minute, 0);

const anyRow = fc
  .record({ phase: fc.constantFrom(...phases), starter: fc.option(fc.uuid()), hasEnding: fc.boolean(), hasAsk: fc.boolean() })
  .map(({ phase, starter, hasEnding, hasAsk }): Partial<RolloutRow> => ({
    ...(hasAsk ? asking(600 * minute) : {}),
    phase,
    starter,
    ...(hasEnding ? { ending } : {}),
  }));
const status = fc.constantFrom('running' as const, 'ended' as const, 'unknown' as const);
const minutes = fc.nat({ max: 1000 });

describe('the watchdog', () => {
  it('leaves what is done, whatever the host says of it', () => {
    fc.assert(
      fc.property(anyRow, status, minutes, (any, host, late) => {
        expect(judge({ ...any, phase: 'done' }, host, late)).toEqual({ kind: 'leave' });
      }),
    );
  });

  it('leaves alone what wrote its row a moment ago', () => {
    fc.assert(
      fc.property(anyRow, status, fc.nat({ max: 2 * minute - 1 }), (any, host, silentMs) => {
        expect(judgeStory(row(any), host, wroteMs + silentMs, 0)).toEqual({ kind: 'leave' });
      }),
    );
  });

  it('never leaves for ever what is not done', () => {
    fc.assert(
      fc.property(anyRow, status, (any, host) => {
        fc.pre(any.phase !== 'done');
        expect(['end', 'start']).toContain(judge(any, host, 10_000).kind);
      }),
    );
  });

  it('starts only what no instance ever began', () => {
    fc.assert(
      fc.property(anyRow, status, minutes, (any, host, late) => {
        fc.pre(any.phase !== 'done');
        const isUnbegun = host === 'unknown' && any.starter === null && any.ending === undefined && late >= 2;
        expect(judge(any, host, late).kind === 'start').toBe(isUnbegun);
      }),
    );
  });

  it('ends what lost its instance, and says how', () => {
    expect(judge({}, 'ended', 2)).toEqual({ kind: 'end', why: 'its instance ended without an outcome' });
    expect(judge({}, 'unknown', 2)).toEqual({ kind: 'end', why: 'its instance is missing' });
    expect(judge({ starter: null, ending }, 'unknown', 2)).toEqual({ kind: 'end', why: 'its instance is missing' });
  });

  it.each([
    ['queued', 80],
    ['planning', 15],
    ['announcing', 15],
    ['staging', 20],
    ['proving', 20],
    ['asking', 15],
    ['swapping', 20],
    ['watching', 15],
    ['telling', 15],
    ['undoing', 20],
  ] as const)('gives a rollout that is %s %i minutes without a sign of life', (phase, limit) => {
    expect(judge({ phase }, 'running', limit)).toEqual({ kind: 'leave' });
    expect(judge({ phase }, 'running', limit + 1)).toEqual({
      kind: 'end',
      why: `it was ${phase} and showed no sign of life for ${limit + 1} minutes`,
    });
  });

  it('gives an ask an hour after its expiry, however long it is silent', () => {
    expect(judge(asking(300 * minute), 'running', 360)).toEqual({ kind: 'leave' });
    expect(judge(asking(300 * minute), 'running', 361)).toMatchObject({ kind: 'end' });
  });

  it('holds no silence against a rollout that fell while Slipway itself was off', () => {
    fc.assert(
      fc.property(anyRow, status, fc.nat({ max: 10_000 * minute }), fc.nat({ max: 2 * minute - 1 }), (any, host, offMs, sinceMs) => {
        const backMs = wroteMs + offMs;
        expect(judgeStory(row(any), host, backMs + sinceMs, backMs)).toEqual({ kind: 'leave' });
      }),
    );
    const since = wroteMs + 1000 * minute;
    expect(judgeStory(row(), 'running', since + 21 * minute, since)).toEqual({
      kind: 'end',
      why: 'it was staging and showed no sign of life for 21 minutes',
    });
    expect(judgeStory(row(asking(minute)), 'running', since + 60 * minute, since)).toEqual({ kind: 'leave' });
    expect(judgeStory(row(asking(minute)), 'running', since + 61 * minute, since)).toMatchObject({ kind: 'end' });
  });

  it('wakes a story whose row was written after its round had looked', () => {
    expect(judge({ roundOpenedAt: iso(wroteMs - 1) }, 'running', 1)).toEqual({ kind: 'wake' });
    expect(judge({ roundOpenedAt: iso(wroteMs) }, 'running', 1)).toEqual({ kind: 'leave' });
    expect(judge({}, 'running', 1)).toEqual({ kind: 'leave' });
  });
});

describe('the time of a write', () => {
  it('is the clock, but always later than the opening of the round', () => {
    expect(writeTime(row(), wroteMs)).toBe(iso(wroteMs));
    expect(writeTime(row({ roundOpenedAt: iso(wroteMs - 1) }), wroteMs)).toBe(iso(wroteMs));
    expect(writeTime(row({ roundOpenedAt: iso(wroteMs) }), wroteMs)).toBe(iso(wroteMs + 1));
    expect(writeTime(row({ roundOpenedAt: iso(wroteMs + 5000) }), wroteMs)).toBe(iso(wroteMs + 5001));
  });

  it('lets the watchdog wake a round whose row was changed in the very millisecond that it opened', () => {
    const opened = { roundOpenedAt: iso(wroteMs) };
    expect(judge({ ...opened, lastWriteAt: writeTime(row(opened), wroteMs) }, 'running', 5)).toEqual({ kind: 'wake' });
  });
});
