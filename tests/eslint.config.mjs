// In: nothing. Out: ESLint's configuration for all JavaScript of the repository.
// Faults, and what two readers would write in two ways; layout is left to the eye.
// Run by tests/node/static.test.mjs; by hand: tests/node_modules/.bin/eslint --config tests/eslint.config.mjs pkg www tests
import js from '@eslint/js';
import globals from 'globals';

const ANYWHERE = globals['shared-node-browser'];

export default [
  { ignores: ['target/', 'pkg/wasm/', '**/node_modules/', 'pkg/deno.js'] }, // ESLint 9 cannot read deno.js: `import source`
  js.configs.recommended,
  {
    languageOptions: { ecmaVersion: 2025, sourceType: 'module' },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      'array-callback-return': 'error',
      'arrow-body-style': ['error', 'as-needed'],
      'default-case-last': 'error',
      'eqeqeq': ['error', 'always', { null: 'ignore' }],
      'no-constructor-return': 'error',
      'no-else-return': ['error', { allowElseIf: false }],
      'no-eval': 'error',
      'no-implicit-coercion': 'error',
      'no-self-compare': 'error',
      'no-template-curly-in-string': 'error',
      'no-throw-literal': 'error',
      'no-unreachable-loop': 'error',
      'no-unused-expressions': 'error',
      'no-unused-vars': ['error', { args: 'after-used', caughtErrors: 'all', ignoreRestSiblings: true }],
      'no-use-before-define': ['error', { functions: false, classes: false, variables: false }],
      'no-useless-rename': 'error',
      'no-useless-return': 'error',
      'no-var': 'error',
      'object-shorthand': 'error',
      'prefer-const': ['error', { destructuring: 'all' }],
      'prefer-object-has-own': 'error',
      'prefer-rest-params': 'error',
      'prefer-spread': 'error',
      'radix': 'error',
      'symbol-description': 'error',
      'yoda': 'error',
    },
  },
  // The package runs in browsers, workers, edge runtimes and Node: only what all have is a global there.
  { files: ['pkg/**'], languageOptions: { globals: { ...ANYWHERE, WebAssembly: 'readonly' } } },
  { files: ['pkg/**'], ignores: ['pkg/build/**'], rules: { 'no-console': 'error', 'no-restricted-globals': ['error', 'process', 'Buffer', 'require'] } },
  { files: ['pkg/worker.js', 'pkg/persist.js', 'pkg/observe.js', 'pkg/react.js', 'pkg/src/store.js', 'pkg/src/diagnose.js', 'www/demo/**', 'www/start/page.js'], languageOptions: { globals: globals.browser } },
  { files: ['pkg/build/**', 'www/**/*.mjs', 'www/edge/server.js', 'tests/**'], languageOptions: { globals: globals.node } },
  { files: ['www/edge/**'], languageOptions: { globals: { ...ANYWHERE, Deno: 'readonly', Bun: 'readonly' } } },
  // Functions that Playwright and Puppeteer run in a page stand among Node's code, and lines of shell among strings.
  { files: ['tests/**'], languageOptions: { globals: globals.browser }, rules: { 'no-template-curly-in-string': 'off' } },
];
