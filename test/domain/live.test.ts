import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  holdsTheSame,
  isKnown,
  provesContent,
  pushMessage,
  sayContent,
  sameContent,
  type Content,
  type SlotState,
} from '../../src/domain/live';

const read = (message: string, deploymentId = 'd1'): Content => ({ kind: 'read', deploymentId, message });
const empty: Content = { kind: 'empty' };
const unreadable: Content = { kind: 'unreadable' };
const digest = '0a1b2c3d4e5f'.padEnd(64, '6');
const byUrl: Content = { kind: 'package', sha256: digest };
const foreign: Content = { kind: 'other-package', urlHash: 'f00d' };

describe('a content proof', () => {
  const rolloutId = fc.stringMatching(/^[a-z0-9-]{1,20}$/);

  it('is the message of any push of that rollout, and of no other', () => {
    fc.assert(
      fc.property(rolloutId, rolloutId, fc.nat(), (pushed, asked, push) => {
        expect(provesContent(read(pushMessage(pushed, push)), asked, digest)).toBe(pushed === asked);
      }),
    );
  });

  it('is what a push leaves behind, however many there were', () => {
    expect(pushMessage('r1', 12)).toBe('r1.12');
    expect(provesContent(read('r1.12'), 'r1', digest)).toBe(true);
  });

  it.each(['r1.', 'r1.x', 'r1.1x', 'r1.x1', 'r1.1.2', 'other.r1.1', 'r1'])('is not %s', (message) => {
    expect(provesContent(read(message), 'r1', digest)).toBe(false);
  });

  it('is nothing that could not be read', () => {
    expect([empty, unreadable, foreign].map((content) => provesContent(content, 'r1', digest))).toEqual([false, false, false]);
  });

  it('by URL is the blob of the digest, of which a marker has the beginning; less says nothing', () => {
    expect([digest, digest.slice(0, 12)].map((one) => provesContent(byUrl, 'r1', one))).toEqual([true, true]);
    expect(['', digest.slice(0, 11), digest.slice(1), 'f'.repeat(64)].map((one) => provesContent(byUrl, 'r1', one))).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });
});

describe('what two slots hold', () => {
  it('is the same where both could be read and say the same, or both are empty', () => {
    expect([sameContent(read('r1.1'), read('r1.1')), sameContent(empty, empty)]).toEqual([true, true]);
    const others = [read('r1.2'), read('r1.1', 'd2'), empty, unreadable];
    expect(others.map((other) => sameContent(read('r1.1'), other))).toEqual([false, false, false, false]);
    expect(others.map((other) => sameContent(other, unreadable))).toEqual([false, false, false, false]);
  });

  it('is the same where both run from one package, or from one foreign address', () => {
    const packages = [
      byUrl,
      { ...byUrl, sha256: 'f'.repeat(64) },
      foreign,
      { kind: 'other-package', urlHash: 'beef' },
      read('r1.1'),
    ] as const;
    packages.forEach((one, n) => packages.forEach((other, m) => expect(sameContent(one, other)).toBe(n === m)));
  });

  it('is known where it was read, whatever it is', () => {
    expect([read('r1.1'), byUrl, foreign].map(isKnown)).toEqual([true, true, true]);
    expect([empty, unreadable].map(isKnown)).toEqual([false, false]);
  });

  it('is said in a few words, and without a foreign address', () => {
    expect([read('r1.1'), byUrl, foreign, empty, unreadable].map(sayContent)).toEqual([
      'deployment "r1.1"',
      'package 0a1b2c3d4e5f',
      'a package from an address that is not Slipway’s',
      'no deployment',
      'no readable deployment',
    ]);
    expect(sayContent(read('m'.repeat(5000)))).toBe(`deployment "${'m'.repeat(80)}"`);
  });

  it('is the same only with the same marker', () => {
    const slot = (marker: string | null, content: Content) => ({ marker, content }) as SlotState;
    expect(holdsTheSame(slot('m', empty), slot('m', empty))).toBe(true);
    expect(holdsTheSame(slot('m', empty), slot(null, empty))).toBe(false);
    expect(holdsTheSame(slot('m', empty), slot('m', unreadable))).toBe(false);
  });
});
