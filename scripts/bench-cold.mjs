#!/usr/bin/env node
/*
 * npm run bench:cold [-- --json] [--runs N]: how long the shipped bundle takes to load in a new process, against the same app unbundled in the same
 * run; both above an empty node process, with a warm and with a cold page cache. Exit code 1 where the bundle takes more than 0.45 of it.
 */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildPackage } from './build-package.mjs';

const goal = 0.45;
const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const { values } = parseArgs({ options: { json: { type: 'boolean', default: false }, runs: { type: 'string', default: '11' } } });
const runs = Number(values.runs);
const scratch = mkdtempSync(path.join(tmpdir(), 'slipway-cold-'));
const key = `k1:${randomBytes(32).toString('base64url')}`;

/** Settings by which everything is made, and nothing is reached: adapters connect when they are used. */
const environment = {
  ...process.env,
  AzureWebJobsStorage__accountName: 'nowhere',
  TASK_HUB_NAME: 'Cold',
  SLIPWAY_CONFIG: path.join(repository, 'examples', 'slipway.yaml'),
  SLIPWAY_PUBLIC_URL: 'https://slipway.example.com',
  SLIPWAY_MAIL_ENDPOINT: 'https://slipway.communication.azure.com',
  SLIPWAY_MAIL_SENDER: 'slipway@example.com',
  SLIPWAY_LINK_KEYS: key,
  SLIPWAY_LEDGER_KEYS: key,
  // What the example's channels are reached by: every channel is loaded.
  SLACK_TEAM_URL: 'https://hooks.slack.com/services/none',
  TEAMS_URL: 'https://example.logic.azure.com/none',
  PAGERDUTY_ROUTING_KEY: '0'.repeat(32),
  EVENTS_URL: 'https://events.example.com/none',
  EVENTS_SECRET: `whsec_${randomBytes(32).toString('base64')}`,
};

/** In place of the module that the host's worker brings: takes every registration and does nothing. */
const worker = path.join(scratch, 'worker.js');
writeFileSync(
  worker,
  `const Module = require('node:module');
const load = Module._load;
const core = { version: '4.0.0', hostVersion: '4.0.0', registerFunction() {}, setProgrammingModel() {}, getProgrammingModel() {}, registerHook() {}, Disposable: class { dispose() {} }, log() {} };
Module._load = (request, ...rest) => (request === '@azure/functions-core' ? core : load(request, ...rest));
if (process.env.LIST_TO) process.on('exit', () => require('node:fs').writeFileSync(process.env.LIST_TO, Object.keys(require.cache).join('\\n')));
`,
);

const load = (entry, more = {}) => {
  const startedMs = performance.now();
  const { status, stderr } = spawnSync(
    process.execPath,
    ['-r', worker, ...(entry ? ['-e', `require(${JSON.stringify(entry)}); process.exit(0)`] : ['-e', 'process.exit(0)'])],
    {
      env: { ...environment, ...more },
      cwd: repository,
      encoding: 'utf8',
    },
  );
  if (status !== 0) throw new Error(`${entry ?? 'An empty process'} did not load: ${stderr.slice(-2000)}`);
  return performance.now() - startedMs;
};

/** Files that loading an entry reads. */
function filesOf(entry) {
  const list = path.join(scratch, 'files');
  load(entry, { LIST_TO: list });
  return readFileSync(list, 'utf8')
    .split('\n')
    .filter((file) => existsSync(file));
}

/** Takes files out of the page cache (dd asks the kernel for it, file by file); false where the system has no way. */
function forget(files) {
  for (const file of files)
    if (spawnSync('dd', [`of=${file}`, 'oflag=nocache', 'conv=notrunc,fdatasync', 'count=0'], { stdio: 'ignore' }).status !== 0)
      return false;
  return true;
}

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

/** In turns, so that whatever else the machine does falls on all alike. */
function measure(entries, before) {
  const times = entries.map(() => []);
  for (let n = 0; n < runs; n++)
    for (const [i, entry] of entries.entries()) {
      if (!before(entry)) return undefined;
      times[i].push(load(entry));
    }
  const [empty, bundled, unbundled] = times.map(median);
  const [above, aboveUnbundled] = [bundled - empty, unbundled - empty];
  return {
    emptyMs: empty,
    bundledMs: bundled,
    unbundledMs: unbundled,
    bundledAboveMs: above,
    unbundledAboveMs: aboveUnbundled,
    ratio: above / aboveUnbundled,
  };
}

try {
  const { folder, bundleBytes } = await buildPackage({ out: path.join(scratch, 'package') });
  const bundle = path.join(folder, 'slipway.js');
  const unbundled = path.join(repository, 'dist', 'src', 'functions.js');
  if (!existsSync(unbundled)) throw new Error('There is no dist/src/functions.js: run npm run build first.');
  const entries = [undefined, bundle, unbundled];
  const files = new Map([[undefined, []], ...[bundle, unbundled].map((entry) => [entry, filesOf(entry)])]);
  for (const entry of entries) load(entry);
  const warm = measure(entries, () => true);
  const cold = process.platform === 'linux' ? measure(entries, (entry) => forget(files.get(entry))) : undefined;
  const result = { goal, node: process.version, bundleBytes, filesUnbundled: files.get(unbundled).length, runs, warm, cold: cold ?? null };
  if (values.json) console.log(JSON.stringify(result, null, 2));
  else {
    const line = (name, figures) =>
      figures
        ? `${name.padEnd(6)} ${figures.emptyMs.toFixed(0).padStart(8)} ${figures.bundledMs.toFixed(0).padStart(9)} ${figures.unbundledMs.toFixed(0).padStart(11)} ${figures.ratio.toFixed(3).padStart(8)}`
        : `${name.padEnd(6)} not measured: this system has no way to take files out of the page cache`;
    console.log(
      `Loading Slipway in a new process, ${process.version}, median of ${runs} in ms; the bundle has ${Math.round(bundleBytes / 1024)} kB, unbundled it is ${result.filesUnbundled} files.`,
    );
    console.log(
      `${'cache'.padEnd(6)} ${'empty'.padStart(8)} ${'bundled'.padStart(9)} ${'unbundled'.padStart(11)} ${'ratio'.padStart(8)}   goal ${goal}`,
    );
    console.log(line('warm', warm));
    console.log(line('cold', cold));
  }
  if ([warm, cold].some((figures) => figures && figures.ratio > goal)) {
    console.error(`The bundle takes more than ${goal} of what the app takes unbundled.`);
    process.exitCode = 1;
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
