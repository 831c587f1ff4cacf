// In: fixture apps beside the packed tarball. Out: what each bundler builds of them, run in Chromium.
// Vite and webpack find the wasm and the worker by themselves; esbuild and rollup copy no files: inline, or the wasm's address.
// Must never help a bundler beyond what the README says.
import assert from 'node:assert/strict';
import { copyFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { build } from 'esbuild';
import { app, opened } from '../support/app.mjs';
import { packageFolder } from '../support/package.mjs';
import { run, tool } from '../support/run.mjs';
import { checkSmoke, expectedSmoke } from '../support/smoke.mjs';

const files = (folder) => readdirSync(folder, { recursive: true }).map(String);

/** Asserts that both entries gave Node's order, the one of `ranklet/worker` in a worker. */
async function checkBoth({ result, thread, worker, asked }) {
  await checkSmoke(result);
  assert.equal(thread, 'worker');
  assert.deepEqual(worker, (await expectedSmoke()).first);
  assert.ok(asked.some((path) => path.endsWith('.wasm')), 'the wasm is a file of its own');
}

test('vite: builds; the wasm and the worker are found, and both rank', async () => {
  const folder = app('bundled');
  await run(tool('vite'), ['build'], { cwd: folder });
  await checkBoth(await opened(join(folder, 'dist')));
});

test('webpack: builds; the wasm and the worker are found, and both rank', async () => {
  const folder = app('bundled');
  const script = `
    import webpack from 'webpack';
    import config from './webpack.config.mjs';
    webpack(config, (error, stats) => {
      console.log(error ?? stats.toString({ all: false, errors: true, warnings: true }));
      process.exit(error || stats.hasErrors() || stats.hasWarnings() ? 1 : 0);
    });`;
  await run(process.execPath, ['--input-type=module', '-e', script], { cwd: folder });
  copyFileSync(join(folder, 'index.html'), join(folder, 'dist/index.html'));
  await checkBoth(await opened(join(folder, 'dist')));
});

/** How the bundlers that copy no files are called for one of the app's scripts. */
const PLAIN = {
  esbuild: (folder, entry) => run(tool('esbuild'), [entry, '--bundle', '--format=esm', '--outfile=dist/main.js', '--log-level=warning'], { cwd: folder }),
  rollup: (folder, entry) => run(tool('rollup'), ['--config', 'rollup.config.mjs', '--silent', '--failAfterWarnings'], { cwd: folder, env: { ENTRY: entry } }),
};

for (const [name, bundle] of Object.entries(PLAIN)) {
  test(`${name}: builds ranklet/inline into one file that ranks, and fetches nothing`, async () => {
    const folder = app('bundled', { entry: 'ranklet/inline' });
    await bundle(folder, 'inline.js');
    assert.deepEqual(files(join(folder, 'dist')), ['main.js']);
    copyFileSync(join(folder, 'index.html'), join(folder, 'dist/index.html'));
    const { result, asked } = await opened(join(folder, 'dist'));
    await checkSmoke(result);
    assert.deepEqual(asked, ['/index.html', '/main.js']);
  });

  test(`${name}: builds the default entry; the wasm was copied, and its address passed`, async () => {
    const folder = app('bundled');
    await bundle(folder, 'beside.js');
    copyFileSync(join(folder, 'index.html'), join(folder, 'dist/index.html'));
    copyFileSync(join(packageFolder(), 'wasm/ranklet_bg.wasm'), join(folder, 'dist/ranklet_bg.wasm'));
    await checkSmoke((await opened(join(folder, 'dist'))).result);
  });
}

/** What comes of a script of one line, minified. */
async function bundled(line) {
  const { outputFiles: [{ text }] } = await build({
    stdin: { contents: line, resolveDir: app('bundled') }, bundle: true, minify: true, write: false, format: 'esm', logLevel: 'silent',
  });
  return text.trim();
}

test('esbuild: what is not used is not bundled', async () => {
  assert.equal(await bundled("import 'ranklet'; import 'ranklet/adapters'; import 'ranklet/inline'; import 'ranklet/observe'; import 'ranklet/persist';"), '', 'imports have no effect');
  const adapter = await bundled("export { fromQdrant } from 'ranklet/adapters';");
  assert.ok(adapter.includes('points') && !adapter.includes('WebAssembly') && !adapter.includes('objectID'), 'an adapter brings neither wasm nor its siblings');
  const ranker = await bundled("export { Ranker } from 'ranklet';");
  assert.ok(ranker.includes('WebAssembly') && !ranker.includes('IntersectionObserver') && !ranker.includes('indexedDB') && !ranker.includes('HMAC'), 'the ranker brings no other entry');
  assert.ok(ranker.length < 200_000, `${ranker.length} characters: no wasm in it`);
});
