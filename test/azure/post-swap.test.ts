import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openCertificates } from '../../local/azure/certificates';
import { openStore } from '../../local/azure/store';
import type { AppControl } from '../../src/azure/app-control';
import { armAppControl } from '../../src/azure/app-control-arm';
import { judgeSwapRefusal } from '../../src/azure/swap-refusal';
import type { Target } from '../../src/domain/settings';

const target: Target = { subscription: '11111111-2222-3333-4444-555555555555', resourceGroup: 'rg', functionApp: 'hello', slot: 'staging' };

type Answer = { status: number; headers?: Record<string, string>; body?: string } | 'reset' | 'reset-after-body';

/** An ARM that answers every request to swap in the same way, and counts them. */
describe('the POST of a swap, on the wire', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'post-swap-'));
  const store = openStore(directory);
  let server: https.Server;
  let control: AppControl;
  let answer: Answer;
  let seen: { method: string; url: string; body: string }[];

  beforeAll(async () => {
    const { caFile, key, cert } = await openCertificates(store, directory);
    server = https.createServer({ key, cert }, (request, response) => {
      let body = '';
      request.on('data', (part: Buffer) => (body += part.toString()));
      request.on('end', () => {
        seen.push({ method: request.method ?? '', url: request.url ?? '', body });
        if (answer === 'reset') return void request.socket.destroy();
        if (answer === 'reset-after-body') {
          response.writeHead(202, { 'content-length': '100' });
          response.write('{');
          return void setImmediate(() => request.socket.destroy());
        }
        response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
        response.end(answer.body);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    control = armAppControl({
      credential: { getToken: () => Promise.resolve({ token: 'token', expiresOnTimestamp: Date.now() + 3_600_000 }) },
      armEndpoint: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
      ca: readFileSync(caFile, 'utf8'),
      digestAt: () => undefined,
      contentOf: () => Promise.resolve({ kind: 'unreadable' }),
    });
  });
  beforeEach(() => (seen = []));
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    store.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it('goes to the slot, names production, and is not polled', async () => {
    answer = { status: 202, headers: { location: '/elsewhere', 'retry-after': '0' } };
    expect(await control.postSwap(target)).toEqual({ kind: 'accepted' });
    expect(seen.map(({ method, body }) => [method, JSON.parse(body)])).toEqual([
      ['POST', { targetSlot: 'production', preserveVnet: true }],
    ]);
    expect(seen[0]?.url).toContain('/sites/hello/slots/staging/slotsswap?api-version=');
  });

  const cases: [string, Answer, object][] = [
    ['500', { status: 500, body: '' }, { kind: 'unknown', code: 'http-500' }],
    ['502', { status: 502, body: '<html></html>' }, { kind: 'unknown', code: 'http-502' }],
    ['503 with Retry-After', { status: 503, headers: { 'retry-after': '0' } }, { kind: 'unknown', code: 'http-503' }],
    [
      '504',
      { status: 504, body: '{"error":{"code":"GatewayTimeout","message":"The gateway did not receive a response"}}' },
      { kind: 'unknown', code: 'http-504' },
    ],
    ['408', { status: 408 }, { kind: 'unknown', code: 'http-408' }],
    ['307', { status: 307, headers: { location: '/again' } }, { kind: 'unknown', code: 'http-307' }],
    ['308', { status: 308, headers: { location: '/again' } }, { kind: 'unknown', code: 'http-308' }],
    ['a bare 429', { status: 429, headers: { 'retry-after': '0' } }, { kind: 'unknown', code: 'http-429' }],
    [
      'a 429 of the quota',
      {
        status: 429,
        headers: { 'retry-after': '0' },
        body: '{"error":{"code":"SubscriptionRequestsThrottled","message":"Number of writes exceeded the limit."}}',
      },
      { kind: 'refused', code: 'quota', retryable: true, retryAfterSeconds: 0 },
    ],
    ['a reset', 'reset', { kind: 'unknown', code: 'ECONNRESET' }],
    ['a reset within the answer', 'reset-after-body', { kind: 'unknown' }],
    ['401', { status: 401 }, { kind: 'refused', code: 'other', retryable: false }],
  ];
  it.each(cases)('is one under %s', async (_name, given, expected) => {
    answer = given;
    expect(await control.postSwap(target)).toMatchObject(expected);
    expect(seen.filter(({ method }) => method === 'POST').length).toBe(1);
    expect(seen.length).toBe(1);
  });
});

describe('what a refused swap means', () => {
  const arm = (message: string) => JSON.stringify({ error: { code: 'X', message } });
  const web = (message: string) => JSON.stringify({ Code: 'X', Message: message });
  it.each([
    [
      409,
      arm('Cannot modify this site because another operation is in progress. Details: Id: 1, OperationName: SwapSiteSlots'),
      'unknown',
      'operation-in-progress',
    ],
    [429, web('Cannot acquire exclusive lock to create, update or delete this site. Retry the request later.'), 'unknown', 'locked'],
    [409, arm('Something else.'), 'unknown', 'http-409'],
    [
      409,
      arm('The slot cannot be changed because its configuration settings have been prepared for swap.'),
      'refused',
      'prepared-for-swap',
    ],
    [417, web("Cannot swap site slots for site 'x' because the 'Staging' slot did not respond to http ping."), 'refused', 'ping-failed'],
    [
      400,
      web("Cannot swap slots for site 'x' because the allocation of VM instances for 'staging' slot has changed during the swap process."),
      'refused',
      'vm-allocation',
    ],
    [
      400,
      web("Cannot swap slots because the application initialization in 'staging' slot either took too long or failed."),
      'refused',
      'warm-up-failed',
    ],
    [403, arm('does not have authorization'), 'refused', 'other'],
    [404, 'no JSON', 'refused', 'other'],
    [200, '', 'unknown', 'http-200'],
    [503, web('did not respond to http ping'), 'unknown', 'http-503'],
  ])('%s %s → %s %s', (status, body, kind, code) => {
    expect(judgeSwapRefusal(status, body, undefined)).toMatchObject({ kind, code });
  });

  it('hands on a Retry-After that is a number', () => {
    expect(judgeSwapRefusal(429, arm('throttled'), '17')).toMatchObject({ retryAfterSeconds: 17, retryable: true });
    expect(judgeSwapRefusal(429, arm('throttled'), 'Fri, 31 Dec 1999 23:59:59 GMT')).not.toHaveProperty('retryAfterSeconds');
  });
});
