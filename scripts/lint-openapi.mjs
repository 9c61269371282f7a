#!/usr/bin/env node
/*
 * Lints openapi.json, or the file that is named, by Redocly's recommended rules, every one of them an error, and by those that hold this API's
 * own habits: problem+json for refusals, an id and a tag for each operation. Part of npm run openapi.
 */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createConfig, formatProblems, lint } from '@redocly/openapi-core';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const file = process.argv[2] ?? path.join(root, 'openapi.json');
const config = await createConfig({
  extends: ['recommended-strict'],
  rules: {
    'operation-operationId-url-safe': 'error',
    'operation-tag-defined': 'error',
    'operation-singular-tag': 'error',
    'no-duplicated-enum-values': 'error',
    // Describing itself can't go wrong by what the caller sends.
    'operation-4xx-response': 'off',
  },
});
const problems = await lint({ ref: file, config });
if (problems.length > 0) formatProblems(problems, { format: 'codeframe', totals: { errors: problems.length, warnings: 0, ignored: 0 } });
process.exitCode = problems.length > 0 ? 1 : 0;
