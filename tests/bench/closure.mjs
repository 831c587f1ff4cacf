// In: pkg/ with its built wasm. Out: what a browser loads for `import 'ranklet'`: the JavaScript as esbuild
// bundles it, and each wasm that the bundle fetches, with their bytes. This is what "size" means here.
import { build } from 'esbuild';
import { readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
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

/** The bundle of `import 'ranklet'`, and the wasm files that its text names. The package finds itself by name. */
export async function closure() {
  const { outputFiles: [bundle] } = await build({
    stdin: { contents: "export * from 'ranklet';", resolveDir: PKG },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    write: false,
    logLevel: 'error',
  });
  const fetched = new Set([...bundle.text.matchAll(/["'`]([^"'`]+\.wasm)["'`]/g)].map((match) => match[1]));
  if (fetched.size === 0) throw new Error('the bundle names no wasm: how does it fetch the module?');
  const files = [...fetched].map((path) => measure(readFileSync(join(PKG, path)), basename(path)));
  return [measure(Buffer.from(bundle.contents), 'JavaScript (esbuild, minified)'), ...files];
}
