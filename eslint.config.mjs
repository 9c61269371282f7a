import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';
import functionLength from './eslint-rules/function-length.js';
import importDirection from './eslint-rules/import-direction.js';
import { ambientGlobals, bareYield, deterministic, races } from './eslint-rules/orchestrators.js';

const nodeGlobals = Object.fromEntries(
  [
    'Buffer',
    'URL',
    'console',
    'process',
    'require',
    'module',
    '__dirname',
    '__filename',
    'setTimeout',
    'clearTimeout',
    'fetch',
    'performance',
  ].map((name) => [name, 'readonly']),
);

export default defineConfig(
  { ignores: ['dist/', 'coverage/', '.slipway/', '.stryker/', 'node_modules/'] },
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // Numbers in sentences are plain; everything else must be said on purpose.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': 'off',
      // Ports are asynchronous also where an implementation in memory has nothing to wait for.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // environment['NAME'] says that the name comes from outside.
      '@typescript-eslint/dot-notation': 'off',
      // Ports are objects of functions, not classes: none of them reads `this`.
      '@typescript-eslint/unbound-method': 'off',
      // An empty function is what "do nothing" is called.
      '@typescript-eslint/no-empty-function': 'off',
      // Generators are typed by their last step; the type parameter says what comes back.
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      '@typescript-eslint/prefer-nullish-coalescing': ['error', { ignorePrimitives: true }],
      '@typescript-eslint/consistent-type-definitions': 'off',
      // Text is made of unknown values where JSON from outside is read, on purpose.
      '@typescript-eslint/no-base-to-string': 'off',
      // Settings are records whose keys come and go.
      '@typescript-eslint/no-dynamic-delete': 'off',
      // An answer may be thrown to the server that sends it.
      '@typescript-eslint/only-throw-error': 'off',
      // Matters of taste that say nothing about right and wrong.
      '@typescript-eslint/prefer-optional-chain': 'off',
      '@typescript-eslint/prefer-function-type': 'off',
      '@typescript-eslint/consistent-indexed-object-style': 'off',
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      eqeqeq: 'error',
      'no-control-regex': 'error',
      'no-console': 'error',
    },
  },
  {
    files: ['src/**/*.{ts,tsx}', 'local/**/*.ts'],
    plugins: { slipway: { rules: { 'import-direction': importDirection, 'function-length': functionLength } } },
    rules: {
      'slipway/import-direction': 'error',
      'max-lines': ['error', { max: 400 }],
      'slipway/function-length': 'error',
    },
  },
  {
    // Pure: what it judges with comes in as an argument.
    files: ['src/domain/**/*.ts'],
    rules: {
      'no-restricted-globals': ['error', ...ambientGlobals.filter(({ name }) => name !== 'Intl')],
      'no-restricted-syntax': ['error', ...deterministic],
    },
  },
  {
    files: ['src/orchestrators/**/*.ts'],
    rules: {
      'no-restricted-globals': ['error', ...ambientGlobals],
      'no-restricted-syntax': ['error', ...deterministic, ...bareYield, ...races],
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: ['node:*', '@azure/*'],
              allowTypeImports: true,
              message: 'An orchestrator reaches the world through activities only.',
            },
          ],
        },
      ],
    },
  },
  { files: ['src/orchestrators/act.ts'], rules: { 'no-restricted-syntax': ['error', ...deterministic, ...races] } },
  { files: ['src/orchestrators/wait-round.ts'], rules: { 'no-restricted-syntax': ['error', ...deterministic] } },
  {
    files: ['test/**/*.ts'],
    rules: {
      // Tests take answers apart; the assertion says what they must be.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unnecessary-condition': 'off',
      // A test that could not see everything says so aloud.
      'no-console': ['error', { allow: ['warn', 'error'] }],
      '@typescript-eslint/no-misused-spread': 'off',
      'no-restricted-syntax': [
        'error',
        {
          selector:
            'MemberExpression[object.name=/^(?:it|test|describe)$/][property.name=/^(?:skip|only|todo)$/], CallExpression[callee.name=/^(?:xit|xtest|xdescribe|fit|fdescribe)$/]',
          message: 'Every test runs.',
        },
      ],
    },
  },
  {
    files: ['**/*.js', '**/*.mjs'],
    languageOptions: { globals: nodeGlobals },
    rules: { 'no-undef': 'error', 'no-unused-vars': 'error', 'no-var': 'error', 'prefer-const': 'error', eqeqeq: 'error' },
  },
  { files: ['**/*.js'], languageOptions: { sourceType: 'commonjs' } },
);
