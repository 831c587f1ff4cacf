// In: handlers in real workerd with real KV and Durable Objects, and signed cookies. Out: what visitors keep, and what nobody can forge.
// The same statements are made about each place that a profile can live in.
// Must never look into a store to see what a visitor would see.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { filmList, ofGenre } from '../support/films.mjs';
import { server } from '../support/server.mjs';
import { template, worker } from '../support/worker.mjs';

const list = filmList(120);
const LIST = JSON.stringify({ items: list });
const SECRET = 'a secret of more than 16 bytes';
const kv = `
import { createEdgeHandler, kvProfile } from 'ranklet/edge';
import model from './movies.onnx';
export default createEdgeHandler({ model, profile: kvProfile(), budgetMs: null });`;
const unlimited = (source) => source.replace(/budgetMs: .*\n/, 'budgetMs: null,\n');

const PLACES = {
  'a Durable Object': { source: unlimited(template('worker.js')), durableObjects: { PROFILE: { className: 'Profile', useSQLite: true } } },
  'Workers KV': { source: kv, kvNamespaces: ['PROFILES'] },
  'a signed cookie': { source: unlimited(template('worker-cookie.js')) },
};
let origin;
let cookies = [];
const edges = new Map();

before(async () => {
  origin = await server((request, response) => {
    cookies.push(request.headers.cookie);
    if (request.url === '/page') response.end('<h1>hello</h1>');
    else response.writeHead(200, { 'content-type': 'application/json' }).end(LIST);
  });
  for (const [place, options] of Object.entries(PLACES)) edges.set(place, await start(options));
});
after(async () => {
  for (const edge of edges.values()) await edge.dispose();
  await origin?.close();
});

const start = ({ bindings, ...options }) => worker({ bindings: { ORIGIN: origin.url, PROFILE_SECRET: SECRET, ...bindings }, ...options });

/** A browser as far as cookies go. */
function visitor(edge) {
  const jar = new Map();
  const self = {
    jar,
    async ask(path, init = {}) {
      const cookie = ['theme=dark', ...[...jar].map(([name, value]) => `${name}=${value}`)].join('; ');
      const response = await edge.dispatchFetch(`http://edge.example${path}`, { ...init, headers: { cookie, ...init.headers } });
      for (const set of response.headers.getSetCookie()) {
        const [, name, value, age] = set.match(/^([^=]+)=([^;]*);.*Max-Age=(\d+)/);
        if (age === '0') jar.delete(name);
        else jar.set(name, value);
        self.set = set;
      }
      return response;
    },
    async order(path = '/films') {
      const response = await self.ask(path);
      assert.equal(response.status, 200);
      const { items, ranklet } = await response.json();
      assert.equal(ranklet?.tier, 'full', response.headers.get('x-ranklet'));
      self.reason = ranklet.reason;
      return items.map((item) => item.id);
    },
    feedback: (events) => self.ask('/ranklet/feedback', { method: 'POST', body: JSON.stringify({ events }) }),
  };
  return self;
}

const likes = (count) => ofGenre(list, 'Drama').slice(0, count).map((item, i) => ({ id: `like-${i}`, type: 'like', at: 1763000000000 + i, item }));

for (const place of Object.keys(PLACES)) {
  test(`workerd: ${place}: what a visitor did counts at their next request, and not at another's`, async () => {
    const [ann, bob] = [visitor(edges.get(place)), visitor(edges.get(place))];
    const plain = await ann.order();
    assert.deepEqual(await bob.order(), plain);
    const answer = await ann.feedback(likes(5));
    assert.equal(answer.status, 200, await answer.clone().text());
    assert.equal(answer.headers.get('cache-control'), 'private, no-store');
    assert.deepEqual(await answer.json(), { accepted: 5, repeated: 0, refused: [], degraded: null });
    const liked = await ann.order();
    assert.notDeepEqual(liked, plain);
    assert.deepEqual(await ann.order(), liked, 'ranking changes no profile');
    assert.deepEqual(await bob.order(), plain);
  });

  test(`workerd: ${place}: the bad events of a request are said, the good ones count`, async () => {
    const ann = visitor(edges.get(place));
    await ann.order();
    const [good] = likes(1);
    const mixed = await ann.feedback([{ type: 'hum', item: list[0] }, good, { type: 'like', item: 'only an id' }, null, { type: 'dwell', item: list[1], value: -1 }]);
    assert.equal(mixed.status, 200);
    const { accepted, refused } = await mixed.json();
    assert.equal(accepted, 1);
    assert.deepEqual(refused.map(({ event, code }) => [event, code]), [[0, 'event/unknown-type'], [2, 'event/unknown-item'], [3, 'event/unreadable'], [4, 'event/bad-value']]);
    assert.ok(refused.every(({ event, path }) => path.startsWith(`events[${event}]`)), JSON.stringify(refused));
    assert.equal((await ann.feedback([null])).status, 422);
  });

  test(`workerd: ${place}: DELETE erases the profile`, async () => {
    const ann = visitor(edges.get(place));
    const plain = await ann.order();
    await ann.feedback(likes(5));
    const before = new Map(ann.jar);
    assert.notDeepEqual(await ann.order(), plain);
    const erased = await ann.ask('/ranklet/feedback', { method: 'DELETE' });
    assert.equal(erased.status, 204);
    assert.equal(ann.jar.size, 0, 'its cookie is taken back');
    assert.deepEqual(await ann.order(), plain);
    if (place === 'a signed cookie') return; // whoever kept a copy keeps their own profile
    for (const [name, value] of before) ann.jar.set(name, value);
    assert.deepEqual(await ann.order(), plain, 'with the old id too');
  });

  test(`workerd: ${place}: the cookie is kept from scripts and other sites, and the origin sees only its own`, async () => {
    const ann = visitor(edges.get(place));
    await ann.order();
    await ann.feedback(likes(1));
    assert.match(ann.set, /; HttpOnly/);
    assert.match(ann.set, /; SameSite=Lax/);
    assert.match(ann.set, /; Secure/);
    cookies = [];
    await ann.order();
    assert.deepEqual(cookies, ['theme=dark']);
  });

  test(`workerd: ${place}: an answer that passes through sets no cookie`, async () => {
    const ann = visitor(edges.get(place));
    const response = await ann.ask('/page');
    assert.match(response.headers.get('x-ranklet'), /^passthrough/);
    assert.deepEqual(response.headers.getSetCookie(), []);
  });

  for (const [what, init, status, code] of [
    ['no JSON', { method: 'POST', body: '{' }, 400, 'feedback/not-json'],
    ['no list', { method: 'POST', body: '{"events": 5}' }, 400, 'feedback/shape'],
    ['too many events', { method: 'POST', body: JSON.stringify({ events: new Array(257).fill(null) }) }, 413, 'feedback/too-large'],
    ['too many bytes', { method: 'POST', body: ' '.repeat((64 << 10) + 1) }, 413, 'feedback/too-large'],
    ['no text', { method: 'POST', body: Buffer.from([0xff]) }, 400, 'feedback/not-utf8'],
    ['GET', {}, 405, 'request/method'],
  ]) {
    test(`workerd: ${place}: feedback that is ${what} is refused with ${status}`, async () => {
      const response = await visitor(edges.get(place)).ask('/ranklet/feedback', init);
      assert.equal(response.status, status);
      assert.equal((await response.json()).error.code, code);
    });
  }

  test(`workerd: ${place}: a profile that another model wrote starts anew, and the answer says so`, async () => {
    const options = { ...PLACES[place], source: PLACES[place].source.replace(/profile: (\w+)\(/, 'profile: foreign($1)(') };
    // The same source whose snapshots are of a model that this one is not.
    options.source += `
      function foreign(make) { return (...args) => { const own = make(...args); return { ...own, read: async (...given) => ({ ...await own.read(...given), snapshot: new Uint8Array(64).fill(7) }) }; }; }`;
    const edge = await start(options);
    try {
      const ann = visitor(edge);
      assert.deepEqual(await ann.order(), await visitor(edges.get(place)).order());
      assert.match(ann.reason, /^snapshot\//);
    } finally {
      await edge.dispose();
    }
  });
}

test('workerd: a Durable Object loses none of many events that arrive at once, and counts an id once', async () => {
  const ann = visitor(edges.get('a Durable Object'));
  await ann.order();
  const events = likes(12);
  const answers = await Promise.all([...events, ...events].map(async (event) => (await ann.feedback([event])).json()));
  const sum = (key) => answers.reduce((total, answer) => total + answer[key], 0);
  assert.deepEqual([sum('accepted'), sum('repeated')], [12, 12]);
  const once = visitor(edges.get('a Durable Object'));
  await once.order();
  await once.feedback(events);
  assert.equal((await (await ann.feedback(events)).json()).repeated, 12);
});

test('workerd: a store that is down passes the origin\'s list through; feedback says to send again', async () => {
  const edge = await start({ source: kv }); // no binding
  try {
    const response = await edge.dispatchFetch('http://edge.example/films', { headers: { cookie: 'ranklet_visitor=5c56c793-69f3-4fbf-87e6-c4bf54c28c26' } });
    assert.equal(response.headers.get('x-ranklet'), 'passthrough; edge/no-binding');
    assert.equal(await response.text(), LIST);
    const feedback = await visitor(edge).feedback(likes(1));
    assert.equal(feedback.status, 500);
    assert.equal((await feedback.json()).error.code, 'edge/no-binding');
  } finally {
    await edge.dispose();
  }
});

test('workerd: a store that is slow passes the origin\'s list through', async () => {
  const source = `
    import { createEdgeHandler } from 'ranklet/edge';
    import model from './movies.onnx';
    export default createEdgeHandler({ model, budgetMs: null, profileTimeoutMs: 100, profile: { read: () => new Promise((done) => { setTimeout(done, 5_000); }) } });`;
  const edge = await start({ source });
  try {
    const response = await edge.dispatchFetch('http://edge.example/films');
    assert.equal(response.headers.get('x-ranklet'), 'passthrough; profile/slow');
    assert.equal(await response.text(), LIST);
    assert.equal((await edge.dispatchFetch('http://edge.example/ranklet/feedback', { method: 'POST', body: '{}' })).status, 404, 'it takes no events');
  } finally {
    await edge.dispose();
  }
});

const COOKIE = 'a signed cookie';
const unpack = (value) => Buffer.from(value, 'base64url');

async function signedVisitor(count = 5) {
  const ann = visitor(edges.get(COOKIE));
  await ann.feedback(likes(count));
  return ann;
}

test('workerd: a signed cookie stays under 4,096 bytes, however much a visitor does', async () => {
  const ann = visitor(edges.get(COOKIE));
  for (let i = 0; i < 3; i += 1) {
    const events = list.slice(i * 40, i * 40 + 40).map((item, n) => ({ id: `e-${i}-${n}`, type: n % 3 ? 'click' : 'like', at: 1763000000000 + n, item }));
    assert.equal((await ann.feedback(events)).status, 200);
  }
  assert.ok(ann.set.length < 4_096, `${ann.set.length} bytes`);
  assert.notDeepEqual(await ann.order(), await visitor(edges.get(COOKIE)).order());
});

for (const [what, change] of Object.entries({
  'with one bit of the profile changed': (bytes) => { bytes[20] ^= 1; return bytes; },
  'with one bit of the time changed': (bytes) => { bytes[3] ^= 1; return bytes; },
  'with one bit of the signature changed': (bytes) => { bytes[bytes.length - 1] ^= 1; return bytes; },
  'cut short': (bytes) => bytes.subarray(0, -1),
  'of another version': (bytes) => { bytes[0] = 9; return bytes; },
  'of nothing': () => Buffer.alloc(1),
  'of noise': () => Buffer.alloc(200, 65),
})) {
  test(`workerd: a cookie ${what} is taken back, and the visitor starts anew`, async () => {
    const ann = await signedVisitor();
    const plain = await visitor(edges.get(COOKIE)).order();
    assert.notDeepEqual(await ann.order(), plain);
    ann.jar.set('ranklet', change(unpack(ann.jar.get('ranklet'))).toString('base64url'));
    assert.deepEqual(await ann.order(), plain);
    assert.match(ann.reason, /^profile\/bad-(cookie|signature)$/);
    assert.equal(ann.jar.has('ranklet'), false);
  });
}

test('workerd: a cookie of another secret is not taken; one of an old secret is, while it is listed', async () => {
  const ann = await signedVisitor();
  const liked = await ann.order();
  const source = PLACES[COOKIE].source.replace('env.PROFILE_SECRET', 'env.SECRETS');
  for (const [secrets, counts] of [[['quite another secret of mine'], false], [['quite another secret of mine', SECRET], true]]) {
    const edge = await start({ source, bindings: { SECRETS: secrets } });
    try {
      const moved = visitor(edge);
      moved.jar.set('ranklet', ann.jar.get('ranklet'));
      const order = await moved.order();
      if (counts) assert.deepEqual(order, liked);
      else assert.notDeepEqual(order, liked);
    } finally {
      await edge.dispose();
    }
  }
});

test('workerd: a secret that is missing or short is said, and lists pass through', async () => {
  const edge = await start({ ...PLACES[COOKIE], bindings: { PROFILE_SECRET: 'short' } });
  try {
    const feedback = await visitor(edge).feedback(likes(1));
    assert.deepEqual([feedback.status, (await feedback.json()).error.code], [500, 'profile/no-secret']);
    const ann = visitor(edge);
    ann.jar.set('ranklet', Buffer.alloc(64, 1).toString('base64url'));
    assert.equal((await ann.ask('/films')).headers.get('x-ranklet'), 'passthrough; profile/no-secret');
  } finally {
    await edge.dispose();
  }
});

test('workerd: a cookie older than its age is expired', async () => {
  const source = PLACES[COOKIE].source.replace('cookieProfile({', 'cookieProfile({ maxAge: 60, now: () => (globalThis.later ? 1763000061000 : 1763000000000),').replace('export default', 'const inner =') + `
    export default { fetch(request, env) { globalThis.later = request.headers.has('x-later'); return inner.fetch(request, env); } };`;
  const edge = await start({ source });
  try {
    const ann = visitor(edge);
    await ann.feedback(likes(5));
    await ann.order();
    assert.equal(ann.reason, null);
    const response = await ann.ask('/films', { headers: { 'x-later': '1' } });
    assert.equal((await response.json()).ranklet.reason, 'profile/expired');
  } finally {
    await edge.dispose();
  }
});
