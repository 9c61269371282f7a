import { describe, expect, it } from '@jest/globals';
import { hasDeployed, missingBefore } from '../../src/domain/promotion';
import type { EndedRow } from '../../src/domain/ended-row';

const now = Date.parse('2026-11-23T10:00:00Z');
const sha256 = 'ab'.repeat(32);
const row: EndedRow = {
  ...{ v: 1, id: 'a', app: 'shop', environment: 'test', kind: 'deploy', version: '2.0.0', sha256, outcome: 'deployed' },
  ...{ admittedAt: '2026-11-23T08:00:00.000Z', at: '2026-11-23T09:00:00.000Z' },
};
const wanted = { environment: 'test', withinSeconds: 7200 };

describe('what must have come before', () => {
  it('is a rollout of this very package that ended deployed', () => {
    expect(hasDeployed(row, sha256)).toBe(true);
    for (const other of [{ outcome: 'rolled-back' }, { kind: 'revert' }, { sha256: '' }] as const)
      expect(hasDeployed({ ...row, ...other }, sha256)).toBe(false);
  });

  it('counts from its last time, in the environment that policy names, for as long as policy says', () => {
    const at = (time: string, environment = 'test') => ({ rolloutId: 'a', environment, at: `2026-11-23T${time}:00.000Z` });
    const codeOf = (...deployed: ReturnType<typeof at>[]) => missingBefore(wanted, sha256, deployed, now)?.code;
    expect(codeOf(at('08:00'))).toBeUndefined();
    expect(codeOf(at('07:59'), at('09:00'))).toBeUndefined();
    expect(codeOf(at('09:00'), at('07:59'))).toBeUndefined();
    expect(codeOf(at('07:59'))).toBe('deployed-too-long-ago');
    expect(codeOf(at('09:00', 'production'))).toBe('not-deployed-before');
    expect(codeOf()).toBe('not-deployed-before');
    expect(missingBefore(wanted, sha256, [at('07:59')], now)?.sentence).toBe(
      'Policy wants the package abababababab to have been deployed in test within 2 h 00 min, and it was so last at 2026-11-23 07:59 UTC.',
    );
    expect(missingBefore(wanted, sha256, [], now)).toMatchObject({
      sentence: 'Policy wants the package abababababab to have been deployed in test first, and it was not.',
      next: 'Roll it out to test, then promote it from there.',
    });
  });
});
