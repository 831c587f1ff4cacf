// In: a worker's source that imports the package by name. Out: that worker in real workerd.
// Bundled as wrangler bundles: its conditions, .wasm as compiled modules, .onnx as bytes; nothing compiled from bytes.
// Must never bind anything but loopback.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { build } from 'esbuild';
import { Miniflare } from 'miniflare';
import { modelBytes } from './films.mjs';
import { ROOT, installed } from './package.mjs';

export const COMPATIBILITY_DATE = '2025-11-01';

/** One of the template's files, or any other text. */
export const template = (name) => readFileSync(join(ROOT, 'www/edge', name), 'utf8');

/**
 * `source`: the worker's text; `files`: more texts by name beside it. `change(path, text)` may alter the
 * package's own, to make a fault. The rest is Miniflare's.
 */
export async function worker({ source, files = {}, model = modelBytes(), change, ...options }) {
  const miniflare = new Miniflare({
    host: '127.0.0.1',
    port: 0,
    compatibilityDate: COMPATIBILITY_DATE,
    modules: await bundled({ source, files, model, change }),
    ...options,
  });
  await miniflare.ready;
  return miniflare;
}

let count = 0;

async function bundled({ source, files, model, change = (_, text) => text }) {
  count += 1;
  const folder = join(installed(), `worker-${count}`);
  mkdirSync(folder);
  for (const [name, text] of Object.entries({ 'worker.js': source, ...files })) writeFileSync(join(folder, name), text);
  writeFileSync(join(folder, 'movies.onnx'), model);
  const binaries = new Map();
  const { outputFiles: [{ text }] } = await build({
    entryPoints: [join(folder, 'worker.js')],
    bundle: true, write: false, format: 'esm', target: 'es2022', conditions: ['workerd', 'worker', 'browser'], logLevel: 'silent',
    plugins: [{
      name: 'as-wrangler-does',
      setup(own) {
        own.onResolve({ filter: /\.(wasm|onnx)$/ }, ({ path, resolveDir }) => {
          binaries.set(basename(path), join(resolveDir, path));
          return { path: `./${basename(path)}`, external: true };
        });
        own.onLoad({ filter: /node_modules[\\/]ranklet[\\/].*\.js$/ }, ({ path }) => ({ contents: change(path, readFileSync(path, 'utf8')), resolveDir: dirname(path) }));
      },
    }],
  });
  return [
    { type: 'ESModule', path: 'worker.js', contents: text },
    ...[...binaries].map(([path, file]) => ({ type: path.endsWith('.wasm') ? 'CompiledWasm' : 'Data', path, contents: readFileSync(file) })),
  ];
}
