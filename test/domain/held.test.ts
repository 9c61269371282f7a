import { describe, expect, it } from '@jest/globals';
import { heldBy, isHeld, sayHeld } from '../../src/domain/held';
import { standstillOf, type StoppedApp } from '../../src/domain/stop';
import { iso, rollout } from '../mail/world';

const stop = (app: string | null): StoppedApp => ({ app, by: 'olga', reason: 'the database moves', at: iso(0) });
const freeze = { kind: 'freeze' as const, sentence: 'Frozen until Mon 2027-01-04 00:00 (UTC): holidays.', untilMs: 7 };
const ask = rollout.ask!;

describe('an ask that has every yes and is held', () => {
  it('is kept with the sentences, and with the stopped lines among them', () => {
    expect(heldBy([freeze], [])).toEqual({ held: [freeze.sentence] });
    const [all, hello] = [stop(null), stop('hello')];
    expect(heldBy([standstillOf(all), standstillOf(hello), freeze], [all, hello])).toEqual({
      held: [standstillOf(all).sentence, standstillOf(hello).sentence, freeze.sentence],
      stoppedLines: [null, 'hello'],
    });
    // A hotfix may pass a stop that stands.
    expect(heldBy([freeze], [hello])).toEqual({ held: [freeze.sentence] });
  });

  it('is held only while it is open', () => {
    expect(isHeld(undefined)).toBe(false);
    expect(isHeld(ask)).toBe(false);
    expect(isHeld({ ...ask, held: [freeze.sentence] })).toBe(true);
    expect(isHeld({ ...ask, state: 'expired', held: [freeze.sentence] })).toBe(false);
  });

  it('says what holds it, until when, and what ends that', () => {
    expect(sayHeld({ held: [freeze.sentence] }, 'in 28 min')).toBe(
      'every yes is there; held: Frozen until Mon 2027-01-04 00:00 (UTC): holidays. It expires in 28 min unless that ends.',
    );
    const lines = heldBy([standstillOf(stop(null)), standstillOf(stop('hello'))], [stop(null), stop('hello')]);
    expect(sayHeld(lines, 'at noon')).toBe(
      'every yes is there; held: olga stopped the line at 2026-01-05 09:00 UTC: the database moves. olga stopped the line of hello at 2026-01-05 09:00 UTC: the database moves. It expires at noon unless that ends: slipway line start, slipway line start hello',
    );
  });
});
