/** What is judged is pure, so all of it can be tested: nothing in src/domain may be left out. */
const base = require('./jest.config.js');

/** @type {import('jest').Config} */
module.exports = {
  ...base,
  collectCoverage: true,
  // A file that no test loads is only counted when it lies under a root.
  roots: ['<rootDir>/test', '<rootDir>/src/domain'],
  collectCoverageFrom: ['src/domain/**/*.ts'],
  coverageReporters: ['text-summary', 'text'],
  coverageThreshold: { global: { branches: 100, functions: 100, lines: 100, statements: 100 } },
  // Those that start processes or listen on ports add nothing here but time.
  testPathIgnorePatterns: [
    '/node_modules/',
    '\\.(?:long|page|azure)\\.test\\.ts$',
    '<rootDir>/test/host/',
    '<rootDir>/test/local-azure/',
    '<rootDir>/test/start/',
    '<rootDir>/test/scenarios/',
  ],
};
