import { existsSync, readdirSync, readFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { refuseForeign } from '../../host/loopback-guard';
import type { ContentToRun, IndexedFunction, RunningContent } from './running';

const triggers: Record<string, string> = {
  http: 'httpTrigger',
  get: 'httpTrigger',
  post: 'httpTrigger',
  timer: 'timerTrigger',
  storageQueue: 'queueTrigger',
  storageBlob: 'blobTrigger',
  serviceBusQueue: 'serviceBusTrigger',
  serviceBusTopic: 'serviceBusTrigger',
  eventHub: 'eventHubTrigger',
};

/**
 * Content that is not run: every request is answered with what would serve it (site, slot, `VERSION` file of the package if it has one).
 * Functions are read from the files instead of from a host: `function.json` folders, and `app.http('name'` and the like in `main`.
 */
export async function standIn(content: ContentToRun): Promise<RunningContent> {
  const versionFile = path.join(content.directory, 'VERSION');
  const version = existsSync(versionFile) ? readFileSync(versionFile, 'utf8').trim() : null;
  const server = http.createServer((request, response) => {
    request.resume();
    const refusal = refuseForeign(request, (server.address() as AddressInfo).port);
    if (refusal) {
      response.writeHead(refusal.status).end(refusal.reason);
      return;
    }
    const found = existsSync(path.join(content.directory, 'host.json'));
    response.writeHead(found ? 200 : 404, { 'content-type': 'application/json' });
    response.end(found ? JSON.stringify({ standIn: true, site: content.site, slot: content.slot, version, path: request.url }) : '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  let end: () => void = () => {};
  const ended = new Promise<void>((resolve) => (end = resolve));
  return {
    port: (server.address() as AddressInfo).port,
    functions: () => Promise.resolve(existsSync(path.join(content.directory, 'host.json')) ? readFunctions(content.directory) : []),
    keys: () => Promise.resolve(content.keys),
    ended,
    async stop() {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      end();
    },
  };
}

function readFunctions(directory: string): IndexedFunction[] {
  const fromFolders = readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(path.join(directory, entry.name, 'function.json')))
    .map((entry): IndexedFunction => {
      const file = readFileSync(path.join(directory, entry.name, 'function.json'), 'utf8');
      const bindings = (JSON.parse(file) as { bindings?: Record<string, unknown>[] }).bindings ?? [];
      const isHttp = bindings.some((binding) => binding['type'] === 'httpTrigger');
      return { name: entry.name, bindings, ...(isHttp ? { invokePath: `/api/${entry.name}` } : {}) };
    });
  return fromFolders.length ? fromFolders : readRegistrations(directory);
}

function readRegistrations(directory: string): IndexedFunction[] {
  const packageFile = path.join(directory, 'package.json');
  if (!existsSync(packageFile)) return [];
  const { main } = JSON.parse(readFileSync(packageFile, 'utf8')) as { main?: string };
  const mainFile = main === undefined ? undefined : path.join(directory, main);
  if (mainFile === undefined || !existsSync(mainFile)) return [];
  const text = readFileSync(mainFile, 'utf8');
  return [...text.matchAll(/\bapp\.(\w+)\(\s*["'`]([\w-]+)["'`]/g)].flatMap(([, kind, name]): IndexedFunction[] => {
    const type = triggers[kind ?? ''];
    if (type === undefined || name === undefined) return [];
    return [
      { name, bindings: [{ type, direction: 'in', name: 'input' }], ...(type === 'httpTrigger' ? { invokePath: `/api/${name}` } : {}) },
    ];
  });
}
