import { describe, expect, it, test } from '@jest/globals';
import { findBadLogins, type LoginSight } from '../../src/domain/logins';
import { loginForm, type ServiceGatePolicy } from '../../src/domain/service-gate';
import type { GatePolicy } from '../../src/domain/settings';
import { change, request } from './service-gates';

const told = (gate: ServiceGatePolicy, sight: LoginSight, isNeeded = true) =>
  findBadLogins({ gates: isNeeded ? [gate] : [], combine: 'all' }, [{ gate, sight }]);
const refused = (status: number, why = `answers ${status}`) => ({ kind: 'refused' as const, status, why });

describe('what a service says to a login', () => {
  it('is not spoken of where it is taken', () => {
    expect(told(change, { kind: 'taken' })).toEqual([]);
  });

  it.each<[ServiceGatePolicy, LoginSight, string, string]>([
    [change, { kind: 'missing' }, 'login-missing', 'stops'],
    [request, { kind: 'malformed' }, 'login-malformed', 'stops'],
    [change, { kind: 'blank', of: 50, what: 'change_request' }, 'login-sees-nothing', 'warns'],
    [change, { kind: 'unknown', why: 'gives no answer (ETIMEDOUT)' }, 'login-untried', 'warns'],
    [change, refused(401), 'login-refused', 'stops'],
    [request, refused(200, 'answers 200 and did not take the login'), 'login-refused', 'stops'],
    [change, { ...refused(400), isOfLogin: true }, 'login-refused', 'stops'],
    [change, refused(400), 'login-untried', 'warns'],
    [change, refused(403), 'login-lacks-rights', 'stops'],
    [request, refused(404), 'login-lacks-rights', 'stops'],
    // ServiceNow's tables are there; another address was asked.
    [change, refused(404), 'login-untried', 'warns'],
    [change, refused(302), 'login-untried', 'warns'],
    [request, refused(0, 'its address is not asked'), 'login-untried', 'warns'],
  ])('%# is a finding that says where, why and what to do', (gate, sight, code, weight) => {
    const sentence = expect.stringMatching(new RegExp(`^[A-Z].*\\b${gate.login}\\b.*\\.$`));
    expect(told(gate, sight)).toEqual([{ code, weight, sentence, why: expect.stringMatching(/\.$/), next: expect.stringMatching(/\.$/) }]);
    expect(told(gate, sight, false)).toEqual([expect.objectContaining({ code, weight: 'warns' })]);
  });

  it('is told in whole sentences, with what that service needs', () => {
    const [wrong] = told({ ...change, auth: 'oauth' }, refused(401));
    expect(wrong).toEqual({
      ...{ code: 'login-refused', weight: 'stops' },
      sentence: 'The login of gate change, in the app setting SNOW_LOGIN, is not taken: ServiceNow (acme.service-now.com) answers 401.',
      why: 'A rollout that comes to this gate can’t ask there, and ends when its ask expires.',
      next: 'Put <client id>:<client secret> there anew: step 5 of docs/azure.md.',
    });
    expect(told(request, refused(403))[0]?.next).toContain('an agent of service desk 4');
    expect(told(change, refused(403))[0]?.next).toContain('sysapproval_approver');
  });
});

test('each kind says what its login holds', () => {
  expect([loginForm(change), loginForm({ ...change, auth: 'oauth' }), loginForm(request)]).toEqual([
    '<user>:<password>',
    '<client id>:<client secret>',
    '<address>:<API token>',
  ]);
});

describe('a bad login stops a rollout', () => {
  const release: GatePolicy = { name: 'release', kind: 'signed-link' } as GatePolicy;
  const weights = (gates: GatePolicy[], combine: 'all' | 'any', bad: ServiceGatePolicy[], good: ServiceGatePolicy[] = []) => {
    const failed = bad.map((gate) => ({ gate, sight: refused(401) }));
    const taken = good.map((gate) => ({ gate, sight: { kind: 'taken' as const } }));
    return findBadLogins({ gates, combine }, [...failed, ...taken]).map(({ weight }) => weight);
  };

  it('where every gate has to say yes and its own is among them', () => {
    expect(weights([release, change], 'all', [change])).toEqual(['stops']);
    // It is one of a revert, or of a hotfix.
    expect(weights([release], 'all', [change])).toEqual(['warns']);
    for (const other of [{ login: 'ANOTHER' }, { instance: 'https://other.service-now.com' }, { auth: 'oauth' as const }])
      expect(weights([change], 'all', [{ ...change, ...other }])).toEqual(['warns']);
    expect(weights([request], 'all', [{ ...request, serviceDesk: '5' }])).toEqual(['warns']);
    expect(weights([{ ...request, requestType: '18' }], 'all', [request])).toEqual(['stops']);
  });

  it('where one gate is enough, and none can be asked', () => {
    expect(weights([release, change], 'any', [change])).toEqual(['warns']);
    expect(weights([change], 'any', [change])).toEqual(['stops']);
    expect(weights([request, { ...request, requestType: '18' }], 'any', [request])).toEqual(['stops']);
    expect(weights([request, change], 'any', [request, change])).toEqual(['stops', 'stops']);
    expect(weights([request, change], 'any', [request], [change])).toEqual(['warns']);
    expect(weights([], 'any', [change])).toEqual(['warns']);
  });

  it('not where what the other gate says could not be told', () => {
    const untold = { gate: change, sight: { kind: 'unknown' as const, why: 'gives no answer (ETIMEDOUT)' } };
    const found = findBadLogins({ gates: [request, change], combine: 'any' }, [{ gate: request, sight: refused(401) }, untold]);
    expect(found.map(({ weight }) => weight)).toEqual(['warns', 'warns']);
  });
});
