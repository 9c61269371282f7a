import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { addressOf, placeOf, type Place } from '../../src/dashboard/addresses';
import { pauseMs } from '../../src/dashboard/pause';

test('every place has an address that leads to it', () => {
  const name = fc.string({ minLength: 1, unit: 'grapheme' });
  const place = fc.oneof(
    fc.constantFrom<Exclude<Place, { at: 'nowhere' }>>({ at: 'live' }, { at: 'figures' }, { at: 'start' }),
    name.map((id) => ({ at: 'rollout' as const, id })),
    fc.tuple(name, name).map(([app, environment]) => ({ at: 'ledger' as const, app, environment })),
  );
  fc.assert(fc.property(place, (one) => expect(placeOf(addressOf(one))).toEqual(one)));
});

test.each(['/else', '/dashboard/nothing', '/dashboard/rollouts', '/dashboard/rollouts/a/b', '/dashboard/ledger/a', '/dashboard/figures/x'])(
  '%s leads nowhere',
  (address) => {
    expect(placeOf(address)).toEqual({ at: 'nowhere' });
  },
);

test('the bare folder is the home, and what is no encoding stands as it is', () => {
  expect(placeOf('/dashboard/')).toEqual({ at: 'live' });
  expect(placeOf('/dashboard/rollouts/%E0%A4')).toEqual({ at: 'rollout', id: '%E0%A4' });
});

test('while nothing answers, it is asked more and more rarely, and at least once a minute', () => {
  expect([0, 1, 2, 3, 20].map((failures) => pauseMs(1500, failures))).toEqual([1500, 3000, 6000, 12_000, 60_000]);
});
