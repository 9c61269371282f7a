import fc from 'fast-check';
import { judgeDelivery, retryAfterSeconds } from '../../src/domain/judge-delivery';

const now = Date.parse('2026-01-05T09:00:00Z');
const judged = (status: number, retryAfter?: string, said = '', patient?: number) =>
  judgeDelivery({ status, retryAfter, said }, now, patient);

describe('an answer to a notice', () => {
  it.each<[number, string | undefined, object]>([
    [200, undefined, { kind: 'sent' }],
    [202, '60', { kind: 'sent' }],
    [299, undefined, { kind: 'sent' }],
    [199, undefined, { kind: 'refused', text: 'the service does not take it' }],
    [300, undefined, { kind: 'refused', text: expect.stringContaining('redirect') as string }],
    [399, undefined, { kind: 'refused', text: expect.stringContaining('redirect') as string }],
    [400, undefined, { kind: 'refused', text: 'the service does not take it' }],
    [429, '90', { kind: 'later', afterSeconds: 90 }],
    [429, undefined, { kind: 'later', afterSeconds: 60 }],
    [503, 'Mon, 05 Jan 2026 09:02:00 GMT', { kind: 'later', afterSeconds: 120 }],
    [500, undefined, { kind: 'later', afterSeconds: 10 }],
    [408, undefined, { kind: 'later', afterSeconds: 10 }],
    [425, undefined, { kind: 'later', afterSeconds: 10 }],
    [302, undefined, { kind: 'refused', text: expect.stringContaining('redirect') as string }],
    [404, undefined, { kind: 'refused', code: '404', text: 'the service does not take it' }],
  ])('%d with Retry-After %s', (status, retryAfter, expected) => {
    expect(judged(status, retryAfter)).toMatchObject(expected);
  });

  it('carries the service’s own words', () => {
    expect(judged(410, undefined, 'channel_is_archived')).toEqual({
      kind: 'refused',
      code: '410 channel_is_archived',
      text: 'channel_is_archived',
    });
  });

  it('waits as long as the service asks of its callers, where it names no time', () => {
    expect(judged(500, undefined, '', 120)).toMatchObject({ afterSeconds: 120 });
    expect(judged(500, '5', '', 120)).toMatchObject({ afterSeconds: 5 });
  });
});

describe('Retry-After', () => {
  it('is a number of seconds, a date, or nothing', () => {
    expect(['', ' ', '-1', 'soon', undefined].map((text) => retryAfterSeconds(text, now))).toEqual(Array(5).fill(undefined));
    expect(retryAfterSeconds('1.2', now)).toBe(2);
    expect(retryAfterSeconds('0', now)).toBe(0);
    expect(retryAfterSeconds('Mon, 05 Jan 2026 08:00:00 GMT', now)).toBe(0);
    fc.assert(fc.property(fc.string(), (text) => (retryAfterSeconds(text, now) ?? 0) >= 0));
  });
});
