import { describe, expect, it } from '@jest/globals';
import { describeMistakes, readSettings } from '../../src/domain/read-settings';
import { bareSettings } from './bare-settings';

describe('what policy may say and nobody should want', () => {
  const warnings = (text: string) => {
    const read = readSettings(text);
    return read.kind === 'settings' ? describeMistakes('s', read.warnings) : [read.kind];
  };
  const gates = 'gates: [{ name: a, kind: signed-link, approvers: [ann@example.com] }]';
  const checks = 'checks: [{ name: a, path: /a }]';

  it('is warned of, with the line', () => {
    const lines = `    ${checks}\n    ${gates}\n`;
    expect(warnings(bareSettings + lines)).toEqual([]);
    expect(warnings(`${bareSettings}    checks: []\n    gates: []\n    watch: { for: 0 }\n    swap: { settle: 4m }\n`)).toEqual([
      's:14:5 policies.careful has no checks: nothing is proven before the swap, nor watched after it.',
      's:14:5 policies.careful has no gates: nobody is asked before the swap.',
      's:16:19 policies.careful.watch.for is nothing: a release that breaks after the swap is not swapped back.',
      's:17:21 policies.careful.swap.settle is shorter than five minutes, and an answer of Azure Resource Manager can be lost for that long; right on a laptop.',
    ]);
    expect(warnings(`${bareSettings}${lines}    swap: { settle: 5m }\n`)).toEqual([]);
    expect(warnings(`${bareSettings}${lines}  idle:\n    checks: []\n`)).toEqual([
      's:17:5 policies.idle is the policy of no environment; name it there, or take it out.',
    ]);
    expect(warnings(`${bareSettings}${lines}outgoing: { loopback: true }\n`)).toEqual([
      's:16:23 outgoing.loopback lets releases lead to the machine Slipway runs on; leave it out in Azure.',
    ]);
  });
});
