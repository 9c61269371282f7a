import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import https from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { WebSiteManagementClient } from '@azure/arm-appservice';
import type { TokenCredential } from '@azure/identity';
import yazl from 'yazl';
import { startLocalAzure, type LocalAzure, type LocalAzureOptions, type Pace, type SiteSpec } from '../../local/azure';

export const subscriptionId = '11111111-2222-3333-4444-555555555555';
export const group = 'rg-hello';

/** Nothing takes longer than it must. */
export const atOnce: Pace = {
  deploymentMs: 0,
  swapApplyMs: 0,
  swapWarmUpMs: 0,
  swapRouteMs: 0,
  swapFinishMs: 0,
  swapPingAgainMs: 0,
  restartMs: 0,
  scmWakesMs: 0,
  mailMs: 0,
  swapRetryAfterSeconds: 0,
};

export function site(fields: Partial<SiteSpec> = {}): SiteSpec {
  return {
    subscriptionId,
    resourceGroup: group,
    name: 'hello',
    location: 'West Europe',
    planSku: 'EP1',
    kind: 'functionapp',
    appSettings: { FUNCTIONS_WORKER_RUNTIME: 'node', COLOUR: 'blue', KEEP: 'production' },
    stickyNames: ['KEEP'],
    slots: [{ name: 'staging', appSettings: { FUNCTIONS_WORKER_RUNTIME: 'node', COLOUR: 'blue', KEEP: 'staging' } }],
    ...fields,
  };
}

export interface Cloud {
  azure: LocalAzure;
  client: WebSiteManagementClient;
  credential: PlatformIdentity;
  directory: string;
  /** A request to a TLS address of the local Azure with a bearer token of the resource manager, unless headers say otherwise. */
  ask(method: string, url: string, options?: { body?: Buffer | string; headers?: Record<string, string> }): Promise<Reply>;
  /** Stops it and starts another on the same directory. */
  again(options?: Partial<LocalAzureOptions>): Promise<void>;
  close(): Promise<void>;
}

export interface PlatformIdentity extends TokenCredential {
  getToken(scope: string | string[]): Promise<{ token: string; expiresOnTimestamp: number }>;
}

/** ManagedIdentityCredential keeps the first endpoint it saw for the whole process; these tests have a local Azure each. */
function platformIdentity({ endpoint, header }: { endpoint: string; header: string }): PlatformIdentity {
  return {
    async getToken(scope) {
      const resource = [scope].flat()[0]?.replace(/\/\.default$/, '') ?? '';
      const url = `${endpoint}?api-version=2019-08-01&resource=${encodeURIComponent(resource)}`;
      const answer = await fetch(url, { headers: { 'x-identity-header': header } });
      if (!answer.ok) throw new Error(`The identity endpoint answered ${answer.status}.`);
      const { access_token: token, expires_on: expiresOn } = (await answer.json()) as { access_token: string; expires_on: string };
      return { token, expiresOnTimestamp: Number(expiresOn) * 1000 };
    },
  };
}

// Wire bodies are looked into freely; each expectation says what must be there.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Json = any;

export interface Reply {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  json(): Json;
}

export async function startCloud(options: Partial<LocalAzureOptions> = {}): Promise<Cloud> {
  const directory = options.directory ?? mkdtempSync(path.join(tmpdir(), 'local-azure-'));
  const begin = (more: Partial<LocalAzureOptions> = {}): Promise<LocalAzure> =>
    startLocalAzure({ runSlot: 'none', pace: atOnce, ...options, ...more, directory });
  const cloud = { directory } as Cloud;
  const connect = (azure: LocalAzure): void => {
    const ca = readFileSync(azure.caFile, 'utf8');
    cloud.azure = azure;
    cloud.credential = platformIdentity(azure.identity);
    cloud.client = new WebSiteManagementClient(cloud.credential, subscriptionId, {
      endpoint: azure.armUrl,
      tlsOptions: { ca },
      retryOptions: { maxRetries: 0 },
      redirectOptions: { maxRetries: 0 },
    });
    cloud.ask = async (method, url, { body, headers = {} } = {}) => {
      const token = await cloud.credential.getToken('https://management.azure.com/.default');
      return request(method, url, ca, { authorization: `Bearer ${token.token}`, 'content-type': 'application/json', ...headers }, body);
    };
  };
  cloud.again = async (more) => {
    await cloud.azure.stop();
    connect(await begin(more));
  };
  cloud.close = async () => {
    await cloud.azure.stop();
    if (options.directory === undefined) rmSync(directory, { recursive: true, force: true });
  };
  connect(await begin());
  return cloud;
}

export function request(method: string, url: string, ca: string, headers: Record<string, string>, body?: Buffer | string): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const sent = https.request(
      url,
      { method, headers: { ...headers, ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }) }, ca },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text, json: () => JSON.parse(text) });
        });
      },
    );
    sent.once('error', reject);
    sent.end(body);
  });
}

/** A request whose body is sent later: resolves when the server has its head. */
export async function headOf(
  cloud: Cloud,
  method: string,
  url: string,
  body: Buffer | string,
): Promise<{ sendBody(): Promise<{ status: number }> }> {
  const token = await cloud.credential.getToken('https://management.azure.com/.default');
  const sent = https.request(url, {
    method,
    headers: {
      authorization: `Bearer ${token.token}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      expect: '100-continue',
    },
    ca: readFileSync(cloud.azure.caFile, 'utf8'),
  });
  const answered = once(sent, 'response') as Promise<[IncomingMessage]>;
  sent.flushHeaders();
  await once(sent, 'continue');
  return {
    async sendBody() {
      sent.end(body);
      const [answer] = await answered;
      answer.resume();
      return { status: answer.statusCode ?? 0 };
    },
  };
}

export async function zipOf(files: Record<string, string>): Promise<Buffer> {
  const zip = new yazl.ZipFile();
  for (const [name, content] of Object.entries(files)) zip.addBuffer(Buffer.from(content), name);
  zip.end();
  const chunks: Buffer[] = [];
  for await (const chunk of zip.outputStream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** A package that the stand-in reads: it is told apart by its VERSION. */
export const plainApp = (version: string): Promise<Buffer> =>
  zipOf({
    'host.json': '{"version":"2.0"}',
    'package.json': '{"main":"main.js"}',
    'main.js': "app.http('hello', {}); app.storageQueue('orders', {});",
    VERSION: version,
  });

export const armPath = (azure: LocalAzure, rest: string): string =>
  `${azure.armUrl}/subscriptions/${subscriptionId}/resourceGroups/${group}/providers/Microsoft.Web/${rest}${rest.includes('?') ? '&' : '?'}api-version=2025-05-01`;

export const served = async (azure: LocalAzure, slot?: string): Promise<string | null> => {
  const answer = await fetch(`${azure.siteUrl('hello', slot)}/api/hello`);
  return answer.ok ? ((await answer.json()) as { version: string | null }).version : `status ${answer.status}`;
};

export const push = (cloud: Cloud, slot: string, zip: Buffer, query = 'isAsync=true&deployer=slipway&message=r1.1'): Promise<Reply> =>
  cloud.ask('POST', `${cloud.azure.scmUrl('hello', slot)}/api/zipdeploy?${query}`, {
    body: zip,
    headers: { 'content-type': 'application/octet-stream' },
  });

/** Asks again until it is so; the work it waits for is real, its delays are none. */
export async function until<T>(read: () => Promise<T>, so: (value: T) => boolean): Promise<T> {
  for (;;) {
    const value = await read();
    if (so(value)) return value;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
