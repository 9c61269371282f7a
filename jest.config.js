/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  // `npm test` is to stay within four minutes, and needs no browser and no subscription: see jest.long.config.js, jest.page.config.js and jest.azure.config.js.
  testPathIgnorePatterns: ['/node_modules/', '\\.(?:long|page|azure)\\.test\\.ts$'],
  transform: {
    '^.+\\.[jt]s$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'commonjs' } }],
  },
  // jose is an ES module; everything else in node_modules is CommonJS already.
  transformIgnorePatterns: ['/node_modules/(?!jose/)', '<rootDir>/dist/'],
  moduleNameMapper: { '^@azure/functions-core$': '<rootDir>/local/host/functions-core.ts' },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.slipway/', '<rootDir>/.stryker/'],
  // Every core: the tests wait for child processes and disks as much as they compute.
  maxWorkers: '100%',
  testTimeout: 60_000,
};
