// In: a visitor's request. Out: the origin's answer to it, and its parts for the one that goes out.
// The origin sees the visitor's request without the profile.
// Must never follow a path to another host, nor change a byte of what passes through.
import { EdgeFault } from './faults.js';

/** Headers of the request that concern its own body, or would make the answer a part of a list or none. */
const NOT_FORWARDED = ['content-type', 'content-length', 'transfer-encoding', 'connection', 'expect', 'host', 'range', 'if-none-match', 'if-modified-since'];
/** Headers of the answer that describe its own bytes. */
const OF_BYTES = ['content-length', 'content-encoding', 'etag', 'last-modified', 'expires', 'age', 'transfer-encoding', 'connection', 'keep-alive'];

/** Asks for the same path at the origin; a Request that `origin` gives is asked as it is. */
export async function askOrigin(ask, origin, request, env, { profile, signal }) {
  const given = typeof origin === 'function' ? await origin(request, env) : origin;
  if (given instanceof Request) return ask(given, { signal });
  if (given == null) throw new EdgeFault('edge/no-origin', 500, 'No origin is set: give `origin`, or ORIGIN in env.');
  const { pathname, search } = new URL(request.url);
  const url = new URL(given);
  url.pathname = pathname; // a setter: `//elsewhere/` in a path cannot change the host
  url.search = search;
  const headers = new Headers(request.headers);
  for (const name of NOT_FORWARDED) headers.delete(name);
  profile.hide?.(headers);
  headers.set('accept-encoding', 'identity');
  const method = request.method === 'HEAD' ? 'HEAD' : 'GET';
  return ask(new Request(url, { method, headers, redirect: 'manual' }), { signal });
}

/** The origin's headers (CORS, cookies, Vary) without those that describe its own bytes, and ours. */
export function rankedHeaders(origin, tier, timing, more = {}) {
  const headers = new Headers(origin.headers);
  for (const name of OF_BYTES) headers.delete(name);
  headers.set('content-type', 'application/json');
  headers.set('cache-control', 'private, no-store');
  headers.set('x-ranklet', tier);
  headers.append('server-timing', timing);
  for (const [name, value] of Object.entries(more)) headers.append(name, value);
  return headers;
}

export function passthrough(origin, body, code) {
  const headers = new Headers(origin.headers);
  headers.set('x-ranklet', `passthrough; ${code}`);
  // Except in workerd, `fetch` has decoded the body by now, and hop-by-hop headers are the server's own.
  if (globalThis.navigator?.userAgent !== 'Cloudflare-Workers') {
    if (headers.has('content-encoding')) headers.delete('content-length');
    for (const name of ['content-encoding', 'transfer-encoding', 'connection', 'keep-alive']) headers.delete(name);
  }
  return new Response(body, { status: origin.status, statusText: origin.statusText, headers });
}

/** The text of a stream of UTF-8, of at most `most` bytes. */
export async function readText(stream, most, code = 'origin/too-large', status = 500) {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let text = '';
  let bytes = 0;
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return text + decoder.decode();
      bytes += value.byteLength;
      if (bytes > most) throw new EdgeFault(code, status, `More than ${most} bytes.`);
      text += decoder.decode(value, { stream: true });
    }
  } catch (error) {
    reader.cancel().catch(() => {});
    if (error instanceof EdgeFault) throw error;
    const reason = code.replace('too-large', error instanceof TypeError && /decod|encoded|utf/i.test(error.message) ? 'not-utf8' : 'broken');
    throw new EdgeFault(reason, status === 413 ? 400 : status, 'The bytes are not UTF-8, or did not arrive whole.', error);
  }
}
