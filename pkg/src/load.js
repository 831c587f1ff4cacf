// In: a URL, a Response, bytes, or a promise of one. Out: the model's bytes, or a compiled module.
// What arrived is checked first, so that a wrong file is reported with a code. Nothing is fetched twice.
import { checkContent, compileError } from './diagnose.js';
import { RankletError } from './errors.js';
import { checkIntegrity } from './integrity.js';
import { MODEL_BYTES } from './limits.js';
import { body, counted, isResponse, obtain } from './transfer.js';

/** A function of one SIMD instruction: engines without SIMD find it invalid. */
const SIMD = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11);

/** @typedef {import('./transfer.js').Reading & { integrity?: { name: string, hash: string }[] }} ModelReading */

/** The model's bytes, in a copy of our own: it is kept for rebuilding after a trap. */
export async function modelBytes(model, /** @type {ModelReading} */ { signal, file, integrity, onProgress } = {}) {
  const got = await obtain(model, 'model', { signal, file });
  const bytes = isResponse(got) ? await body(got, 'model', { most: MODEL_BYTES, onProgress }) : got.slice();
  if (bytes.length > MODEL_BYTES) { // before it fills the wasm's memory
    throw new RankletError('model/too-large', 'model', `The model has ${bytes.length} bytes; at most ${MODEL_BYTES} are accepted.`);
  }
  checkContent(bytes, 'model', got.headers?.get?.('content-type'));
  if (integrity) await checkIntegrity(bytes, integrity, 'model');
  return bytes;
}

/** A compiled module; streams where the server names the right type, else compiles the same bytes. */
export async function compile(wasm, /** @type {import('./transfer.js').Reading} */ { onProgress } = {}) {
  if (!WebAssembly.validate(SIMD)) { // before megabytes are fetched in vain
    throw new RankletError('wasm/no-simd', 'wasm', 'This runtime has no WebAssembly SIMD: browsers have it since Chrome 91, Firefox 89 and Safari 16.4. Keep the order that the server gave.');
  }
  const got = await obtain(wasm, 'wasm', {});
  if (got instanceof WebAssembly.Module) return got;
  try {
    if (isResponse(got)) {
      const type = got.headers?.get('content-type') ?? '';
      if (got.ok && type.startsWith('application/wasm') && WebAssembly.compileStreaming) {
        return await WebAssembly.compileStreaming(counted(got, 'wasm', onProgress));
      }
      const bytes = await body(got, 'wasm', { onProgress });
      checkContent(bytes, 'wasm', type);
      return await WebAssembly.compile(bytes);
    }
    return await WebAssembly.compile(got);
  } catch (cause) {
    throw cause instanceof RankletError ? cause : compileError(cause);
  }
}

/** Throws where there is no WebAssembly at all. */
export function requireWasm() {
  if (typeof WebAssembly === 'object') return;
  throw new RankletError('wasm/unavailable', 'wasm', 'This runtime has no WebAssembly (some lockdown modes turn it off): keep the order that the server gave.');
}
