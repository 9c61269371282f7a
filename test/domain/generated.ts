import fc from 'fast-check';
import type { Content, SlotState, Slots } from '../../src/domain/live';

/** What generated slots hold comes from small pools, so that the same thing turns up in two places as often as another does. */

export const digest = (letter: string): string => letter.repeat(64);
const markers = [null, `old-1.${'a'.repeat(12)}`, `new-2.${'b'.repeat(12)}`, 'no marker of ours'];

export const content = fc.constantFrom<Content>(
  { kind: 'unreadable' },
  { kind: 'empty' },
  { kind: 'package', sha256: 'a'.repeat(64) },
  { kind: 'package', sha256: 'b'.repeat(64) },
  { kind: 'other-package', urlHash: 'a'.repeat(64) },
  { kind: 'other-package', urlHash: 'b'.repeat(64) },
  { kind: 'read', deploymentId: 'd1', message: 'old-1.1' },
  { kind: 'read', deploymentId: 'd2', message: 'new-2.1' },
  { kind: 'read', deploymentId: 'd3', message: 'new-2.1' },
  { kind: 'read', deploymentId: 'd3', message: 'new-2.2' },
  { kind: 'read', deploymentId: 'd4', message: 'pushed by hand' },
);

export const times = ['2026-11-23T10:00:00.0000001Z', '2026-11-23T10:05:00.0000001Z', '2026-11-23T10:10:00.0000001Z'] as const;

const swapStatus = fc.option(
  fc.record({
    at: fc.constantFrom(...times),
    source: fc.constantFrom('staging', 'Staging', 'other'),
    destination: fc.constant('Production'),
  }),
);

export const slot: fc.Arbitrary<SlotState> = fc.record({
  marker: fc.constantFrom(...markers),
  content,
  swapStatus,
  operationInProgress: fc.boolean(),
  running: fc.boolean(),
  hostName: fc.constant('hello.azurewebsites.net'),
});

export const slots: fc.Arbitrary<Slots> = fc.record({ production: slot, staging: slot });

/** Both slots before and after something happened: often each holds what one of them held before. */
export const looks: fc.Arbitrary<[Slots, Slots]> = fc
  .tuple(slots, slots, fc.constantFrom('before', 'after', 'new'), fc.constantFrom('before', 'after', 'new'), fc.boolean())
  .map(([basis, now, production, staging, isAlike]) => {
    const before = isAlike
      ? { ...basis, staging: { ...basis.staging, marker: basis.production.marker, content: basis.production.content } }
      : basis;
    const moved = { before: before, after: { production: before.staging, staging: before.production }, new: now };
    const as = (state: SlotState, held: SlotState): SlotState => ({ ...state, marker: held.marker, content: held.content });
    return [before, { production: as(now.production, moved[production].production), staging: as(now.staging, moved[staging].staging) }];
  });

/** As a slot is between two operations. */
export const atRest = (state: Slots): Slots => ({
  production: { ...state.production, operationInProgress: false },
  staging: { ...state.staging, operationInProgress: false },
});

/** An ISO time out of few, so that two are the same now and then. */
export const someTime = (most: number): fc.Arbitrary<string> =>
  fc.nat({ max: most }).map((seconds) => new Date(Date.UTC(2026, 10, 23, 10, 0, seconds)).toISOString());
