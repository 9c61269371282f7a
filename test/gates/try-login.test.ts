import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createOutgoing } from '../../src/azure/outgoing';
import type { Ports } from '../../src/azure/ports';
import { createExamine } from '../../src/commands/examine';
import { frontDoorPorts } from '../front-door/ports';
import { standOn } from '../front-door/target';
import { startCloud, type Cloud } from '../local-azure/cloud';

/** The doctor tries the login of a gate that a service answers, at the local Azure's own services. */

let cloud: Cloud;
beforeAll(async () => {
  cloud = await startCloud();
});
afterAll(() => cloud.close());

const serviceNow = {
  ...{ name: 'change', kind: 'servicenow', instance: 'https://acme.service-now.com', login: 'SN_LOGIN' },
  assignmentGroup: '0'.repeat(32),
};
const jira = {
  ...{ name: 'request', kind: 'jira', site: 'https://acme.atlassian.net', login: 'JIRA_LOGIN', serviceDesk: '4', requestType: '17' },
  ...{ readyIn: ['Implementing'], transitions: { successful: 'Complete', unsuccessful: 'Fail', cancel: 'Cancel' } },
};

const rightLogins = () => ({ SN_LOGIN: cloud.azure.itsm.servicenow.login, JIRA_LOGIN: cloud.azure.itsm.jira.login });
const there = () => ({ servicenow: cloud.azure.itsm.servicenow.url, jira: cloud.azure.itsm.jira.url });

interface Around {
  logins?: Record<string, string>;
  endpoints?: Ports['services']['endpoints'];
  policy?: object;
}

/** A doctor of its own for each, who remembers nothing of another's. */
function doctor(gates: object[], { logins = rightLogins(), endpoints = there(), policy = {} }: Around = {}) {
  const { ports, time } = frontDoorPorts();
  standOn(ports, {}, { gates, ...policy });
  ports.services = { logins, endpoints };
  ports.outgoing = createOutgoing({ loopback: true, private: [], packages: [] });
  const own = { inAzure: false, signInOn: false, mailSender: 'slipway@example.com' };
  const look = createExamine(ports);
  const examine = async () => {
    const answer = await look({ app: 'hello', environment: 'production' }, own);
    if (answer.kind === 'refused') throw new Error('The place is there.');
    const { ok, findings } = answer.examined;
    const text = JSON.stringify(findings).toLowerCase();
    for (const login of Object.values(logins))
      for (const secret of [login, login.slice(login.indexOf(':') + 1)].filter((one) => one !== ''))
        for (const form of [secret, encodeURIComponent(secret), new URLSearchParams([['', secret]]).toString().slice(1)])
          expect(text).not.toContain(form.toLowerCase());
    return {
      ok,
      told: findings.map(({ code, weight, sentence }) => `${code} ${weight}: ${sentence}`),
      next: findings.map(({ next }) => next),
    };
  };
  return { examine, time, logins };
}

const examine = (gates: object[], around: Around = {}) => doctor(gates, around).examine();

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

/** A service that answers so to whatever is asked; `form`: the body. */
async function answering(say: (request: IncomingMessage, form: string) => { status: number; body: object }) {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { status, body } = say(request, Buffer.concat(chunks).toString());
      response.writeHead(status).end(JSON.stringify(body));
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  servers.push(server);
  return { servicenow: url, jira: url };
}

describe('ServiceNow', () => {
  it('says nothing of a login that shows a change and who approves it, and of one that shows none, that it may not read', async () => {
    const { ok, told } = await examine([serviceNow]);
    expect({ ok, told }).toEqual({
      ok: true,
      told: [
        'login-sees-nothing warns: ServiceNow (acme.service-now.com) takes the login of gate change, in the app setting SN_LOGIN, and shows it none of the newest 50 rows of change_request.',
      ],
    });
    const { url, login } = cloud.azure.itsm.servicenow;
    const ask = (method: string, path: string, body: object) =>
      fetch(new URL(path, url), {
        method,
        headers: { authorization: `Basic ${Buffer.from(login).toString('base64')}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    const make = async () => {
      const made = await ask('POST', '/api/now/table/change_request', { short_description: 'x', assignment_group: '0'.repeat(32) });
      return ((await made.json()) as { result: { sys_id: string; number: string } }).result;
    };
    cloud.azure.itsmPeople.servicenow.hide((await make()).number);
    expect((await examine([serviceNow])).told).toEqual([expect.stringContaining('none of the newest 50 rows of change_request')]);
    const { sys_id } = await make();
    expect((await examine([serviceNow])).told).toEqual([expect.stringContaining('none of the newest 50 rows of sysapproval_approver')]);
    await ask('PATCH', `/api/now/table/change_request/${sys_id}`, { state: '-4' });
    // One that it may not read, whichever comes first, says nothing of the others.
    cloud.azure.itsmPeople.servicenow.hide((await make()).number);
    const before = cloud.azure.receipts().itsm.length;
    expect(await examine([serviceNow])).toMatchObject({ ok: true, told: [] });
    expect(await examine([{ ...serviceNow, auth: 'oauth' }])).toMatchObject({ ok: true, told: [] });
    const calls = cloud.azure.receipts().itsm.slice(before);
    expect(calls.filter(({ method }) => method !== 'GET').map(({ path }) => path)).toEqual(['/oauth_token.do']);
  });

  it.each([
    ['basic', 'ServiceNow (acme.service-now.com) answers 401: User Not Authenticated: Required to provide Auth information.'],
    ['oauth', 'ServiceNow (acme.service-now.com) answers 401: server_error.'],
  ])('a wrong login by %s stops a rollout, and is told with what mends it', async (auth, says) => {
    const { ok, told, next } = await examine([{ ...serviceNow, auth }], { logins: { SN_LOGIN: 'slipway:WRONGSECRET' } });
    expect(ok).toBe(false);
    expect(told).toEqual([`login-refused stops: The login of gate change, in the app setting SN_LOGIN, is not taken: ${says}`]);
    expect(next[0]).toContain(auth === 'oauth' ? '<client id>:<client secret>' : '<user>:<password>');
  });

  it('a table that may not be read, and a service that is down, are told apart from a wrong login', async () => {
    cloud.azure.faults.on('servicenow-refused', { times: 1 });
    const refused = await examine([serviceNow]);
    expect(refused).toMatchObject({ ok: false, told: [expect.stringMatching(/^login-lacks-rights stops: .* answers 403: User Not Auth/)] });
    expect(refused.next[0]).toContain('sysapproval_approver');
    cloud.azure.faults.on('servicenow-503', { times: 1 });
    const down = await examine([serviceNow]);
    expect(down).toMatchObject({ ok: true, told: [expect.stringMatching(/^login-untried warns: Whether .* answers 503\.$/)] });
  });

  it('where nobody listens, that is told', async () => {
    const gone = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => gone.once('listening', resolve));
    const { port } = gone.address() as AddressInfo;
    await new Promise((resolve) => gone.close(resolve));
    const { told } = await examine([serviceNow], { endpoints: { servicenow: `http://127.0.0.1:${port}` } });
    expect(told).toEqual([expect.stringMatching(/^login-untried warns: .* gives no answer \(ECONNREFUSED\)\.$/)]);
  });

  it.each<[string, (authorization: string, form: string) => string]>([
    ['as it was meant', (authorization, form) => `no ${authorization} ${new URLSearchParams(form).get('client_secret')}`],
    ['as it was sent', (authorization, form) => `no ${authorization} ${form}`],
    [
      'as an address has it',
      (authorization, form) => `${authorization}${encodeURIComponent(new URLSearchParams(form).get('client_secret') ?? '')}`,
    ],
    ['with small digits', (authorization, form) => `${authorization}${form.replace(/%../g, (hex) => hex.toLowerCase())}`],
    ['decoded', (authorization, form) => `${Buffer.from(authorization.slice(6), 'base64').toString()} ${form}`],
  ])('a secret that something on the way repeats %s is not told', async (_how, say) => {
    const endpoints = await answering((request, form) => {
      const said = say(request.headers.authorization ?? '', form);
      return { status: 401, body: { error: request.url === '/oauth_token.do' ? said : { message: said } } };
    });
    for (const auth of ['basic', 'oauth'])
      for (const login of ['slipway:p@ss/w+rd (1)*é', cloud.azure.itsm.servicenow.login])
        expect((await examine([{ ...serviceNow, auth }], { logins: { SN_LOGIN: login }, endpoints })).told[0]).toContain('[withheld]');
  });

  it.each([
    ['invalid_client', 'login-refused stops'],
    ['unauthorized_client', 'login-refused stops'],
    ['invalid_grant', 'login-refused stops'],
    ['unsupported_grant_type', 'login-untried warns'],
  ])('where a token is refused with 400 and %s: %s', async (error, wanted) => {
    const endpoints = await answering(() => ({ status: 400, body: { error } }));
    const { told } = await examine([{ ...serviceNow, auth: 'oauth' }], { endpoints });
    expect(told).toEqual([expect.stringMatching(new RegExp(`^${wanted}: .* answers 400: ${error}\\.$`))]);
    // The same of a table is no word on the login.
    expect((await examine([serviceNow], { endpoints })).told).toEqual([expect.stringMatching(/^login-untried warns: /)]);
  });

  it('what is no login is told before anything is sent', async () => {
    const before = cloud.azure.receipts().itsm.length;
    for (const [gate, form] of [
      [serviceNow, '<user>:<password>'],
      [{ ...serviceNow, auth: 'oauth' }, '<client id>:<client secret>'],
      [jira, '<address>:<API token>'],
    ] as const)
      for (const login of ['SECRETALONE', ':SECRETALONE', 'slipway:'])
        expect(await examine([gate], { logins: { [gate.login]: login } })).toMatchObject({
          ok: false,
          told: [
            `login-malformed stops: The app setting ${gate.login}, the login of gate ${gate.name}, is not of the form ${form}, and was not sent.`,
          ],
        });
    expect(cloud.azure.receipts().itsm).toHaveLength(before);
  });
});

describe('Jira', () => {
  it('says nothing of the login of an agent, and reads alone', async () => {
    const before = cloud.azure.receipts().itsm.length;
    expect(await examine([jira])).toMatchObject({ ok: true, told: [] });
    expect(cloud.azure.receipts().itsm.slice(before)).toMatchObject([{ service: 'jira', method: 'GET', answered: 200 }]);
  });

  it('a wrong token, a customer, and a service desk that is not there stop a rollout', async () => {
    expect(await examine([jira], { logins: { JIRA_LOGIN: 'slipway@example.com:WRONGSECRET' } })).toMatchObject({
      ok: false,
      told: [expect.stringMatching(/^login-refused stops: The login of gate request.* answers 401: Client must be authenticated/)],
      next: [expect.stringContaining('<address>:<API token>')],
    });
    expect(await examine([jira], { logins: { JIRA_LOGIN: cloud.azure.itsmPeople.jira.loginOf('petra@example.com') } })).toMatchObject({
      ok: false,
      told: [expect.stringMatching(/^login-lacks-rights stops: .* answers 403: Only agents/)],
      next: [expect.stringContaining('an agent of service desk 4')],
    });
    expect(await examine([{ ...jira, serviceDesk: '5' }])).toMatchObject({
      ok: false,
      told: [expect.stringMatching(/^login-lacks-rights stops: .* answers 404: /)],
    });
  });

  it('warns where another gate would do, and where the setting is empty says so', async () => {
    const release = { name: 'release', kind: 'signed-link', approvers: ['ann@example.com'] };
    const logins = { JIRA_LOGIN: '' };
    expect(await examine([jira, release], { logins, policy: { combine: 'any' } })).toMatchObject({
      ok: true,
      told: ['login-missing warns: The app setting JIRA_LOGIN is empty, and gate request signs in with it.'],
    });
    expect(await examine([jira, release], { logins })).toMatchObject({
      ok: false,
      told: [expect.stringMatching(/^login-missing stops: /)],
    });
  });

  it('two gates with one login are tried each where they ask another service desk, and once where they ask the same', async () => {
    const desk = (serviceDesk: string, name: string) => ({ ...jira, serviceDesk, name });
    const revert = (gate: object) => ({ policy: { revert: { gates: [gate] } } });
    expect(await examine([desk('5', 'request')], revert(desk('4', 'undo')))).toMatchObject({
      ok: false,
      told: [expect.stringMatching(/^login-lacks-rights stops: The login of gate request,/)],
    });
    expect(await examine([desk('4', 'request')], revert(desk('5', 'undo')))).toMatchObject({
      ok: true,
      told: [expect.stringMatching(/^login-lacks-rights warns: The login of gate undo,/)],
    });
    const before = cloud.azure.receipts().itsm.length;
    const logins = { JIRA_LOGIN: 'slipway@example.com:WRONGSECRET' };
    expect(await examine([jira, { ...jira, name: 'second', requestType: '18' }], { logins, policy: { combine: 'any' } })).toMatchObject({
      ok: false,
      told: [expect.stringMatching(/^login-refused stops: The login of gate request,/)],
    });
    expect(cloud.azure.receipts().itsm).toHaveLength(before + 1);
  });

  it('does not send the text of a reference that Key Vault did not resolve', async () => {
    const before = cloud.azure.receipts().itsm.length;
    const { told } = await examine([jira], { logins: { JIRA_LOGIN: '@Microsoft.KeyVault(SecretUri=https://vault.example/secrets/jira)' } });
    expect(told).toEqual([expect.stringMatching(/^login-unresolved warns: /)]);
    expect(cloud.azure.receipts().itsm).toHaveLength(before);
  });
});

describe('a login that was refused', () => {
  const wrong = 'slipway@example.com:WRONGSECRET';
  const calls = () => cloud.azure.receipts().itsm.length;

  it('is not tried again for a minute, however often and by how many it is asked, and what was told is told', async () => {
    const { examine, time } = doctor([serviceNow, jira], { logins: { ...rightLogins(), JIRA_LOGIN: wrong } });
    const before = cloud.azure.receipts().itsm.filter(({ service }) => service === 'jira').length;
    const tried = () => cloud.azure.receipts().itsm.filter(({ service }) => service === 'jira').length - before;
    const first = await examine();
    expect(first.told).toContainEqual(expect.stringMatching(/^login-refused stops: .* answers 401: Client must be authenticated/));
    const all = calls();
    for (const again of await Promise.all([examine(), examine(), examine()])) expect(again).toEqual(first);
    time.nowMs += 59_999;
    expect(await examine()).toEqual(first);
    expect(tried()).toBe(1);
    // The other gate's login is taken, and is tried each time.
    expect(calls()).toBeGreaterThan(all);
    time.nowMs += 1;
    const later = await Promise.all([examine(), examine(), examine()]);
    expect(later).toEqual([first, first, first]);
    expect(tried()).toBe(2);
  });

  it('is tried once by gates that ask another service desk with it', async () => {
    const before = calls();
    const { told } = await examine([jira, { ...jira, name: 'second', serviceDesk: '5' }], { logins: { JIRA_LOGIN: wrong } });
    expect(told).toEqual([
      expect.stringMatching(/^login-refused stops: The login of gate request,/),
      expect.stringMatching(/^login-refused stops: The login of gate second,/),
    ]);
    expect(calls()).toBe(before + 1);
  });

  it('is another where the setting holds another, where the service is another, and where it signs in another way', async () => {
    const { examine, logins } = doctor([jira], { logins: { JIRA_LOGIN: wrong } });
    expect((await examine()).ok).toBe(false);
    Object.assign(logins, rightLogins());
    expect(await examine()).toMatchObject({ ok: true, told: [] });
    const asked: string[] = [];
    const endpoints = await answering(({ url = '' }) => {
      asked.push(url.replace(/\?.*$/, ''));
      return { status: 401, body: {} };
    });
    const both = doctor([serviceNow, { ...serviceNow, name: 'second', auth: 'oauth' }], { endpoints });
    await both.examine();
    await both.examine();
    expect(asked.sort()).toEqual(['/api/now/table/change_request', '/oauth_token.do']);
  });

  it('is no login that lacks rights, nor one that could not be tried: these are tried each time', async () => {
    for (const status of [403, 503]) {
      let asked = 0;
      const endpoints = await answering(() => ({ status, body: { asked: (asked += 1) } }));
      const { examine } = doctor([jira], { endpoints });
      await examine();
      await examine();
      expect(asked).toBe(2);
    }
  });
});
