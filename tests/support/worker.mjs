// In: a worker's own modules. Out: that worker in real workerd, with the installed package beside it.
// The package's files are handed over one by one, as a bundler would: static imports, nothing compiled from bytes.
// Must never bind anything but loopback.
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { Miniflare } from 'miniflare';
import { entry, packageFolder } from './package.mjs';

/** `modules`: [{ type, path, contents }], the first is the worker; `change(path, text)` may alter the package's text. */
export async function worker({ modules, bindings, change = (_, text) => text }) {
  const folder = packageFolder();
  const own = ['', 'src', 'wasm'].flatMap((part) =>
    readdirSync(join(folder, part))
      .filter((name) => /\.(js|wasm)$/.test(name))
      .map((name) => join(folder, part, name)))
    .filter((file) => dirname(file) !== folder || file === entry('workerd'));
  const packageModules = own.map((file) => {
    const path = relative(join(folder, '../..'), file);
    return file.endsWith('.wasm')
      ? { type: 'CompiledWasm', path, contents: readFileSync(file) }
      : { type: 'ESModule', path, contents: change(path, readFileSync(file, 'utf8')) };
  });
  const bare = { type: 'ESModule', path: 'ranklet', contents: `export * from './${relative(join(folder, '../..'), entry('workerd'))}';` };
  const miniflare = new Miniflare({
    host: '127.0.0.1',
    port: 0,
    compatibilityDate: '2025-11-01',
    modules: [...modules, bare, ...packageModules],
    bindings,
  });
  await miniflare.ready;
  return miniflare;
}
