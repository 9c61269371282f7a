import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { endedRowOf, hasEnded } from '../../src/domain/ended-row';
import { figuresOf, type Figures } from '../../src/domain/figures';
import type { Ending, RolloutRow } from '../../src/domain/rollout';
import { outcomes } from '../../src/domain/rollout';
import { rollout } from '../mail/world';

const dayMs = 86_400_000;
const now = Date.UTC(2026, 10, 23);
const at = (days: number, seconds = 0): string => new Date(now - days * dayMs + seconds * 1000).toISOString();

const change = (id: string, outcome: Ending['outcome'], days: number, more: Partial<RolloutRow> = {}): RolloutRow => ({
  ...rollout,
  id,
  admittedAt: at(days, -100),
  phases: [{ phase: 'swapping', startedAt: at(days, -40) }],
  ending: { outcome, at: at(days), reason: 'It was so.', next: '', serves: '' },
  ...more,
});

const figures = (rows: readonly RolloutRow[], at: number, days: number): Figures =>
  figuresOf(rows.filter(hasEnded).map(endedRowOf), at, days);

describe('the four figures', () => {
  test('are of what reached production, within the days', () => {
    const { ending: _none, ...running } = change('running', 'deployed', 1);
    const rows = [
      change('a', 'deployed', 10),
      change('b', 'deployed', 3, { admittedAt: at(3, -300) }),
      change('c', 'rolled-back', 5),
      change('d', 'needs-attention', 4),
      change('e', 'rejected', 2),
      change('too old', 'deployed', 91),
      running,
    ];
    expect(figures(rows, now, 90)).toMatchObject({
      days: 90,
      from: at(90),
      to: at(0),
      changes: [
        { rolloutId: 'a', leadMs: 100_000, failed: 'no' },
        { rolloutId: 'c', failed: 'rolled-back', restoreMs: 40_000 },
        { rolloutId: 'd', failed: 'needs-attention' },
        { rolloutId: 'b', leadMs: 300_000, failed: 'no' },
      ],
      perWeek: (4 * 7) / 90,
      medianLeadMs: 200_000,
      failureRate: 0.5,
      medianRestoreMs: 40_000,
    });
  });

  test('count a change that was reverted as failed until the revert was through, and the revert not as a change', () => {
    const revert = change('back', 'deployed', 1, { kind: 'revert', reverts: 'a' });
    const rows = [change('a', 'deployed', 2), revert, change('no good', 'failed', 1.5, { kind: 'revert', reverts: 'a' })];
    expect(figures(rows, now, 7).changes).toEqual([
      expect.objectContaining({ rolloutId: 'a', failed: 'reverted', restoreMs: dayMs + 40_000 }),
    ]);
  });

  test('take in both edges of the days, and nothing that is to come', () => {
    const rows = [change('first', 'deployed', 7), change('last', 'deployed', 0), change('to come', 'deployed', -1)];
    expect(figures(rows, now, 7).changes.map(({ rolloutId }) => rolloutId)).toEqual(['first', 'last']);
  });

  test('have the middle lead time, of how many ever, and count what was down from the swap on', () => {
    const lead = (seconds: number, days: number) => change(`r${days}`, 'deployed', days, { admittedAt: at(days, -seconds) });
    expect(figures([lead(300, 3), lead(100, 2), lead(200, 1)], now, 7).medianLeadMs).toBe(200_000);
    const phases = [
      { phase: 'staging' as const, startedAt: at(1, -400) },
      { phase: 'swapping' as const, startedAt: at(1, -40) },
    ];
    expect(figures([change('a', 'rolled-back', 1, { phases })], now, 7).medianRestoreMs).toBe(40_000);
  });

  test('do not count a revert that is under way', () => {
    const { ending: _none, ...underWay } = change('back', 'deployed', 1, { kind: 'revert', reverts: 'a' });
    expect(figures([underWay, change('a', 'deployed', 2)], now, 7).changes).toEqual([
      expect.objectContaining({ rolloutId: 'a', failed: 'no' }),
    ]);
  });

  test('are none of nothing', () => {
    expect(figures([], now, 7)).toMatchObject({ changes: [], perWeek: 0, medianLeadMs: null, failureRate: null, medianRestoreMs: null });
    expect(figures([change('a', 'rolled-back', 1, { phases: [] })], now, 7)).toMatchObject({
      failureRate: 1,
      medianLeadMs: null,
      medianRestoreMs: 0,
    });
  });

  test('do not depend on the order of the rows, and stay within their bounds', () => {
    const row = fc
      .tuple(fc.nat({ max: 400 }), fc.constantFrom(...outcomes), fc.constantFrom('r1', 'r2', undefined), fc.nat({ max: 99 }))
      .map(([days, outcome, reverts, nth]) => change(`r${nth}`, outcome, days / 4, reverts ? { kind: 'revert', reverts } : {}));
    fc.assert(
      fc.property(fc.uniqueArray(row, { selector: ({ id }) => id, maxLength: 12 }), fc.integer({ min: 1, max: 100 }), (rows, days) => {
        const all = figures(rows, now, days);
        expect(figures([...rows].reverse(), now, days).changes.map(({ rolloutId }) => rolloutId)).toEqual(
          all.changes.map(({ rolloutId }) => rolloutId),
        );
        expect(all.failureRate ?? 0).toBeGreaterThanOrEqual(0);
        expect(all.failureRate ?? 1).toBeLessThanOrEqual(1);
        for (const one of all.changes)
          expect((one.restoreMs === undefined) === (one.failed === 'no' || one.failed === 'needs-attention')).toBe(true);
      }),
    );
  });
});
