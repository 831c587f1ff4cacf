// In: all JavaScript of the repository. Out: statements that ESLint and TypeScript have nothing to say of it.
// Both find faults that no test of behaviour would: a name that is nowhere defined, a call that no declaration allows.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ESLint } from 'eslint';
import { ROOT, needed } from '../support/package.mjs';
import { tool } from '../support/run.mjs';

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

/** What TypeScript says of a project, but of the glue that wasm-bindgen writes: its types are read, its text is not ours. */
function checked(project) {
  needed('pkg/wasm/ranklet.js', 'run `./build.sh wasm`.');
  const { stdout, stderr, error } = spawnSync(tool('tsc'), ['--project', project, '--pretty', 'false'], { cwd: ROOT, encoding: 'utf8' });
  if (error || stderr) throw error ?? new Error(stderr);
  const diagnostics = stdout.split(/\n(?! )/).filter((text) => text !== '');
  return diagnostics.filter((text) => !text.startsWith('pkg/wasm/'));
}

test('TypeScript has nothing to say of the package: it does what its declarations and the wasm promise', () => {
  assert.deepEqual(checked(join(ROOT, 'tests/tsconfig.json')), []);
});

test('TypeScript finds a call that the declarations do not allow, and one that the wasm does not take', (t) => {
  mkdirSync(join(ROOT, 'target'), { recursive: true });
  const folder = mkdtempSync(join(ROOT, 'target/static-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ extends: '../../tests/tsconfig.json', include: ['bad.js'] }));
  writeFileSync(join(folder, 'bad.js'), `
    /** @type {typeof import('../../pkg/adapters.js').fromArray} */
    export const fromArray = () => ({ candidates: () => 7, reorder: (answer) => answer });
    /** @param {import('../../pkg/wasm/ranklet.js').Engine} engine */
    export const undo = (engine) => engine.undo(7);`);
  const lines = checked(folder).filter((text) => text.includes('bad.js')).map((text) => text.match(/bad\.js\((\d+),/)?.[1]);
  assert.deepEqual(lines, ['3', '5']);
});
