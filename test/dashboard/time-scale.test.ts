import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { labelsOf, timeScale } from '../../src/dashboard/time-scale';

const start = Date.UTC(2026, 10, 23, 10);
const after = (...seconds: number[]): number[] => seconds.map((one) => start + one * 1000);
const instants = fc.array(fc.nat({ max: 3_000_000 }), { minLength: 1, maxLength: 30 }).map((seconds) => after(...seconds));

describe('a time scale', () => {
  test('is to scale where nobody waited', () => {
    const scale = timeScale(after(0, 5, 10, 20), 10);
    expect(scale.breaks).toEqual([]);
    expect(after(0, 5, 10, 20).map(scale.at)).toEqual([0, 0.25, 0.5, 1]);
    expect(scale.ticks.map(({ ms }) => (ms - start) / 1000)).toEqual([0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20]);
  });

  test('breaks a long wait, and is to scale on both sides of it', () => {
    const scale = timeScale(after(0, 10, 20, 7220, 7230, 7240), 8);
    expect(scale.breaks).toMatchObject([{ fromMs: start + 20_000, toMs: start + 7_220_000 }]);
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = after(0, 10, 20, 7220, 7230, 7240).map(scale.at);
    for (const length of [c - b, e - d, f - e]) expect(length).toBeCloseTo(b - a, 9);
    expect(d - c).toBeLessThan(0.1);
    for (const { ms } of scale.ticks) expect(ms <= start + 20_000 || ms >= start + 7_220_000).toBe(true);
  });

  test('does not break what would leave nothing, nor a wait of seconds', () => {
    expect(timeScale(after(0, 7200), 5).breaks).toEqual([]);
    expect(timeScale(after(0, 1, 50, 51), 5).breaks).toEqual([]);
    expect(timeScale([], 5).at(start)).toBe(0);
    expect(timeScale([start], 5).at(start)).toBe(0);
  });

  test('keeps the order of all instants and stays within its ends', () => {
    fc.assert(
      fc.property(instants, fc.integer({ min: 2, max: 20 }), (all, mostTicks) => {
        const scale = timeScale(all, mostTicks);
        const sorted = [...all].sort((x, y) => x - y);
        const places = sorted.map(scale.at);
        for (const [nth, place] of places.entries()) {
          expect(place).toBeGreaterThanOrEqual(-1e-9);
          expect(place).toBeLessThanOrEqual(1 + 1e-9);
          if (nth > 0) expect(place).toBeGreaterThanOrEqual((places[nth - 1] ?? 0) - 1e-9);
        }
        if (new Set(all).size > 1) expect([places[0], places.at(-1)]).toEqual([0, expect.closeTo(1, 9)]);
        expect(scale.ticks.length).toBeLessThanOrEqual(mostTicks + scale.breaks.length + 1);
      }),
    );
  });

  test('writes times that stand beside one another and within the axis, the beginning too where there is room', () => {
    fc.assert(
      fc.property(instants, fc.double({ min: 0.01, max: 0.5, noNaN: true }), (all, room) => {
        const labels = labelsOf(timeScale(all, 12), room);
        for (const [nth, { at }] of labels.entries()) {
          expect(at).toBeLessThanOrEqual(1 - room);
          if (nth > 0) expect(at - (labels[nth - 1]?.at ?? 0)).toBeGreaterThanOrEqual(room - 1e-9);
        }
        expect(labels.length).toBeGreaterThan(0);
      }),
    );
    const ticks = (...places: number[]) => ({ fromMs: start, ticks: places.map((at) => ({ ms: start + at * 1000, at })) });
    const written = (...places: number[]) => labelsOf(ticks(...places), 0.2).map(({ at }) => at);
    expect(written(0, 0.15, 0.3, 0.7, 0.93)).toEqual([0, 0.3, 0.7]);
    expect(written(0.25, 0.5)).toEqual([0, 0.25, 0.5]);
    expect(written(0.1, 0.5)).toEqual([0.1, 0.5]);
    expect(written()).toEqual([0]);
  });
});
