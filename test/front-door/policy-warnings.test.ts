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

  const group = '0123456789abcdef0123456789abcdef';
  const change = (name: string, instance: string, login: string) =>
    `{ name: ${name}, kind: servicenow, instance: ${instance}, login: ${login}, assignmentGroup: "${group}" }`;
  const [acme, other] = ['https://acme.service-now.com', 'https://other.service-now.com'];

  it('is one login for two addresses, wherever the gates stand', () => {
    const twoGates = (...gates: string[]) => warnings(`${bareSettings}    ${checks}\n    gates: [${gates.join(', ')}]\n`);
    expect(twoGates(change('a', acme, 'A_LOGIN'), change('b', `${acme.toUpperCase().replace('HTTPS', 'https')}/`, 'A_LOGIN'))).toEqual([]);
    expect(twoGates(change('a', acme, 'A_LOGIN'), change('b', other, 'B_LOGIN'))).toEqual([]);
    const [told] = twoGates(change('a', acme, 'A_LOGIN'), change('b', other, 'A_LOGIN'));
    expect(told).toMatch(
      /^s:15:\d+ policies\.careful\.gates\[1\]\.login is the login of policies\.careful\.gates\[0\] too, which asks another address: each is shown the other's login; write another\.$/,
    );
    const apart = `${bareSettings}    ${checks}\n    gates: [${change('a', acme, 'A_LOGIN')}]\n`;
    for (const place of ['revert', 'hotfix'])
      expect(warnings(`${apart}    ${place}: { gates: [${change('a', other, 'A_LOGIN')}] }\n`)).toEqual([
        expect.stringContaining(`policies.careful.${place}.gates[0].login is the login of policies.careful.gates[0] too`),
      ]);
  });

  it('is a transition of Jira that stands for two ends', () => {
    const gate = (transitions: string) =>
      [
        ...['{ name: a, kind: jira, site: https://acme.atlassian.net, login: JIRA_LOGIN, serviceDesk: "4", requestType: "17"'],
        ...['readyIn: [Implementing]', `transitions: { ${transitions} } }`],
      ].join(', ');
    const told = (transitions: string) => warnings(`${bareSettings}    ${checks}\n    gates: [${gate(transitions)}]\n`);
    expect(told('successful: Complete, unsuccessful: Cancel, cancel: Cancel')).toEqual([]);
    expect(told('successful: Done, unsuccessful: done, cancel: Done')).toEqual([
      expect.stringMatching(
        /transitions\.unsuccessful is the transition of "successful" too: Jira would show one end for both; write another\.$/,
      ),
      expect.stringMatching(
        /transitions\.cancel is the transition of "successful" too: Jira would show one end for both; write another\.$/,
      ),
    ]);
  });
});
