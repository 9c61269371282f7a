import fc from 'fast-check';
import { moments, type NoticeModel } from '../../src/domain/notice';

/** What people and services may have written: markup of every reader, no text at all, and far too much. */
const hostile = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.constantFrom(
    '<!channel> & <@U1>',
    '[here](http://evil.example)',
    '@All',
    '*bold* _x_ `y`',
    '</body><script>alert(1)</script>',
    '\u202e\u0000',
    '😀'.repeat(3000),
  ),
  fc.integer({ min: 100, max: 12_000 }).map((length) => '&<>"'.repeat(length / 4)),
);

const list = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
  fc.oneof(fc.array(one, { maxLength: 5 }), fc.array(one, { minLength: 60, maxLength: 130, size: 'max' }));

export const notices: fc.Arbitrary<NoticeModel> = fc.record({
  moment: fc.constantFrom(...moments),
  rolloutId: fc.constantFrom('', 'hello-production-2-0-0-4f1a09c2'),
  app: fc.constant('hello'),
  environment: fc.constant('production'),
  version: hostile,
  statusPath: fc.constantFrom('', '/api/rollouts/hello-production-2-0-0-4f1a09c2'),
  headline: hostile.map((text) => `Failed: ${text}`),
  sentence: hostile,
  serves: hostile,
  facts: list(fc.record({ name: hostile, value: hostile })),
  checks: list(fc.record({ name: hostile, verdict: fc.constant('healthy'), seen: hostile })),
  did: list(hostile),
  next: list(hostile),
  at: fc.constant('2026-01-05T09:00:00.000Z'),
});
