// In: a request with a visitor's profile, and the origin's list. Out: the list in the order for this visitor.
// On any fault the origin's answer goes out as it came, with `x-ranklet: passthrough; <reason>`.
// Must never keep anything of a visitor after the answer, nor let one be cached for another.
import { Ranker, RankletError } from 'ranklet';
import model from './movies.onnx';
import { readProfile } from './profile.js';

/** Bytes: 1,000 candidates with long titles are under one megabyte. */
const ORIGIN_BYTES = 4 << 20;
/** Milliseconds of `rank()` unless `env.BUDGET_MS` says otherwise. Deployed workers freeze their clock while they compute. */
const BUDGET_MS = 8;

// The model alone lives here. No promise is kept: one that belongs to a cancelled request never ends.
let ranker = null;

export default {
  async fetch(request, env) {
    if (!['GET', 'HEAD', 'POST'].includes(request.method)) {
      return new Response(null, { status: 405, headers: { allow: 'GET, HEAD, POST' } });
    }
    let origin;
    let profile;
    try {
      profile = await readProfile(request);
    } catch (error) {
      profile = error;
    }
    try {
      origin = await fetch(originRequest(request, env));
    } catch {
      return new Response(null, { status: 502, headers: { 'x-ranklet': 'passthrough; origin/unreachable' } });
    }
    if (origin.body === null || !origin.ok) return passthrough(origin, origin.body, 'origin/status');

    const [body, untouched] = origin.body.tee();
    try {
      const answer = JSON.parse(await readText(body, ORIGIN_BYTES));
      if (!Array.isArray(answer?.items)) throw new RankletError('origin/shape', 'items', 'The origin sent no list.');
      if (profile instanceof Error) throw profile;
      const ranking = rankFor(profile, answer.items, await ready(), Number(env.BUDGET_MS ?? BUDGET_MS));
      const { tier, reason, scored, ms } = ranking;
      if (tier === 'passthrough') return passthrough(origin, untouched, reason);
      untouched.cancel().catch(() => {});
      const ranked = { ...answer, items: ranking.items, ranklet: { tier, reason, scored, ms } };
      return new Response(JSON.stringify(ranked), { headers: rankedHeaders(origin, tier) });
    } catch (error) {
      return passthrough(origin, untouched, reasonOf(error));
    }
  },
};

/** One visitor at a time: nothing in here waits, so no other request can see the session. */
function rankFor(events, items, ranker, budgetMs) {
  try {
    ranker.forget();
    ranker.setCandidates(items);
    for (const event of events) {
      try {
        ranker.observe(event);
      } catch (error) {
        // A film that left the catalogue must not cost the visitor the rest of the profile.
        if (error.code !== 'event/unknown-item') throw error;
      }
    }
    return ranker.rank(undefined, { budgetMs });
  } finally {
    ranker.setCandidates([]);
    ranker.forget();
  }
}

async function ready() {
  if (ranker) return ranker;
  const loaded = await Ranker.load(model);
  if (ranker) loaded.dispose(); // another request was first
  else ranker = loaded;
  return ranker;
}

/** The same path at the origin. The visitor's profile stays here. */
function originRequest(request, env) {
  const { pathname, search } = new URL(request.url);
  const url = new URL(env.ORIGIN);
  url.pathname = pathname; // a setter: `//elsewhere/` in a path cannot change the host
  url.search = search;
  const headers = new Headers(request.headers);
  for (const name of ['x-ranklet-profile', 'content-type', 'content-length', 'range', 'if-none-match', 'if-modified-since']) {
    headers.delete(name);
  }
  headers.set('accept-encoding', 'identity');
  return new Request(url, { headers, redirect: 'manual' });
}

/** The origin's headers (CORS, cookies, Vary) without those that describe its own bytes. */
function rankedHeaders(origin, tier) {
  const headers = new Headers(origin.headers);
  for (const name of ['content-length', 'content-encoding', 'etag', 'last-modified', 'expires', 'age']) headers.delete(name);
  headers.set('content-type', 'application/json');
  headers.set('cache-control', 'private, no-store');
  headers.set('x-ranklet', tier);
  return headers;
}

function passthrough(origin, body, reason) {
  const headers = new Headers(origin.headers);
  headers.set('x-ranklet', `passthrough; ${reason}`);
  return new Response(body, { status: origin.status, statusText: origin.statusText, headers });
}

function reasonOf(error) {
  if (error instanceof RankletError) return error.code;
  return error instanceof SyntaxError ? 'origin/not-json' : 'worker/fault';
}

async function readText(stream, most) {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    bytes += value.byteLength;
    if (bytes > most) {
      reader.cancel().catch(() => {});
      throw new RankletError('origin/too-large', '', 'The list is too large.');
    }
    text += decoder.decode(value, { stream: true });
  }
}
