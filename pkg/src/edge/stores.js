// In: a KV namespace or a Durable Object, and how a visitor is known. Out: profiles that live on the server.
// A profile is a session's snapshot: what the model needs, no history of pages.
// Must never take a visitor's word for more than the id that this server gave out.
import { EdgeFault } from './faults.js';

/** Seconds: interests of a month ago say little. */
const TTL_SECONDS = 30 * 86_400;

/**
 * Knows a visitor by a random id in a cookie of their own. Gives `{ id, headers }`; the id is their key to
 * the profile, so the cookie is kept from scripts and other sites.
 *
 * @type {typeof import('../../edge.js').visitorCookie}
 */
export function visitorCookie({ name = 'ranklet_visitor', maxAge = TTL_SECONDS, secure = true } = {}) {
  const visitor = (request) => {
    const id = readCookie(request.headers.get('cookie'), name);
    if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id ?? '')) return { id };
    const fresh = crypto.randomUUID();
    return { id: fresh, fresh: true, headers: { 'set-cookie': setCookie(name, fresh, { maxAge, secure }) } };
  };
  visitor.hide = (headers) => dropCookie(headers, name);
  visitor.forget = () => ({ 'set-cookie': setCookie(name, '', { maxAge: 0, secure }) });
  return visitor;
}

/**
 * Profiles in Workers KV. KV is eventually consistent: two events within the same second may overwrite each
 * other, and another place sees an event after up to a minute. Where that matters take a Durable Object.
 *
 * @type {typeof import('../../edge.js').kvProfile}
 */
export function kvProfile({ binding = 'PROFILES', prefix = 'profile:', ttlSeconds = TTL_SECONDS, visitor = /** @type {import('../../edge.js').Visitor} */ (visitorCookie()) } = {}) {
  const store = (env) => bound(env, binding);
  return {
    async read(request, env, { limits }) {
      const { id, fresh, headers } = await visitor(request, env);
      const bytes = fresh ? null : await store(env).get(prefix + id, 'arrayBuffer');
      return { snapshot: checked(bytes, limits), headers };
    },
    async write(request, env, events, { apply, limits }) {
      const { id, fresh, headers } = await visitor(request, env);
      const old = fresh ? null : checked(await store(env).get(prefix + id, 'arrayBuffer'), limits);
      const { snapshot, ...result } = apply(old, events);
      await store(env).put(prefix + id, snapshot, { expirationTtl: ttlSeconds });
      return { ...result, headers };
    },
    async erase(request, env) {
      const { id, fresh } = await visitor(request, env);
      if (!fresh) await store(env).delete(prefix + id);
      return visitor.forget?.();
    },
    hide: visitor.hide,
  };
}

/**
 * Profiles in Durable Objects: one object a visitor, each event seen by the next request everywhere.
 *
 * @type {typeof import('../../edge.js').durableObjectProfile}
 */
export function durableObjectProfile({ binding = 'PROFILE', visitor = /** @type {import('../../edge.js').Visitor} */ (visitorCookie()) } = {}) {
  const object = (env, id) => {
    const namespace = bound(env, binding);
    return namespace.get(namespace.idFromName(id));
  };
  const ask = (env, id, init) => object(env, id).fetch('https://profile.invalid/', init);
  return {
    async read(request, env, { limits }) {
      const { id, fresh, headers } = await visitor(request, env);
      if (fresh) return { headers };
      const answer = await ask(env, id);
      if (!answer.ok) throw new EdgeFault('profile/store', 503, 'The profile could not be read.');
      const bytes = await answer.arrayBuffer();
      return { snapshot: checked(bytes, limits), headers };
    },
    // The object applies the events itself: two requests at a time would overwrite each other's.
    async write(request, env, events) {
      const { id, headers } = await visitor(request, env);
      const answer = await ask(env, id, { method: 'POST', body: JSON.stringify({ events }) });
      if (!answer.ok) throw new EdgeFault('profile/store', 503, 'The events could not be stored; send them again.');
      return { ...await answer.json(), headers };
    },
    async erase(request, env) {
      const { id, fresh } = await visitor(request, env);
      if (!fresh) await ask(env, id, { method: 'DELETE' });
      return visitor.forget?.();
    },
    hide: visitor.hide,
  };
}

function bound(env, name) {
  if (env?.[name]) return env[name];
  throw new EdgeFault('edge/no-binding', 500, `env has no binding ${name}: add it to the configuration.`);
}

/** A store may hold what another program wrote. */
function checked(bytes, limits) {
  if (!bytes || bytes.byteLength === 0 || bytes.byteLength > limits.snapshotBytes) return null;
  return new Uint8Array(bytes);
}

export function readCookie(header, name) {
  for (const pair of (header ?? '').split(';')) {
    const at = pair.indexOf('=');
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return null;
}

export function dropCookie(headers, name) {
  const rest = (headers.get('cookie') ?? '').split(';').filter((pair) => pair.trim() !== '' && pair.split('=')[0].trim() !== name);
  if (rest.length > 0) headers.set('cookie', rest.map((pair) => pair.trim()).join('; '));
  else headers.delete('cookie');
}

export function setCookie(name, value, { maxAge, secure }) {
  return `${name}=${value}; Path=/; Max-Age=${maxAge}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
}
