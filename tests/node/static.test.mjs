// In: all JavaScript of the repository. Out: statements that ESLint and TypeScript have nothing to say of it.
// Both find faults that no test of behaviour would: a name that is nowhere defined, a call that no declaration allows.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { ESLint } from 'eslint';
import { ROOT } from '../support/package.mjs';

const eslint = new ESLint({ cwd: ROOT, overrideConfigFile: join(ROOT, 'tests/eslint.config.mjs') });

const said = (results) => results.flatMap(({ filePath, messages }) => messages.map(({ line, ruleId, message }) => `${filePath}:${line}: ${message} (${ruleId})`));

test('ESLint has nothing to say of pkg/, www/ and tests/', async () => {
  const results = await eslint.lintFiles(['pkg', 'www', 'tests']);
  assert.ok(results.length > 150, `${results.length} files`);
  assert.deepEqual(said(results), []);
});

test('ESLint finds a name that is nowhere defined, and a page\'s global where there may be no page', async () => {
  const text = 'export const answer = () => nowhere;\nexport const here = () => window.location;\n';
  const rules = (await eslint.lintText(text, { filePath: join(ROOT, 'pkg/src/made-up.js') }))[0].messages.map(({ ruleId, line }) => `${line} ${ruleId}`);
  assert.deepEqual(rules, ['1 no-undef', '2 no-undef']);
});
