/*
 * Stryker's test runner for src/domain. Nearly all mutants act while a test runs: they are switched on, and their tests are called again. One that acts while
 * its file is loaded has that file, and all that imports it, loaded again. A mutant's run ends at the first test that fails.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { declareFactoryPlugin, PluginKind } from '@stryker-mutator/api/plugin';
import { DryRunStatus, MutantRunStatus, TestStatus } from '@stryker-mutator/api/test-runner';

const folders = ['domain', 'mail', 'front-door', 'gates', 'channels', 'cli', 'dashboard', 'commands'].map((name) => `test/${name}`);

/** What starts processes, listens on ports or takes seconds. What is judged in src/domain is tried elsewhere too. */
const leftOut = new Set([
  'test/channels/contract.test.ts',
  'test/cli/help.test.ts',
  'test/cli/mcp.test.ts',
  'test/domain/markers.test.ts',
  'test/front-door/hostile-input.test.ts',
  'test/mail/communication-mail.test.ts',
]);

// Stryker's code in the mutated files finds this by its name.
const context = (globalThis.__stryker__ ??= {});

class InProcess {
  #suites;
  #files = [];
  /** The file whose mutant was on while it was loaded. */
  #stale;
  /** How often the tests of a file found a mutant of another: what found one probably finds the next. */
  #found = new Map();

  capabilities() {
    return { reloadEnvironment: true };
  }

  async init() {
    // Stryker starts this in its copy of the project.
    const repository = process.cwd();
    this.#suites = createRequire(import.meta.url)(path.join(repository, 'test/stryker/suites.js'));
    this.#files = folders
      .flatMap((folder) => readdirSync(path.join(repository, folder)).map((name) => `${folder}/${name}`))
      .filter((name) => /\/[^./]+\.test\.ts$/.test(name) && !leftOut.has(name))
      .concat('test/azure/outgoing.test.ts')
      .map((name) => path.join(repository, name))
      // Inline snapshots are Jest's alone.
      .filter((file) => !/toMatch\w*Snapshot/.test(readFileSync(file, 'utf8')));
    this.#files.forEach(this.#suites.load);
    this.#suites.noteImports();
  }

  async dryRun() {
    const tests = [];
    for (const file of this.#files)
      await this.#suites.runSuite(file, {
        wants: () => true,
        begins: (test) => (context.currentTestId = test.id),
        ends: (test, failure, timeSpentMs) => {
          context.currentTestId = undefined;
          const { id } = test;
          const status = failure ? { status: TestStatus.Failed, failureMessage: failure.stack } : { status: TestStatus.Success };
          tests.push({ id, name: id, fileName: file, timeSpentMs, ...status });
          return true;
        },
      });
    return { status: DryRunStatus.Complete, tests, mutantCoverage: context.mutantCoverage };
  }

  async mutantRun({ activeMutant, testFilter, reloadEnvironment, sandboxFileName, hitLimit }) {
    const wanted = testFilter && new Set(testFilter);
    const run = async () => {
      Object.assign(context, { hitCount: hitLimit === undefined ? undefined : 0, hitLimit });
      const files = this.#load(sandboxFileName, reloadEnvironment);
      context.activeMutant = activeMutant.id;
      return this.#hunt(files, wanted, sandboxFileName).finally(() => (context.activeMutant = undefined));
    };
    try {
      let found = await run();
      // A test that fails without the mutant too was spoilt by what one left behind (a cache), this or one before: tried again with all loaded anew.
      if (found.killer && !reloadEnvironment && !(await this.#passes(found.killer))) {
        this.#suites.forgetAll();
        found = await run();
        this.#suites.forgetAll();
      }
      if (context.hitCount > hitLimit) return { status: MutantRunStatus.Timeout, reason: `It was come by ${context.hitCount} times.` };
      const { killer, nrOfTests } = found;
      return killer
        ? { status: MutantRunStatus.Killed, killedBy: [killer.id], failureMessage: killer.failure.message, nrOfTests }
        : { status: MutantRunStatus.Survived, nrOfTests };
    } catch (error) {
      // As Stryker has it: what can't even be loaded says nothing of the tests.
      return { status: MutantRunStatus.Error, errorMessage: error.stack };
    }
  }

  async #passes({ file, id }) {
    let passed = false;
    const ends = (_test, failure) => (passed = !failure);
    await this.#suites.runSuite(file, { wants: (test) => test.id === id, ends });
    return passed;
  }

  /** Answers the files whose tests may come by a mutant of this file, most promising first: loaded, or to be loaded with it switched on. */
  #load(mutated, anew) {
    const { forget, importersOf, load } = this.#suites;
    if (this.#stale) forget(importersOf(this.#stale));
    this.#stale = anew ? mutated : undefined;
    const importers = importersOf(mutated);
    const files = this.#files.filter((file) => importers.has(file));
    if (anew) forget(importers);
    else files.forEach(load);
    const found = this.#found.get(mutated) ?? {};
    return files.toSorted((one, other) => (found[other] ?? 0) - (found[one] ?? 0));
  }

  /** Runs the tests until one fails. */
  async #hunt(files, wanted, mutated) {
    let killer;
    let nrOfTests = 0;
    for (const file of files) {
      await this.#suites.runSuite(file, {
        wants: ({ id }) => !wanted || wanted.has(id),
        ends: ({ id }, failure) => {
          nrOfTests += 1;
          if (failure) killer = { file, id, failure };
          return !failure;
        },
      });
      if (!killer) continue;
      const found = this.#found.get(mutated) ?? {};
      this.#found.set(mutated, { ...found, [file]: (found[file] ?? 0) + 1 });
      break;
    }
    return { killer, nrOfTests };
  }
}

export const strykerPlugins = [
  declareFactoryPlugin(
    PluginKind.TestRunner,
    'in-process',
    Object.assign(() => new InProcess(), { inject: [] }),
  ),
];
