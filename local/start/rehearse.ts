import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { describe, faultNamed, tellEnding, usage } from './rehearsal-words';
import { endOnSignals } from './ending';
import { openFolder } from './folder';
import { openScreen } from '../../src/cli/screen';
import { rehearsalOf, versionOf } from './rehearsal-settings';
import { rehearse, type Rehearsed } from './rehearse-rollout';

/** dist/local/start → the checkout. */
const repository = path.resolve(__dirname, '..', '..', '..');

interface Options {
  config: string;
  to: string;
  package: string;
  before?: string;
  version?: string;
  fault?: string;
  json: boolean;
}

/** A rollout of the user's own package by the user's own slipway.yaml, against a local Azure that is made for it and gone after it. */
async function main(): Promise<number> {
  const { app, options } = readOptions();
  const fault = faultNamed(options.fault);
  const settings = rehearsalOf(options.config, textOf(options.config), { app, environment: options.to });
  const version = versionOf(settings.policy, options.version);
  const zip = bytesOf(options.package);
  const before = options.before === undefined ? zip : bytesOf(options.before);
  // JSON goes to standard output alone.
  const screen = openScreen(options.json ? process.stderr : process.stdout, process.env, Date.now);
  const root = mkdtempSync(path.join(tmpdir(), 'slipway-rehearsal-'));
  const ending = endOnSignals(process.on.bind(process), {
    nowMs: Date.now,
    acknowledge: () => screen.say('', 'Stopping, as asked.'),
    atOnce: (code) => process.exit(code),
  });
  const stops: (() => Promise<void>)[] = [];
  try {
    const folder = openFolder(repository, root);
    const rehearsed = await rehearse({
      folder,
      settings,
      zip,
      before,
      version,
      fault,
      screen,
      signal: ending.signal,
      stops,
    });
    return tell(rehearsed, options.json);
  } finally {
    for (const stop of stops.reverse()) await stop();
    rmSync(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }

  function tell(rehearsed: Rehearsed, json: boolean): number {
    if (json) process.stdout.write(`${JSON.stringify(rehearsed, null, 2)}\n`);
    else screen.say(...tellEnding(rehearsed));
    return rehearsed.asItShould ? 0 : 1;
  }
}

function readOptions(): { app: string | undefined; options: Options } {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      config: { type: 'string', default: 'slipway.yaml' },
      to: { type: 'string', default: 'production' },
      package: { type: 'string' },
      before: { type: 'string' },
      version: { type: 'string' },
      fault: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  if (values.package === undefined) throw new Error(`--package is missing: the zip that is to be rolled out.\n${usage}`);
  return { app: positionals[0], options: { ...values, package: values.package } };
}

function textOf(file: string): string {
  if (!existsSync(file)) throw new Error(`There is no file ${file}: name the slipway.yaml with --config.`);
  return readFileSync(file, 'utf8');
}

function bytesOf(file: string): Buffer {
  if (!existsSync(file)) throw new Error(`There is no package ${file} to be read.`);
  return readFileSync(file);
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${describe(error)}\n`);
    process.exit(2);
  },
);
