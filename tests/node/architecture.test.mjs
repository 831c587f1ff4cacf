// In: every JavaScript module of pkg/ and www/. Out: statements that none is part of a circle of imports,
// and that the package imports nothing but itself, Node and React.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { circles, importGraph, specifiers } from '../support/imports.mjs';
import { ROOT } from '../support/package.mjs';

const manifest = JSON.parse(readFileSync(join(ROOT, 'pkg/package.json'), 'utf8'));
const HOSTS = [...new Set(Object.values(manifest.imports['#host']))].map((path) => path.replace('./', 'pkg/'));

/** What a specifier that is not relative means inside this repository. */
function resolved(specifier) {
  if (specifier === '#host') return HOSTS;
  if (specifier.startsWith('/')) return [specifier.slice(1)];
  const [name, ...rest] = specifier.split('/');
  if (name !== 'ranklet') return [];
  const entry = manifest.exports[rest.length === 0 ? '.' : `./${rest.join('/')}`];
  return [entry?.default ?? []].flat().map((path) => path.replace('./', 'pkg/'));
}

const files = {};
for (const path of sources()) files[path] = readFileSync(join(ROOT, path), 'utf8');
const graph = importGraph(files, resolved);

test('the modules are found, and their imports', () => {
  assert.ok(graph.size > 60, `${graph.size} modules`);
  assert.ok(graph.get('pkg/src/engine.js').includes('pkg/src/journal.js'));
  assert.deepEqual(graph.get('pkg/worker-local.js').filter((path) => HOSTS.includes(path)).sort(), [...HOSTS].sort());
  assert.ok(graph.get('www/demo/demo.js').includes('pkg/browser.js'));
});

test('no module is part of a circle of imports', () => {
  assert.deepEqual(circles(graph), []);
});

test('every relative import is a file that is there, or the built wasm', () => {
  for (const [path, text] of Object.entries(files)) {
    const relative = specifiers(text).filter((one) => one.startsWith('.')).length;
    const missing = relative - importGraph({ ...files, [path]: text }).get(path).length;
    const built = specifiers(text).filter((one) => /\/wasm\/|\.onnx$/.test(one)).length;
    assert.equal(missing, built, path);
  }
});

test('the package imports itself, Node and React, and nothing else', () => {
  const foreign = Object.entries(files).filter(([path]) => path.startsWith('pkg/') && !path.startsWith('pkg/build/'))
    .flatMap(([, text]) => specifiers(text)).filter((one) => !/^(\.|node:|#host$|react$)/.test(one));
  assert.deepEqual(foreign, []);
});

test('a circle is found, however it is closed', () => {
  const closed = {
    'a.js': "import { b } from './b.js';",
    'b.js': "export { c } from './deep/c.js';",
    'deep/c.js': "const load = () => import('../a.js');",
    'd.js': "import './a.js';\n// import './e.js'",
    'e.js': "import './d.js';\nimport host from '#host';",
    'self.js': "import * as self from './self.js';",
  };
  assert.deepEqual(circles(importGraph(closed)), [['a.js', 'b.js', 'deep/c.js'], ['self.js']]);
  assert.deepEqual(circles(importGraph({ ...closed, 'deep/c.js': '' })), [['self.js']]);
  assert.deepEqual(circles(importGraph({ 'd.js': closed['d.js'], 'e.js': closed['e.js'] }, () => ['e.js'])), [['e.js']]);
});

test('imports are read in every form, and not out of comments', () => {
  const text = `
import a, { b as c } from './1.js';
import {
  d,
} from "./2.js";
import './3.js';
import * as e from './4.js';
import source f from './5.wasm';
export * from './6.js';
export { g } from './7.js';
const h = await import('./8.js');
// import './no.js';
/* export * from './no.js'; */
const i = 'import';
export const j = 'no.js';
new URL('./no.js', import.meta.url);
`;
  assert.deepEqual(specifiers(text), [1, 2, 3, 4].map((n) => `./${n}.js`).concat('./5.wasm', [6, 7, 8].map((n) => `./${n}.js`)));
});

function sources() {
  return ['pkg', 'www'].flatMap((folder) => readdirSync(join(ROOT, folder), { recursive: true }).map((path) => `${folder}/${path}`))
    .filter((path) => /\.m?js$/.test(path) && !/^pkg\/wasm\/|node_modules\//.test(path)).sort();
}
