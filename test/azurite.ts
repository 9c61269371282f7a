import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';

export interface Azurite {
  connectionString: string;
  stop(): Promise<void>;
}

const account = 'devstoreaccount1';
/** Azurite's well-known key: documented, and no secret. */
const key = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

/** A real Azurite in a process of its own, on free ports, that keeps nothing. */
export async function startAzurite(): Promise<Azurite> {
  const main = path.join(path.dirname(require.resolve('azurite/package.json')), 'dist/src/azurite.js');
  const child = spawn(
    process.execPath,
    [
      main,
      '--inMemoryPersistence',
      '--disableTelemetry',
      '--skipApiVersionCheck',
      '--silent',
      '--blobPort',
      '0',
      '--queuePort',
      '0',
      '--tablePort',
      '0',
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const urls: Record<string, string> = {};
  for await (const line of createInterface({ input: child.stdout })) {
    const [, service, url] = /^Azurite (Blob|Queue|Table) service .*listening (?:at|on) (http:\S+)/.exec(line) ?? [];
    if (service && url) urls[service] = url;
    if (Object.keys(urls).length === 3) break;
  }
  if (Object.keys(urls).length < 3) throw new Error('Azurite ended before it listened.');
  child.stdout.resume();
  return {
    connectionString: [
      'DefaultEndpointsProtocol=http',
      `AccountName=${account}`,
      `AccountKey=${key}`,
      ...Object.entries(urls).map(([service, url]) => `${service}Endpoint=${url}/${account}`),
    ].join(';'),
    async stop() {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}
