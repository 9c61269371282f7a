/** The tests that take minutes: rollouts through every fault of the services, starts that are killed, a hundred thousand forged links. */
const base = require('./jest.config.js');

/** @type {import('jest').Config} */
module.exports = { ...base, testMatch: ['**/*.long.test.ts'], testPathIgnorePatterns: ['/node_modules/'] };
