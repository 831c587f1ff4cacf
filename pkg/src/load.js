// In: a URL, a Response, bytes, or a promise of one. Out: the model's bytes, or a compiled module.
// Says early and with a code when what arrived is not what was asked for (404, an HTML page).
// Must never fetch a thing twice.
import { RankletError } from './errors.js';

/** The limit of the wasm, checked here as well: what is too large must not fill its memory first. */
const MODEL_BYTES = 8 << 20;

/** The model's bytes, in a copy of our own: it is kept for rebuilding after a trap. */
export async function modelBytes(model, { signal, file } = {}) {
  const got = await obtain(model, 'model', { signal, file });
  const bytes = isResponse(got) ? await body(got, 'model') : got.slice();
  if (bytes.length > MODEL_BYTES) {
    throw new RankletError('model/too-large', 'model', `The model has ${bytes.length} bytes; at most ${MODEL_BYTES} are accepted.`);
  }
  return bytes;
}

/** A compiled module; streams where the server names the right type, else compiles the same bytes. */
export async function compile(wasm) {
  const got = await obtain(wasm, 'wasm', {});
  if (got instanceof WebAssembly.Module) return got;
  try {
    if (isResponse(got)) {
      const type = got.headers?.get('content-type') ?? '';
      if (got.ok && type.startsWith('application/wasm') && WebAssembly.compileStreaming) {
        return await WebAssembly.compileStreaming(got);
      }
      return await WebAssembly.compile(await body(got, 'wasm'));
    }
    return await WebAssembly.compile(got);
  } catch (cause) {
    throw cause instanceof RankletError ? cause : refused(cause);
  }
}

async function obtain(source, kind, { signal, file }) {
  let given;
  try {
    given = await source;
    if (typeof given === 'string' || given instanceof URL) {
      const local = file && String(given).startsWith('file:');
      given = local ? await file(new URL(given)) : await fetch(given, { signal });
    }
  } catch (cause) {
    throw new RankletError(`${kind}/fetch`, kind, `The ${kind} could not be fetched: check the address and the network.`, cause);
  }
  if (kind === 'wasm' && given instanceof WebAssembly.Module) return given;
  if (ArrayBuffer.isView(given)) return new Uint8Array(given.buffer, given.byteOffset, given.byteLength);
  if (/^\[object (Shared)?ArrayBuffer\]$/.test(Object.prototype.toString.call(given))) return new Uint8Array(given);
  if (isResponse(given)) return given;
  throw new RankletError(`${kind}/not-bytes`, kind, `Give the ${kind} as a URL, a Response or bytes.`);
}

function isResponse(value) {
  return value !== null && typeof value === 'object' && typeof value.arrayBuffer === 'function';
}

async function body(response, kind) {
  if (response.ok === false) {
    throw new RankletError(`${kind}/http`, kind, `The server answered ${response.status} for the ${kind}: check its address.`);
  }
  let bytes;
  try {
    bytes = new Uint8Array(await response.arrayBuffer());
  } catch (cause) {
    throw new RankletError(`${kind}/fetch`, kind, `The ${kind} did not arrive whole.`, cause);
  }
  if (looksLikeHtml(bytes)) {
    throw new RankletError(`${kind}/html`, kind, `The server sent a page instead of the ${kind}: the address is wrong, or a fallback route answers for it.`);
  }
  return bytes;
}

/** Neither ONNX nor wasm can begin with `<`, whatever white space comes first. */
function looksLikeHtml(bytes) {
  let at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  while (at < 64 && (bytes[at] === 0x20 || (bytes[at] >= 0x09 && bytes[at] <= 0x0d))) at += 1;
  return bytes[at] === 0x3c;
}

function refused(cause) {
  if (/content.security.policy|unsafe-eval|csp/i.test(String(cause?.message))) {
    return new RankletError('wasm/csp', 'wasm', "The page's Content-Security-Policy forbids WebAssembly: add 'wasm-unsafe-eval' to script-src.", cause);
  }
  return new RankletError('wasm/compile', 'wasm', 'The wasm was refused. In workers that forbid compiling, import the .wasm statically and pass it as `wasm`.', cause);
}
