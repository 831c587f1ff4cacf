// In: a secret. Out: profiles that the visitor's own browser keeps, signed so that only this server writes them.
// Stateless: nothing is stored here. The cookie is signed, not encrypted: the visitor can read their own interests.
// Must never use a profile whose signature it has not checked.
import { EdgeFault } from './faults.js';
import { LIMITS } from './limits.js';
import { fromBase64Url, toBase64Url } from './request.js';
import { dropCookie, readCookie, setCookie } from './stores.js';

const VERSION = 1;
/** Version, then seconds since 1970 as 32 bits. */
const HEADER = 5;
const MAC = 32;
const SECRET_BYTES = 16;

/**
 * `secret(env)` gives a string of at least 16 bytes, or several: the first signs, all are accepted, so that a
 * secret can be replaced without losing profiles.
 *
 * @type {typeof import('../../edge.js').cookieProfile}
 */
export function cookieProfile({ secret = (env) => env?.PROFILE_SECRET, name = 'ranklet', maxAge = 30 * 86_400, secure = true, now = Date.now } = {}) {
  const keys = new Map();
  async function keysOf(env) {
    const secrets = [typeof secret === 'function' ? await secret(env) : secret].flat();
    return Promise.all(secrets.map(async (text) => {
      const bytes = new TextEncoder().encode(text ?? '');
      if (bytes.length < SECRET_BYTES) throw new EdgeFault('profile/no-secret', 500, `Set PROFILE_SECRET to at least ${SECRET_BYTES} random bytes.`);
      if (!keys.has(text)) keys.set(text, await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify']));
      return keys.get(text);
    }));
  }

  async function open(request, env) {
    const value = readCookie(request.headers.get('cookie'), name);
    if (!value) return { snapshot: null };
    const bytes = value.length <= 4_096 ? fromBase64Url(value) : null;
    if (!bytes || bytes.length < HEADER + MAC || bytes[0] !== VERSION) return refused('profile/bad-cookie');
    const signed = bytes.subarray(0, -MAC);
    const valid = await Promise.all((await keysOf(env)).map((key) => crypto.subtle.verify('HMAC', key, bytes.subarray(-MAC), bound(name, signed))));
    if (!valid.includes(true)) return refused('profile/bad-signature');
    const written = new DataView(signed.buffer, signed.byteOffset).getUint32(1);
    if (now() / 1000 - written > maxAge) return refused('profile/expired');
    return { snapshot: signed.slice(HEADER) };
  }

  /** A cookie that cannot be used is taken back; the visitor starts anew. */
  function refused(degraded) {
    return { snapshot: null, degraded, headers: { 'set-cookie': setCookie(name, '', { maxAge: 0, secure }) } };
  }

  return {
    read: open,
    async write(request, env, events, { apply, limits = LIMITS }) {
      const old = await open(request, env);
      const { snapshot, ...result } = apply(old.snapshot, events, { compact: true });
      if (snapshot.length > limits.cookieBytes) throw new EdgeFault('profile/too-large', 500, `The profile has more than ${limits.cookieBytes} bytes.`);
      const signed = new Uint8Array(HEADER + snapshot.length);
      signed[0] = VERSION;
      new DataView(signed.buffer).setUint32(1, Math.floor(now() / 1000));
      signed.set(snapshot, HEADER);
      const [key] = await keysOf(env);
      const mac = new Uint8Array(await crypto.subtle.sign('HMAC', key, bound(name, signed)));
      const value = toBase64Url(Uint8Array.of(...signed, ...mac));
      return { ...result, degraded: result.degraded ?? old.degraded ?? null, headers: { 'set-cookie': setCookie(name, value, { maxAge, secure }) } };
    },
    erase: async () => ({ 'set-cookie': setCookie(name, '', { maxAge: 0, secure }) }),
    hide: (headers) => dropCookie(headers, name),
  };
}

/** The cookie's name is signed along: a value signed for another purpose is not taken here. */
function bound(name, signed) {
  const prefix = new TextEncoder().encode(`ranklet-profile/${name}\0`);
  const bytes = new Uint8Array(prefix.length + signed.length);
  bytes.set(prefix);
  bytes.set(signed, prefix.length);
  return bytes;
}
