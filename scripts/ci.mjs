#!/usr/bin/env node
/*
 * What must hold before a change goes in, in one command: npm run ci. Every step runs, also after one that failed; the last line counts the
 * tests as Jest's own result file does. `--full` adds what takes longer: the tests and a rollout on newer Nodes, the mutants, and the benches.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const scratch = mkdtempSync(path.join(tmpdir(), 'slipway-ci-'));
const testResults = path.join(scratch, 'tests.json');
const full = process.argv.includes('--full');

/** npm is a script: where npm itself did not start us, a shell finds it on Windows. */
const npm = (...args) =>
  process.env.npm_execpath
    ? { command: process.execPath, args: [process.env.npm_execpath, ...args] }
    : { command: 'npm', args, shell: process.platform === 'win32' };

const handsFree = (name, ...options) => npm('start', '--', '--hands-free', '--state', path.join(scratch, name), ...options);
const withNode = (version, ...args) => npm('exec', '--yes', `--package=node@${version}`, '--', 'node', ...args);

/** Each keeps one core busy and writes nothing that another reads: run side by side, a row to a core. */
const sideBySide = [
  [['lint', npm('run', 'lint')]],
  [
    ['types', npm('run', 'types')],
    ['unused code', npm('run', 'unused')],
    ['format', npm('run', 'format')],
    ['infrastructure', npm('run', 'infra', '--', '--if-possible')],
  ],
];

// A test that leaves something open fails nothing by that, but must not hold up the rest for ever: --forceExit.
const before = [
  ['tests', npm('test', '--', '--forceExit', '--json', `--outputFile=${testResults}`)],
  ['long tests', npm('run', 'test:long', '--', '--forceExit')],
  ['the pages in a browser', npm('run', 'test:page', '--', '--forceExit')],
  ['coverage of src/domain', npm('run', 'coverage')],
];
const after = [
  // Each fault point once by a power cut, a few seeds that must give the same twice, and a handful of kills.
  ['crashes', npm('run', 'test:faults', '--', '--kill', '10', '--seeds', '3', '--twice')],
  ['a rollout asked for by queue message', handsFree('by-queue')],
  ['a rollout asked for over HTTP', handsFree('by-http', '--by-http')],
  ['a tour: one rollout an outcome, over every channel', npm('start', '--', '--hands-free', '--tour')],
  ...(full
    ? ['22', '24'].flatMap((version) => [
        [`tests on Node ${version}`, withNode(version, 'node_modules/jest/bin/jest.js')],
        [
          `a rollout on Node ${version}`,
          withNode(version, 'dist/local/start/main.js', '--hands-free', '--state', path.join(scratch, `node-${version}`)),
        ],
      ])
    : []),
  ...(full ? [['mutants', npm('run', 'test:mutants')]] : []),
  ...(full ? [['benches', npm('run', 'bench')]] : []),
];

const failures = [];

/** Runs a step and says how it went; what it writes goes out at once, or in one piece at its end where others run beside it. */
async function take([name, { command, args, shell }], isAlone = true) {
  if (isAlone) console.log(`\n== ${name}`);
  const startedMs = Date.now();
  const child = spawn(command, args, { cwd: repository, stdio: isAlone ? 'inherit' : ['ignore', 'pipe', 'pipe'], shell: shell ?? false });
  const written = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (piece) => written.push(piece));
  const how = await new Promise((resolve) => {
    child.once('error', (error) => resolve(`FAILED (${error.message})`));
    child.once('close', (code) => resolve(code === 0 ? 'passed' : 'FAILED'));
  });
  if (how !== 'passed') failures.push(name);
  if (!isAlone) process.stdout.write(`\n== ${name}\n${Buffer.concat(written).toString()}`);
  console.log(`== ${name}: ${how} after ${((Date.now() - startedMs) / 1000).toFixed(1)} s`);
}

for (const step of before) await take(step);
await Promise.all(
  sideBySide.map(async (row) => {
    for (const step of row) await take(step, false);
  }),
);
for (const step of after) await take(step);

/** A file that could not be run at all is a failure too, and so is a test that was skipped: every test runs. */
function tally() {
  if (!existsSync(testResults)) return { passed: 0, failed: 1 };
  const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites, numPendingTests, numTodoTests } = JSON.parse(
    readFileSync(testResults, 'utf8'),
  );
  return { passed: numPassedTests, failed: numFailedTests + numRuntimeErrorTestSuites + numPendingTests + numTodoTests };
}

const { passed, failed } = tally();
rmSync(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
console.log(failures.length > 0 ? `\nFailed: ${failures.join(', ')}.` : '\nEverything holds.');
process.exitCode = failures.length > 0 || failed > 0 ? 1 : 0;
console.log(`${passed} passed, ${failed} failed`);
