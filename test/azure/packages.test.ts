import { BlobServiceClient } from '@azure/storage-blob';
import { createHash } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { fetchFile } from '../../src/azure/fetch-file';
import { createOutgoing } from '../../src/azure/outgoing';
import type { Packages } from '../../src/azure/packages';
import { blobPackages } from '../../src/azure/packages-blob';
import { virtualClock } from '../../local/host';
import { startAzurite, type Azurite } from '../azurite';
import { zipOf } from '../local-azure/cloud';
import { standBefore } from '../scenarios/storage-outage';

const digestOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const secret = '?sig=tr0ub4dor';

let azurite: Azurite;
let packages: Packages;
let server: http.Server;
let base: string;
let answers: Record<string, { status?: number; location?: string; body?: Buffer; cut?: boolean }>;
let asked: string[];

beforeAll(async () => {
  azurite = await startAzurite();
  const outgoing = createOutgoing({ packages: [], private: [], loopback: true });
  packages = blobPackages({ kind: 'connection-string', text: azurite.connectionString }, outgoing, 'slipway-packages', 100_000);
  server = http.createServer((request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    asked.push(path);
    const { status = 200, location, body = Buffer.alloc(0), cut = false } = answers[path] ?? { status: 404 };
    response.writeHead(status, { ...(location ? { location } : {}), 'content-length': body.length + (cut ? 1 : 0) });
    response.end(body);
    if (cut) response.on('finish', () => request.socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  answers = {};
  asked = [];
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await azurite.stop();
});

describe('keeping packages', () => {
  it('keeps a package under its digest, once', async () => {
    const zip = await zipOf({ 'host.json': '{}', 'app/main.js': 'ä' });
    answers['/app.zip'] = { body: zip };
    expect(await packages.has(digestOf(zip))).toBe(false);
    expect(await packages.read(digestOf(zip))).toBeUndefined();
    expect(await packages.fetchAndKeep(`${base}/app.zip${secret}`, digestOf(zip))).toEqual({ kind: 'kept', sizeBytes: zip.length });
    expect(await packages.fetchAndKeep(`${base}/app.zip${secret}`, digestOf(zip))).toEqual({ kind: 'kept', sizeBytes: zip.length });
    expect(asked).toEqual(['/app.zip']);
    expect(await packages.has(digestOf(zip))).toBe(true);
    expect((await packages.read(digestOf(zip)))?.equals(zip)).toBe(true);
  });

  it('keeps it under many at once', async () => {
    const zip = await zipOf({ 'host.json': '{"at":"once"}' });
    answers['/app.zip'] = { body: zip };
    const all = await Promise.all(Array.from({ length: 5 }, () => packages.fetchAndKeep(`${base}/app.zip`, digestOf(zip))));
    expect(all.every(({ kind }) => kind === 'kept')).toBe(true);
  });

  it('names the digest it found', async () => {
    const zip = await zipOf({ 'host.json': '{"other":1}' });
    answers['/app.zip'] = { body: zip };
    expect(await packages.fetchAndKeep(`${base}/app.zip`, 'f'.repeat(64))).toEqual({ kind: 'wrong-digest', found: digestOf(zip) });
    expect(await packages.has('f'.repeat(64))).toBe(false);
  });

  it('refuses what is no package, saying why', async () => {
    const whyOf = async (body: Buffer) => {
      answers['/app.zip'] = { body };
      const answer = await packages.fetchAndKeep(`${base}/app.zip${secret}`, digestOf(body));
      expect(await packages.has(digestOf(body))).toBe(false);
      return answer.kind === 'not-a-package' ? answer.why : answer.kind;
    };
    expect(await whyOf(Buffer.from('no zip at all'))).toMatch(/no zip archive/);
    expect(await whyOf(await zipOf({ 'main.js': '' }))).toMatch(/no host.json at its root/);
    expect(await whyOf(await zipOf({ 'hello/host.json': '{}' }))).toMatch(/host.json lies in "hello\/"/);
    expect(await whyOf(Buffer.alloc(100_001))).toMatch(/larger than/);
    const named = async (name: string) => {
      const zip = await zipOf({ 'host.json': '{}', ['x'.repeat(name.length)]: '' });
      return Buffer.from(zip.toString('latin1').replaceAll('x'.repeat(name.length), name), 'latin1');
    };
    expect(await whyOf(await named('../../outside.js'))).toMatch(/directory is broken: invalid relative path/);
    expect(await whyOf(await named('/absolute/path.js'))).toMatch(/directory is broken: absolute path/);
  });

  it('says where a package could not be fetched from, never the query', async () => {
    answers['/away'] = { status: 302, location: `/app.zip${secret}` };
    answers['/loop'] = { status: 302, location: '/loop' };
    answers['/cut'] = { body: Buffer.alloc(10), cut: true };
    const whyOf = async (url: string) => {
      const answer = await packages.fetchAndKeep(url, 'e'.repeat(64));
      expect(JSON.stringify(answer)).not.toContain('tr0ub4dor');
      return answer.kind === 'unreachable' ? answer.why : answer.kind;
    };
    expect(await whyOf(`${base}/missing${secret}`)).toMatch(/^127\.0\.0\.1:\d+ answered 404/);
    expect(await whyOf(`${base}/away`)).toMatch(/answered 404/);
    expect(await whyOf(`${base}/loop`)).toMatch(/redirects more than 4 times/);
    expect(await whyOf(`${base}/cut`)).toMatch(/broke off/);
    expect(await whyOf(`http://127.0.0.1:1/app.zip${secret}`)).toMatch(/could not be reached: ECONNREFUSED/);
    expect(await whyOf(`http://example.com/app.zip${secret}`)).toMatch(/not https/);
    expect(await whyOf(`file:///etc/passwd${secret}`)).toMatch(/not https/);
    expect(await whyOf(`https://user:tr0ub4dor@example.com/`)).toMatch(/user name or password/);
    expect(await whyOf('https://169.254.169.254/metadata')).toMatch(/belongs to the platform/);
    expect(await whyOf('nonsense')).toMatch(/no URL/);
  });

  it('does not let a redirect lead inside', async () => {
    answers['/inside'] = { status: 307, location: 'https://10.0.0.1/app.zip' };
    const answer = await packages.fetchAndKeep(`${base}/inside`, 'e'.repeat(64));
    expect(answer).toMatchObject({
      kind: 'unreachable',
      why: expect.stringMatching(/A redirect was not followed: its address is a private one/),
    });
  });

  it('fetches nothing from this machine unless it is a laptop, and nothing from a host that nobody named', async () => {
    const outgoing = createOutgoing({ packages: ['*.example.com'], private: [], loopback: false });
    for (const url of [
      `${base}/app.zip`,
      base.replace('127.0.0.1', 'localhost'),
      base.replace('http:', 'https:').replace('127.0.0.1', '[::ffff:127.0.0.1]'),
      'https://builds.elsewhere.net/app.zip',
    ])
      expect(await fetchFile(outgoing, url, '/dev/null', 10)).toMatchObject({ kind: 'unreachable' });
    expect(asked).toEqual([]);
  });

  it("reads a blob of its own account with its own credential, whatever the URL's signature", async () => {
    const zip = await zipOf({ 'host.json': '{"own":1}' });
    const container = BlobServiceClient.fromConnectionString(azurite.connectionString).getContainerClient('builds');
    await container.create();
    await container.getBlockBlobClient('hello app/2.0.0.zip').uploadData(zip);
    const url = `${container.url}/hello%20app/2.0.0.zip${secret}`;
    expect(await packages.fetchAndKeep(url, digestOf(zip))).toEqual({ kind: 'kept', sizeBytes: zip.length });
    expect(await packages.fetchAndKeep(`${container.url}/missing.zip${secret}`, 'd'.repeat(64))).toMatchObject({ kind: 'unreachable' });
  });

  it('notices that a kept package was changed', async () => {
    const digest = 'c'.repeat(64);
    await BlobServiceClient.fromConnectionString(azurite.connectionString)
      .getContainerClient('slipway-packages')
      .getBlockBlobClient(digest)
      .uploadData(Buffer.from('else'));
    await expect(packages.read(digest)).rejects.toThrow(/no longer has its digest/);
  });
});

describe('storage that takes requests and does not answer', () => {
  it('is given up in words, looked at or read, and holds what it held when it answers again', async () => {
    const zip = await zipOf({ 'host.json': '{}', 'stalled.js': 'kept before' });
    answers['/stalled.zip'] = { body: zip };
    await packages.fetchAndKeep(`${base}/stalled.zip`, digestOf(zip));
    const clock = virtualClock();
    const way = await standBefore(azurite.connectionString, clock);
    const outgoing = createOutgoing({ packages: [], private: [], loopback: true });
    const within = { lookMs: 300, transferMs: 400 };
    const impatient = blobPackages(
      { kind: 'connection-string', text: way.connectionString },
      outgoing,
      'slipway-packages',
      100_000,
      within,
    );

    way.begin('stalls', 60);
    await expect(impatient.has(digestOf(zip))).rejects.toThrow('The storage account did not answer within 0.3 s.');
    await expect(impatient.read(digestOf(zip))).rejects.toThrow('The storage account did not answer within 0.4 s.');
    await clock.advance(60_000);
    expect((await packages.read(digestOf(zip)))?.equals(zip)).toBe(true);
    await way.stop();
  });
});
