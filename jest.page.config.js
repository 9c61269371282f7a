/** The tests in a real browser: they need a Chromium (scripts/chromium.ts finds it, or says what to do), and a build. */
const base = require('./jest.config.js');

/** @type {import('jest').Config} */
module.exports = {
  ...base,
  testMatch: ['**/*.page.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  globalSetup: '<rootDir>/test/page/needs-chromium.ts',
  testTimeout: 120_000,
};
