'use strict';

const { strictEqual } = require('node:assert');
const { test } = require('node:test');
const { answer } = require('../src/answer');

test('it says its name and its version', () => {
  strictEqual(JSON.stringify(answer('1.2.3')), '{"app":"THE_APP","version":"1.2.3"}');
});
