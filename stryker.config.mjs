/**
 * npm run test:stryker changes src/domain in every way that Stryker knows, one by one, and counts how many of these mutants a test finds. All kinds of mutants
 * are in: the sentences too, which people read and tests compare.
 *
 * @type {import('@stryker-mutator/api/core').PartialStrykerOptions}
 */
export default {
  mutate: ['src/domain/**/*.ts'],
  testRunner: 'in-process',
  plugins: ['./test/stryker/runner.mjs'],
  coverageAnalysis: 'perTest',
  // What acts only while a file is loaded (schemas, catalogues of words) belongs to no test: for each such mutant all tests would be loaded again and run. `npm
  // test` compares what is made of these, openapi.json and slipway.schema.json, whole.
  ignoreStatic: true,
  // What is already known of mutants whose code and tests are as they were is kept.
  incremental: true,
  incrementalFile: '.stryker/incremental.json',
  tempDirName: '.stryker/copies',
  ignorePatterns: ['dist', 'docs/pictures', 'infra', 'coverage', '.slipway', '.package', '.stryker'],
  reporters: ['clear-text', 'progress-append-only', 'html'],
  clearTextReporter: { allowColor: false, allowEmojis: false, logTests: false, reportTests: false },
  htmlReporter: { fileName: '.stryker/mutants.html' },
  concurrency: 2,
  // A busy machine is no endless loop; those mostly end when they come by the mutant a hundred times as often as without it.
  timeoutMS: 30_000,
  thresholds: { high: 95, low: 90, break: 90 },
};
