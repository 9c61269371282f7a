import { describe, expect, it, test } from '@jest/globals';
import { findBadLogins, needsLogin, type LoginSight } from '../../src/domain/logins';
import { loginForm, type ServiceGatePolicy } from '../../src/domain/service-gate';
import type { GatePolicy } from '../../src/domain/settings';
import { change, request } from './service-gates';

const told = (gate: ServiceGatePolicy, sight: LoginSight, isNeeded = true) => findBadLogins([{ gate, isNeeded, sight }]);
const refused = (status: number, why = `answers ${status}`): LoginSight => ({ kind: 'refused', status, why });

describe('what a service says to a login', () => {
  it('is not spoken of where it is taken', () => {
    expect(told(change, { kind: 'taken' })).toEqual([]);
  });

  it.each<[ServiceGatePolicy, LoginSight, string, string]>([
    [change, { kind: 'missing' }, 'login-missing', 'stops'],
    [change, { kind: 'blank', what: 'change_request' }, 'login-sees-nothing', 'warns'],
    [change, { kind: 'unknown', why: 'gives no answer (ETIMEDOUT)' }, 'login-untried', 'warns'],
    [change, refused(401), 'login-refused', 'stops'],
    [request, refused(200, 'answers 200 and did not take the login'), 'login-refused', 'stops'],
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

test('a login is needed where no other gate does instead of its own', () => {
  const release: GatePolicy = { name: 'release', kind: 'signed-link' } as GatePolicy;
  expect(needsLogin({ gates: [release, change], combine: 'all' }, change)).toBe(true);
  expect(needsLogin({ gates: [release, change], combine: 'any' }, change)).toBe(false);
  expect(needsLogin({ gates: [change], combine: 'any' }, change)).toBe(true);
  // It is one of a revert, or of a hotfix.
  expect(needsLogin({ gates: [release], combine: 'all' }, change)).toBe(false);
  expect(needsLogin({ gates: [change], combine: 'all' }, { ...change, login: 'ANOTHER' })).toBe(false);
  expect(needsLogin({ gates: [change], combine: 'all' }, { ...change, instance: 'https://other.service-now.com' })).toBe(false);
});
