// In: whatever bytes can come from. Out: a Module, a Response, or the bytes, counted as they arrive.
// A refusal by the page's own policy gets another code than a network that is down.
// A caller's progress callback that throws does not stop the load; nothing is fetched twice.
import { bytesOf } from './bytes.js';
import { RankletError } from './errors.js';
import { watchPolicy } from './diagnose.js';

/**
 * How bytes are read: `file` reads `file:` addresses where `fetch` does not; more than `most` bytes are refused.
 *
 * @typedef {Pick<import('../index.js').LoadOptions, 'signal' | 'onProgress'> & { file?: (url: URL) => Promise<Uint8Array>, most?: number }} Reading
 */

/** A Module, a Response, or bytes. `kind` is `'model'` or `'wasm'`. */
export async function obtain(source, kind, /** @type {Reading} */ { signal, file }) {
  let given;
  /** @type {ReturnType<typeof watchPolicy>} */
  let policy = null;
  /** @type {string | null} */
  let address = null;
  try {
    given = await source;
    if (typeof given === 'string' || given instanceof URL) {
      address = String(given);
      if (file && address.startsWith('file:')) {
        given = await file(new URL(given));
      } else {
        policy = watchPolicy(given);
        given = await fetch(given, { signal });
      }
    }
  } catch (cause) {
    const violation = await policy?.violation();
    if (violation) {
      throw new RankletError(`${kind}/csp`, kind, `The page's Content-Security-Policy forbids fetching the ${kind}: add its origin to ${violation.directive}.`, cause);
    }
    throw new RankletError(`${kind}/fetch`, kind, unfetched(address, kind, file), cause);
  } finally {
    policy?.stop();
  }
  if (kind === 'wasm' && given instanceof WebAssembly.Module) return given;
  const bytes = bytesOf(given);
  if (bytes) return bytes;
  if (isResponse(given)) return given;
  throw new RankletError(`${kind}/not-bytes`, kind, `Give the ${kind} as a URL, a Response or bytes.`);
}

/** Why, as far as the address tells: outside a page, a path is none. */
function unfetched(address, kind, file) {
  if (file && address?.startsWith('file:')) return `The ${kind}'s file could not be read: check its path.`;
  if (address === null || isAddress(address)) {
    return `The ${kind} could not be fetched: check the address, the network, and CORS if it is on another origin.`;
  }
  const start = `The ${kind}'s address is no absolute URL, and there is no page that it could be relative to`;
  if (!file) return `${start}: give its whole URL, or its bytes.`;
  return `${start}: for a file give a file: URL, as \`new URL('./movies.onnx', import.meta.url)\`, or the bytes that \`readFile\` gives.`;
}

function isAddress(text) {
  try {
    const base = globalThis.document?.baseURI ?? globalThis.location?.href;
    return new URL(text, base).protocol.length > 2; // `C:` is a drive
  } catch {
    return false;
  }
}

export function isResponse(value) {
  return value !== null && typeof value === 'object' && typeof value.arrayBuffer === 'function';
}

/** The whole body of a Response or Blob; stops at `most` bytes. */
export async function body(response, kind, /** @type {Reading} */ { most = Infinity, onProgress } = {}) {
  if (response.ok === false) {
    throw new RankletError(`${kind}/http`, kind, `The server answered ${response.status} for the ${kind}: check its address.`);
  }
  try {
    const stream = response.ok === true && response.body; // a Blob's size is bounded by who made it
    if (!stream || !stream.getReader) return new Uint8Array(await response.arrayBuffer());
    return await read(stream, kind, most, meter(response, kind, onProgress));
  } catch (cause) {
    if (cause instanceof RankletError) throw cause;
    throw new RankletError(`${kind}/fetch`, kind, `The ${kind} did not arrive whole.`, cause);
  }
}

async function read(stream, kind, most, arrived) {
  const chunks = [];
  let length = 0;
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    length += value.byteLength;
    if (length > most) {
      reader.cancel().catch(() => {});
      throw new RankletError(`${kind}/too-large`, kind, `The ${kind} has more than ${most} bytes, the most that are accepted.`);
    }
    arrived(length);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}

/** The same Response, counted on its way; as it is where nobody counts: engines cache code of those only. */
export function counted(response, kind, onProgress) {
  if (!onProgress || !response.body || typeof TransformStream !== 'function') return response;
  const arrived = meter(response, kind, onProgress);
  let length = 0;
  const count = new TransformStream({
    transform(chunk, controller) {
      length += chunk.byteLength;
      controller.enqueue(chunk);
      arrived(length);
    },
  });
  const { status, statusText, headers } = response;
  return new Response(response.body.pipeThrough(count), { status, statusText, headers });
}

/** Reports `{ part, loaded, total }`; the length that a server names counts compressed bytes if it compresses. */
function meter(response, part, onProgress) {
  if (!onProgress) return () => {};
  const encoded = (response.headers?.get('content-encoding') ?? 'identity') !== 'identity';
  const named = encoded ? 0 : Number(response.headers?.get('content-length'));
  return (loaded) => {
    const total = named > 0 && loaded <= named ? named : null;
    try { onProgress({ part, loaded, total }); } catch { /* the caller's own fault; the load goes on */ }
  };
}
