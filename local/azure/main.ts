import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { startLocalAzure, type LocalAzure, type SiteSpec } from './index';

/** A site as in SiteSpec; packages are base64 text. */
type SiteFile = Omit<SiteSpec, 'package' | 'slots'> & {
  package?: string;
  slots: (Omit<SiteSpec['slots'][number], 'package'> & { package?: string })[];
};

const usage = 'Usage: node dist/local/azure/main.js --directory DIR [--site-spec FILE.json] [--run-slot process|none] [--with-parent]';

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      directory: { type: 'string' },
      'site-spec': { type: 'string' },
      'run-slot': { type: 'string', default: 'process' },
      'with-parent': { type: 'boolean', default: false },
    },
  });
  const { directory, 'run-slot': runSlot } = values;
  if (directory === undefined) throw new Error(`--directory is missing: it holds the state. ${usage}`);
  if (runSlot !== 'process' && runSlot !== 'none') throw new Error(`--run-slot is process or none, not '${runSlot}'. ${usage}`);
  // Asked for before anything slow: the parent may be gone by the time all is up.
  const ended = endOrdered(values['with-parent']);
  let isUp = false;
  // Nothing has been served yet: what was begun is taken up at the next start, as after a kill.
  void ended.then(() => isUp || process.exit(0));
  const azure = await startLocalAzure({ directory, runSlot, log: (line) => process.stderr.write(`${line}\n`) });
  const spec = values['site-spec'] === undefined ? undefined : readSpec(values['site-spec']);
  if (spec) await azure.createSite(spec);
  isUp = true;
  process.stdout.write(`${JSON.stringify(addresses(azure))}\n`);
  await ended;
  await azure.stop();
  process.exit(0);
}

/** Resolves when this process is told to end. A closed standard input is an order that arrives on every system, also from a killed parent. */
function endOrdered(withParent: boolean): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
    if (!withParent) return;
    process.stdin.once('end', resolve);
    process.stdin.once('error', () => resolve());
    process.stdin.resume();
  });
}

function addresses(azure: LocalAzure): Record<string, unknown> {
  const { armUrl, caFile, identity, mail, messaging, itsm, inboxUrl, movedPorts } = azure;
  return { pid: process.pid, armUrl, caFile, identity, mail, messaging, itsm, inboxUrl, movedPorts, sites: azure.sites() };
}

function readSpec(file: string): SiteSpec {
  const text = readFileSync(file, 'utf8');
  let spec: SiteFile;
  try {
    spec = JSON.parse(text) as SiteFile;
  } catch (error) {
    throw new Error(`${file} is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const { package: production, slots, ...rest } = spec;
  return {
    ...rest,
    ...(production === undefined ? {} : { package: Buffer.from(production, 'base64') }),
    slots: slots.map(({ package: content, ...slot }) => ({
      ...slot,
      ...(content === undefined ? {} : { package: Buffer.from(content, 'base64') }),
    })),
  };
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
