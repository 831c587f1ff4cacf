// In: the packed tarball. Out: statements about its files and its manifest.
// Must never let a model, films or tests into the tarball.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { installed, packageFolder, packed } from '../support/package.mjs';
import { run, tool } from '../support/run.mjs';

/** Everything that the package is: a new file is added here on purpose, or is a mistake. */
const FILES = [
  'CHANGELOG.md', 'LICENSE-APACHE', 'LICENSE-MIT', 'README.md', 'package.json', 'wasm/ranklet.js', 'wasm/ranklet_bg.wasm', 'wasm/ranklet_inline.js', 'wasm/ranklet_relaxed_bg.wasm',
  ...['adapters', 'edge', 'index', 'inline', 'observe', 'persist', 'ranklet_bg.wasm', 'react', 'relaxed', 'worker'].map((name) => `${name}.d.ts`),
  ...['adapters', 'browser', 'deno', 'edge', 'edge-light', 'inline', 'node', 'observe', 'persist', 'react', 'relaxed', 'relaxed-node', 'worker', 'worker-local', 'worker-thread', 'workerd'].map((name) => `${name}.js`),
  ...['arguments', 'bytes', 'cloneable', 'diagnose', 'engine', 'errors', 'instance', 'integrity', 'journal', 'limits', 'load', 'pack', 'ranker', 'relaxed', 'rules', 'sentences', 'stopwatch', 'store', 'transfer', 'unpack', 'watched', 'worker-ranker', 'worker-rpc'].map((name) => `src/${name}.js`),
  ...['adapter', 'algolia', 'array', 'elasticsearch', 'metarank', 'qdrant', 'vespa'].map((name) => `src/adapters/${name}.js`),
  ...['candidate', 'codes', 'load', 'ranking', 'rules'].map((name) => `types/${name}.d.ts`),
  ...['cookie', 'faults', 'feedback', 'handler', 'limits', 'object', 'origin', 'request', 'session', 'stores'].map((name) => `src/edge/${name}.js`),
].sort();
const manifest = () => JSON.parse(readFileSync(join(packageFolder(), 'package.json'), 'utf8'));

test('the tarball holds these files and no other: no model, no films', async () => {
  const listed = (await run('tar', ['-tzf', packed()])).trim().split('\n').map((path) => path.replace(/^package\//, ''));
  assert.deepEqual(listed.sort(), FILES);
});

test('the changelog begins with the version that is packed', () => {
  const changelog = readFileSync(join(packageFolder(), 'CHANGELOG.md'), 'utf8');
  assert.equal(/^## \[(.+?)\] - (Unreleased|\d{4}-\d\d-\d\d)$/m.exec(changelog)?.[1], manifest().version);
});

test('the exports are in the order in which runtimes must find them', () => {
  assert.deepEqual(Object.keys(manifest().exports['.']), ['types', 'workerd', 'edge-light', 'deno', 'bun', 'node', 'browser', 'default']);
});

test('the package has no dependency and no install script', () => {
  const { dependencies, peerDependencies, peerDependenciesMeta, scripts, sideEffects, type, license } = manifest();
  assert.deepEqual({ dependencies, scripts }, { dependencies: undefined, scripts: undefined });
  assert.deepEqual({ peerDependencies, peerDependenciesMeta }, { peerDependencies: { react: '>=18' }, peerDependenciesMeta: { react: { optional: true } } });
  assert.deepEqual({ sideEffects, type, license }, { sideEffects: ['./worker-thread.js'], type: 'module', license: 'MIT OR Apache-2.0' });
});

test('every entry is 5 to 15 lines', () => {
  for (const file of ['browser', 'deno', 'edge-light', 'inline', 'node', 'relaxed', 'relaxed-node', 'workerd'].map((name) => `${name}.js`)) {
    const lines = readFileSync(join(packageFolder(), file), 'utf8').split('\n').filter((line) => line.trim() && !line.startsWith('//'));
    assert.ok(lines.length >= 5 && lines.length <= 15, `${file}: ${lines.length}`);
  }
});

test('importing does nothing: no fetch, no file, no wasm', async () => {
  const script = `
    for (const name of ['fetch', 'performance']) Object.defineProperty(globalThis, name, { get() { throw new Error(name); } });
    for (const name of ['compile', 'instantiate', 'Module', 'Instance']) WebAssembly[name] = () => { throw new Error(name); };
    for (const entry of ['./node_modules/ranklet/node.js', './node_modules/ranklet/browser.js', './node_modules/ranklet/inline.js']) {
      const { version } = await import(entry);
      if (version() !== null) throw new Error('started');
    }
    console.log('quiet');`;
  const folder = installed();
  writeFileSync(join(folder, 'quiet.mjs'), script);
  assert.equal((await run(process.execPath, ['quiet.mjs'], { cwd: folder })).trim(), 'quiet');
});

/** Bytes that a registry sends: both wasm modules and, for the inline entry, the first once more, gzipped. */
const PACKED_BYTES = 4_500_000;
const UNPACKED_BYTES = 10_000_000;

test(`the tarball is below ${PACKED_BYTES / 1e6} MB, unpacked below ${UNPACKED_BYTES / 1e6} MB`, () => {
  const unpacked = readdirSync(packageFolder(), { recursive: true }).reduce((sum, path) => sum + statSync(join(packageFolder(), path)).size, 0);
  assert.ok(statSync(packed()).size < PACKED_BYTES, `${statSync(packed()).size} bytes`);
  assert.ok(unpacked < UNPACKED_BYTES, `${unpacked} bytes`);
});

test('publint has nothing to say, in its strict mode', async () => {
  const tarball = readFileSync(packed());
  const { messages, pkg } = await publint({ pack: { tarball: tarball.buffer.slice(tarball.byteOffset, tarball.byteOffset + tarball.byteLength) }, strict: true });
  assert.equal(pkg.name, 'ranklet');
  assert.deepEqual(messages.map((message) => formatMessage(message, pkg)), []);
});

test('are the types wrong? no: every entry has them, as Node and as bundlers resolve it', async () => {
  // The package is ES modules alone: CommonJS gets it by `import()`, as tested.
  const said = JSON.parse(await run(tool('attw'), [packed(), '--profile', 'esm-only', '--format', 'json'], { seconds: 200 }));
  assert.deepEqual(Object.keys(said.analysis.entrypoints).sort(), Object.keys(manifest().exports).sort());
  const problems = Object.values(said.problems).flat().filter(({ kind, resolutionKind }) => !(kind === 'CJSResolvesToESM' && resolutionKind === 'node16-cjs'));
  assert.deepEqual(problems, []);
});
