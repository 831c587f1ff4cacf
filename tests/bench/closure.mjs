// In: pkg/ with its built wasm. Out: what a browser loads for `import 'ranklet'`: the JavaScript as esbuild
// bundles it, and each wasm that the bundle fetches, with their bytes. This is what "size" means here.
import { build } from 'esbuild';
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const PKG = resolve(fileURLToPath(import.meta.url), '../../../pkg');

/** Bytes: raw, gzip -9, brotli 11. */
export function measure(bytes, name) {
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  return { name, raw: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length, brotli: brotliCompressSync(bytes, { params }).length };
}

/** The sum of some measures. */
export function add(parts) {
  const sum = { raw: 0, gzip: 0, brotli: 0 };
  for (const part of parts) for (const key of Object.keys(sum)) sum[key] += part[key];
  return sum;
}

/** Files that a module fetches beside itself: `new URL('X', import.meta.url)`, as bundlers find them. */
const BESIDE = /new URL\(\s*(["'`])([^"'`]+)\1\s*,\s*import\.meta\.url\s*\)/g;

/**
 * The bundle of `import 'ranklet'` and the files that its modules fetch. `folder` is the package's: it finds itself
 * by its name, through its `exports` under the conditions of a browser, as a user's bundler finds it installed.
 */
export async function closure(folder = PKG) {
  const { outputFiles: [bundle], metafile } = await build({
    stdin: { contents: "export * from 'ranklet';", resolveDir: folder },
    absWorkingDir: folder,
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    metafile: true,
    write: false,
    logLevel: 'error',
  });
  const fetched = new Set();
  for (const input of Object.keys(metafile.inputs).filter((name) => name !== '<stdin>')) {
    const file = join(folder, input);
    for (const [, , path] of readFileSync(file, 'utf8').matchAll(BESIDE)) fetched.add(resolve(dirname(file), path));
  }
  // Sentences of errors show such an address too; no file lies there.
  const files = [...fetched].filter((file) => existsSync(file)).map((file) => measure(readFileSync(file), basename(file)));
  if (!files.some(({ name }) => name.endsWith('.wasm'))) throw new Error('the bundle names no wasm: how does it fetch the module?');
  return [...files, measure(Buffer.from(bundle.contents), 'JavaScript (esbuild, minified)')];
}
