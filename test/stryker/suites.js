/**
 * What tests ask of Jest, in the process that is there already. Jest builds a world anew for each file of each run, which takes a hundred times as long as
 * these tests do, and there are thousands of mutants. The tests are the same files; `expect`, `each` and `jest.spyOn` are Jest's own.
 */
const { readFileSync } = require('node:fs');
const Module = require('node:module');
const path = require('node:path');
const { transformSync } = require('@swc/core');
const { expect } = require('expect');
const fastCheck = require('fast-check');
const { bind } = require('jest-each');
const { ModuleMocker } = require('jest-mock');
const { transform } = require('../../jest.config.js');

const repository = path.resolve(__dirname, '../..');

/** The block whose tests are being defined. */
let block;

const newBlock = (title, parent) => ({ title, parent, tests: [], blocks: [], beforeAll: [], beforeEach: [], afterEach: [], afterAll: [] });
const titlesOf = (of) => (of ? [...titlesOf(of.parent), of.title] : []);

function test(title, run) {
  block.tests.push({ id: [...titlesOf(block), title].join(' '), run });
}

function describe(title, define) {
  block = newBlock(title, block);
  block.parent.blocks.push(block);
  define();
  block = block.parent;
}

test.each = bind(test);
describe.each = bind(describe, false);

const hook = (kind) => (run) => void block[kind].push(run);
const hooks = Object.fromEntries(['beforeAll', 'beforeEach', 'afterEach', 'afterAll'].map((kind) => [kind, hook(kind)]));
const globals = { describe, test, it: test, expect, jest: new ModuleMocker(globalThis), ...hooks };

/**
 * Nobody reads the smallest counterexample, and with one seed a mutant's fate is the same each time. A hundred runs where a test asks for thousands: a mutant
 * that only one run in a thousand finds counts as alive.
 */
const mostRuns = 100;
const assertProperty = (property, { numRuns = mostRuns, ...options } = {}) =>
  fastCheck.assert(property, { ...options, numRuns: Math.min(numRuns, mostRuns), endOnFailure: true, seed: 1 });
const properties = { ...fastCheck, assert: assertProperty };
const replaced = { '@jest/globals': globals, 'fast-check': { ...properties, default: properties, __esModule: true } };

const loadModule = Module._load;
Module._load = function (request, ...rest) {
  return replaced[request] ?? loadModule.call(this, request, ...rest);
};
Object.assign(globalThis, globals);

const [[, swcOptions]] = Object.values(transform);
const compiled = new Map();
Module._extensions['.ts'] = (module, file) => {
  if (!compiled.has(file)) compiled.set(file, transformSync(readFileSync(file, 'utf8'), { ...swcOptions, filename: file }).code);
  module._compile(compiled.get(file), file);
};

const isOurs = (file) => file !== __filename && file.startsWith(repository) && !file.includes(`${path.sep}node_modules${path.sep}`);

const importers = new Map();

/** Notes who imports whom; what is forgotten later is noted still, and imports the same when it is loaded again. */
function noteImports() {
  for (const { filename, children } of Object.values(require.cache).filter((one) => isOurs(one.filename)))
    for (const child of children) importers.set(child.filename, (importers.get(child.filename) ?? new Set()).add(filename));
}

/** This file, and what imports it, directly or not. */
function importersOf(imported) {
  const found = new Set([imported]);
  // A set hands out what is added on the way too.
  for (const file of found) for (const importer of importers.get(file) ?? []) found.add(importer);
  return found;
}

function forget(files) {
  for (const file of files) delete require.cache[file];
  // Or what was loaded before would be kept for ever.
  module.children = module.children.filter(({ filename }) => require.cache[filename]);
}

const forgetAll = () => forget(Object.keys(require.cache).filter(isOurs));

const suites = new Map();

/** Loads a test file where it is not loaded, or was forgotten. What it does to the environment it does to its own. */
function load(file) {
  if (!require.cache[file]) {
    block = newBlock(`${path.relative(repository, file).split(path.sep).join('/')}:`);
    const outside = process.env;
    process.env = { ...outside };
    try {
      require(file);
      suites.set(file, { root: block, environment: process.env });
    } finally {
      process.env = outside;
    }
  }
  return suites.get(file);
}

const outwards = (of) => (of ? [of, ...outwards(of.parent)] : []);
const within = (of) => [...of.tests, ...of.blocks.flatMap(within)];

async function runTest(of, { run }) {
  const around = outwards(of);
  try {
    for (const { beforeEach } of around.toReversed()) for (const before of beforeEach) await before();
    await run();
  } finally {
    for (const { afterEach } of around) for (const after of afterEach) await after();
  }
}

const failureOf = (promise) =>
  promise.then(
    () => undefined,
    (thrown) => (thrown instanceof Error ? thrown : new Error(String(thrown))),
  );

/** Answers whether to go on. */
async function runBlock(of, { wants, begins, ends }) {
  if (!within(of).some(wants)) return true;
  const broken = await failureOf(
    (async () => {
      for (const before of of.beforeAll) await before();
    })(),
  );
  try {
    for (const one of of.tests.filter(wants)) {
      const startedMs = performance.now();
      begins?.(one);
      const failure = broken ?? (await failureOf(runTest(of, one)));
      if (!ends(one, failure, performance.now() - startedMs)) return false;
    }
    for (const inner of of.blocks) if (!(await runBlock(inner, { wants, begins, ends }))) return false;
    return true;
  } finally {
    for (const after of of.afterAll) await after();
  }
}

/** Runs the tests of a file that are wanted, in order, and tells how each ended; one that answers false there is the last. */
async function runSuite(file, asked) {
  const { root, environment } = load(file);
  const outside = process.env;
  process.env = environment;
  try {
    await runBlock(root, asked);
  } finally {
    process.env = outside;
  }
}

module.exports = { forget, forgetAll, importersOf, load, noteImports, runSuite };
