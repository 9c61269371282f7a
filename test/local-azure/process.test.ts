import { afterEach, expect, test } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { plainApp, request, site, until } from './cloud';

const main = path.join(__dirname, '../../dist/local/azure/main.js');

interface Ready {
  pid: number;
  armUrl: string;
  caFile: string;
  identity: { endpoint: string; header: string };
  movedPorts: { name: string; before: number; now: number }[];
  sites: { name: string; slot: string; url: string; scmUrl: string }[];
}

const directory = mkdtempSync(path.join(tmpdir(), 'local-azure-process-'));
let child: ChildProcess | undefined;

afterEach(async () => {
  if (child?.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  rmSync(directory, { recursive: true, force: true });
});

async function start(): Promise<Ready> {
  const spec = site();
  writeFileSync(path.join(directory, 'site.json'), JSON.stringify({ ...spec, package: (await plainApp('1')).toString('base64') }));
  const args = [
    '--directory',
    path.join(directory, 'state'),
    '--site-spec',
    path.join(directory, 'site.json'),
    '--run-slot',
    'none',
    '--with-parent',
  ];
  child = spawn(process.execPath, [main, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  if (!child.stdout) throw new Error('The process has no standard output.');
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return JSON.parse(line) as Ready;
}

async function call(
  ready: Ready,
  method: string,
  url: string,
  body?: Buffer,
): Promise<{ status: number; json(): { message: string; complete: boolean }[] }> {
  const { endpoint, header } = ready.identity;
  const token = await fetch(`${endpoint}?api-version=2019-08-01&resource=https://management.azure.com`, {
    headers: { 'x-identity-header': header },
  });
  const { access_token: bearer } = (await token.json()) as { access_token: string };
  return request(method, url, readFileSync(ready.caFile, 'utf8'), { authorization: `Bearer ${bearer}` }, body);
}

test('killed at any moment it comes back with the same addresses and all that it acknowledged; it ends with its parent', async () => {
  const first = await start();
  const staging = first.sites.find(({ slot }) => slot === 'staging');
  const pushed = await call(first, 'POST', `${staging?.scmUrl}/api/zipdeploy?isAsync=true&message=r1.1`, await plainApp('2'));
  expect(pushed.status).toBe(202);
  child?.kill('SIGKILL');
  if (child) await once(child, 'exit');

  const second = await start();
  expect({ ...second, pid: first.pid }).toEqual(first);
  expect(second.movedPorts).toEqual([]);
  const deployments = await call(second, 'GET', `${staging?.scmUrl}/api/deployments`);
  expect(deployments.json().map((each) => each.message)).toEqual(['r1.1']);
  const answer = await until(
    () => fetch(`${second.sites[0]?.url}/api/hello`),
    (each) => each.status !== 503,
  );
  expect(await answer.json()).toMatchObject({ version: '1' });

  child?.stdin?.end();
  if (child) expect(await once(child, 'exit')).toEqual([0, null]);
});
