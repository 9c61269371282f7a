import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';

export interface Azurite {
  connectionString: string;
  /** Of one of the accounts that it was started with. */
  connectionStringOf(account: Account): string;
  stop(): Promise<void>;
}

export interface Account {
  name: string;
  /** In base64. */
  key: string;
}

/** Azurite's well-known account: documented, and no secret. */
const wellKnown: Account = {
  name: 'devstoreaccount1',
  key: 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==',
};

/** A real Azurite in a process of its own, on free ports, that keeps nothing. `accounts`: instead of the well-known one. */
export async function startAzurite(accounts: readonly [Account, ...Account[]] = [wellKnown]): Promise<Azurite> {
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
      // It never hangs up first: under load a request would go into a connection that it has just closed, and be sent again.
      ...['blob', 'queue', 'table'].flatMap((service) => [`--${service}KeepAliveTimeout`, '600']),
    ],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, AZURITE_ACCOUNTS: accounts.map(({ name, key }) => `${name}:${key}`).join(';') },
    },
  );
  const urls: Record<string, string> = {};
  for await (const line of createInterface({ input: child.stdout })) {
    const [, service, url] = /^Azurite (Blob|Queue|Table) service .*listening (?:at|on) (http:\S+)/.exec(line) ?? [];
    if (service && url) urls[service] = url;
    if (Object.keys(urls).length === 3) break;
  }
  if (Object.keys(urls).length < 3) throw new Error('Azurite ended before it listened.');
  child.stdout.resume();
  const connectionStringOf = ({ name, key }: Account): string =>
    [
      'DefaultEndpointsProtocol=http',
      `AccountName=${name}`,
      `AccountKey=${key}`,
      ...Object.entries(urls).map(([service, url]) => `${service}Endpoint=${url}/${name}`),
    ].join(';');
  return {
    connectionString: connectionStringOf(accounts[0]),
    connectionStringOf,
    async stop() {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}
