import { describe, expect, it } from '@jest/globals';
import { describeMistakes, readSettings } from '../../src/domain/read-settings';
import { bareSettings } from './bare-settings';

describe('what policy may say and nobody should want', () => {
  const warnings = (text: string) => {
    const read = readSettings(text);
    return describeMistakes('s', read.kind === 'settings' ? read.warnings : read.mistakes);
  };
  const gates = 'gates: [{ name: a, kind: signed-link, approvers: [ann@company.com] }]';
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

  it('is what an example has in the place of one’s own', () => {
    const none = '00000000-0000-0000-0000-000000000000';
    const escalated = '{ name: a, approvers: [ann@company.com], escalate: { to: [bob@mail.Example.org, eve@company.com] } }';
    const grouped = `{ name: b, approvers: [], groups: [{ id: ${none.replaceAll('0', '1')}, mail: all@shop.example }], proof: entra }`;
    const text = `${bareSettings
      .replace('sub\n', `${none}\n`)
      .replace('team@company.com', 'team@example.com')
      .replace('policy: careful', `policy: careful\n        subscription: ${none}`)}    ${checks}
    gates: [${escalated}, ${grouped}, { name: c, approvers: [c@examples.com] }]
    revert: { gates: [{ name: d, approvers: [ann@company.com, d@example.net] }] }
    hotfix: { gates: [{ name: e, approvers: [e@example.com] }] }
`;
    const [subscription, person] = [
      'is the id of no subscription; write yours, as az account show --query id --output tsv prints it.',
      'holds an address of an example, at which nobody reads; write who is meant.',
    ];
    expect(warnings(text)).toEqual([
      `s:2:17 azure.subscription ${subscription}`,
      `s:5:9 people.team ${person}`,
      `s:12:23 apps.hello.environments.production.subscription ${subscription}`,
      `s:16:70 policies.careful.gates[0].escalate.to ${person}`,
      `s:16:149 policies.careful.gates[1].groups ${person}`,
      `s:17:45 policies.careful.revert.gates[0].approvers ${person}`,
      `s:18:45 policies.careful.hotfix.gates[0].approvers ${person}`,
    ]);
    // On a laptop all mail goes to the inbox there, and nothing is Azure's.
    expect(warnings(`${text}outgoing: { loopback: true }\n`)).toEqual([expect.stringContaining('outgoing.loopback')]);
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
