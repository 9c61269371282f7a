#!/usr/bin/env node
/*
 * npm run test:mutants [-- words of a name]: builds each fault of mutants.mjs into a copy of the sources and shows that the test named there fails. Before
 * that, all of these tests must pass on the copy as it is. Exit code 1 where a mutant lives.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { mutants } from './mutants.mjs';

const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
// Inside the repository, so that packages are found; in dist/, which nothing else looks into.
const copy = path.join(repository, 'dist', 'mutants');
const wanted = process.argv.slice(2).join(' ');

rmSync(copy, { recursive: true, force: true });
mkdirSync(copy, { recursive: true });
for (const name of ['src', 'local', 'test', 'examples', 'host.json', 'package.json', 'jest.config.js', 'tsconfig.json'])
  cpSync(path.join(repository, name), path.join(copy, name), { recursive: true });

const chosen = mutants.filter(({ name }) => name.includes(wanted));
const results = path.join(copy, 'results.json');

function runTests(files) {
  rmSync(results, { force: true });
  const jest = path.join(repository, 'node_modules/jest/bin/jest.js');
  spawnSync(process.execPath, [jest, '--forceExit', '--testTimeout=600000', '--json', `--outputFile=${results}`, ...files], {
    cwd: copy,
    stdio: 'ignore',
  });
  const { testResults } = JSON.parse(readFileSync(results, 'utf8'));
  return testResults.flatMap(({ assertionResults, message, name, status }) =>
    // A file that could not be loaded is no killed mutant: it is a patch that makes no sense.
    assertionResults.length === 0 && status === 'failed'
      ? [{ fullName: `${name} could not be run: ${message.slice(0, 400)}`, status: 'broken' }]
      : assertionResults,
  );
}

/** Answers how to put back what was there. */
function build({ name, edits }) {
  const before = new Map();
  for (const edit of edits) {
    const file = path.join(copy, edit.file);
    const text = readFileSync(file, 'utf8');
    if (!before.has(file)) before.set(file, text);
    if (text.split(edit.before).length !== 2)
      throw new Error(
        `Mutant "${name}": its text stands in ${edit.file} ${text.split(edit.before).length - 1} times instead of once. Write it anew.`,
      );
    // A function, so that $ in the text stays what it is.
    writeFileSync(
      file,
      text.replace(edit.before, () => edit.after),
    );
  }
  return () => before.forEach((text, file) => writeFileSync(file, text));
}

const whole = runTests([...new Set(chosen.map(({ tests }) => tests))]);
const failing = whole.filter(({ status }) => status !== 'passed');
if (failing.length > 0 || whole.length === 0) {
  console.error(`Without a mutant these must pass:\n${failing.map(({ fullName }) => fullName).join('\n')}`);
  process.exit(1);
}

let alive = 0;
for (const mutant of chosen) {
  const putBack = build(mutant);
  const failed = runTests([mutant.tests]).filter(({ status }) => status !== 'passed');
  putBack();
  const killer = failed.find(({ fullName, status }) => status === 'failed' && new RegExp(mutant.mustFail).test(fullName));
  if (!killer) alive += 1;
  console.log(
    killer
      ? `killed  ${mutant.name}\n        by: ${killer.fullName}`
      : `ALIVE   ${mutant.name}\n        ${mutant.tests} should have failed at "${mutant.mustFail}"; what failed: ${failed.map(({ fullName }) => fullName).join('; ') || 'nothing'}`,
  );
}
rmSync(copy, { recursive: true, force: true });
console.log(`${chosen.length - alive} of ${chosen.length} mutants killed`);
process.exitCode = alive > 0 ? 1 : 0;
