// In: a handler in real workerd, an origin on loopback. Out: statements about what visitors get.
// Faults are provoked one by one; each must give the origin's very bytes.
// Must never replace a part of the worker by a stand-in, except to make a fault.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { filmList, ofGenre } from '../support/films.mjs';
import { server } from '../support/server.mjs';
import { worker } from '../support/worker.mjs';

const list = filmList(200);
const LIST = JSON.stringify({ items: list, page: 1 }, null, 1);
const ODD = '{"items":[ {"id":1},  null, {"id":"\\u00e9", "score":1e2 } ] }\r\n';
const HUGE = JSON.stringify({ items: [{ id: 'x', title: 'y'.repeat(5 << 20) }] });
const genre = 'Drama';
let origin;
let edge;
const asked = [];

const SOURCE = `
import { createEdgeHandler } from 'ranklet/edge';
import model from './movies.onnx';
export default createEdgeHandler({ model, budgetMs: (env) => Number(env.BUDGET_MS), originTimeoutMs: 60_000, limits: { snapshotBytes: 16 << 10 } });
`;

/** No test may depend on how fast this machine is. */
const start = (more = {}) => worker({ source: SOURCE, bindings: { ORIGIN: origin.url, BUDGET_MS: '60000' }, ...more });

before(async () => {
  origin = await server((request, response) => {
    asked.push({ method: request.method, url: request.url, headers: request.headers });
    const json = (status, body) => response.writeHead(status, { 'content-type': 'application/json', 'x-origin': 'yes', 'cache-control': 'max-age=60' }).end(body);
    const path = request.url.split('?')[0];
    if (path === '/films') json(200, LIST);
    else if (path === '/odd') json(200, ODD);
    else if (path === '/huge') json(200, HUGE);
    else if (path === '/not-json') response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>hello</h1>');
    else if (path === '/no-list') json(200, '{"items": 5}');
    else if (path === '/null') json(200, 'null');
    else if (path === '/moved') response.writeHead(302, { location: '/films' }).end('moved');
    else if (path === '/empty') response.writeHead(204).end();
    else if (path === '/binary') response.writeHead(200).end(Buffer.from([0xff, 0xfe, 0x00, 0x80]));
    else if (path === '/broken') json(503, '{"error": "down"}');
    else if (path === '/hang-up') response.destroy();
    else if (path === '/half') { response.writeHead(200, { 'content-length': 1000 }); response.write('{"items": ['); setTimeout(() => response.destroy(), 50); }
    else if (path === '/slow') setTimeout(() => response.end(), 60_000).unref();
    else if (path === '/gzip') response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(gzipSync(LIST));
    else if (path === '/gzip-page') response.writeHead(200, { 'content-type': 'text/html', 'content-encoding': 'gzip' }).end(gzipSync('<h1>hello</h1>'));
    else json(404, '{"error": "none"}');
  });
  edge = await start();
});
after(async () => {
  await edge?.dispose();
  await origin?.close();
});

const at = (path, init) => edge.dispatchFetch(`http://edge.example${path}`, init);
const post = (events, path = '/films') => at(path, { method: 'POST', body: JSON.stringify({ profile: { events } }) });
const header = (text) => ({ headers: { 'x-ranklet-profile': Buffer.from(text).toString('base64url') } });
const likes = (items) => items.map((item, i) => ({ type: 'like', item: item.id, at: 1763000000000 + i, id: `like-${item.id}` }));

async function order(response) {
  assert.equal(response.status, 200);
  const { items, ranklet } = await response.json();
  assert.ok(['full', 'partial'].includes(ranklet.tier), JSON.stringify([ranklet, response.headers.get('x-ranklet')]));
  return items.map((item) => item.id);
}

test('workerd: a new visitor gets the ranked list, private and uncached', async () => {
  const response = await at('/films?page=1');
  assert.equal(response.headers.get('cache-control'), 'private, no-store');
  assert.equal(response.headers.get('x-origin'), 'yes', 'the origin\'s own headers stay');
  assert.match(response.headers.get('content-type'), /^application\/json/);
  assert.match(response.headers.get('x-ranklet'), /^(full|partial)$/);
  const body = await response.json();
  assert.deepEqual(Object.keys(body).sort(), ['items', 'page', 'ranklet']);
  assert.deepEqual(Object.keys(body.ranklet).sort(), ['ms', 'reason', 'scored', 'tier', 'units']);
  assert.equal(body.ranklet.scored, list.length);
  assert.deepEqual([...body.items].sort(byId), [...list].sort(byId), 'the same objects, none lost');
  assert.equal(asked.at(-1).url, '/films?page=1');
});

test('workerd: a profile in the body changes the order; the origin is asked with GET and never sees it', async () => {
  const plain = await order(await at('/films'));
  const liked = await order(await post(likes(ofGenre(list, genre).slice(0, 6))));
  assert.notDeepEqual(liked, plain);
  assert.deepEqual([...liked].sort(), [...plain].sort());
  assert.equal(asked.at(-1).method, 'GET');
});

test('workerd: the same profile in the header gives the same order', async () => {
  const events = likes(list.slice(10, 14));
  const body = await order(await post(events));
  assert.deepEqual(await order(await at('/films', header(JSON.stringify({ events })))), body);
  assert.equal(asked.at(-1).headers['x-ranklet-profile'], undefined);
  assert.deepEqual(await order(await at('/films', header(JSON.stringify({ profile: { events } })))), body);
});

test('workerd: an event may bring its item, and one on an unknown id is skipped', async () => {
  const plain = await order(await at('/films'));
  const whole = { type: 'like', item: { id: 'elsewhere', title: 'Heat', tags: [genre] }, at: 1763000000000 };
  assert.notDeepEqual(await order(await post([whole])), plain);
  assert.deepEqual(await order(await post([{ type: 'like', item: 'long gone' }])), plain);
});

test('workerd: the origin sees the cookie and no conditional headers', async () => {
  await at('/films', { headers: { cookie: 'a=b', 'if-none-match': '"x"', range: 'bytes=0-1' } });
  const { headers } = asked.at(-1);
  assert.deepEqual([headers.cookie, headers['if-none-match'], headers.range], ['a=b', undefined, undefined]);
});

test('workerd: a path cannot lead to another host', async () => {
  const response = await at('//other.example/films');
  assert.equal(response.status, 404);
  assert.match(asked.at(-1).url, /other\.example\/films/);
});

test('workerd: two visitors interleaved never see each other', async () => {
  const first = likes(ofGenre(list, genre).slice(0, 6));
  const second = ofGenre(list, genre).slice(0, 6).map((item) => ({ type: 'dislike', item: item.id, at: 1763000000000 }));
  const alone = { first: await order(await post(first)), second: await order(await post(second)), none: await order(await at('/films')) };
  assert.notDeepEqual(alone.first, alone.second);
  const all = await Promise.all(Array.from({ length: 120 }, async (_, i) => {
    const who = ['first', 'second', 'none'][i % 3];
    const response = await (who === 'none' ? at('/films') : post(who === 'first' ? first : second));
    return [who, await order(response)];
  }));
  for (const [who, ids] of all) assert.deepEqual(ids, alone[who], who);
});

async function passes(response, body, reason, status = 200) {
  assert.equal(response.headers.get('x-ranklet'), `passthrough; ${reason}`);
  assert.equal(response.status, status);
  assert.deepEqual(Buffer.from(await response.arrayBuffer()), Buffer.from(body));
}

const ORIGIN_FAULTS = {
  'the origin has nothing there': ['/none', '{"error": "none"}', 'origin/status', 404],
  'the origin is down': ['/broken', '{"error": "down"}', 'origin/status', 503],
  'the origin redirects': ['/moved', 'moved', 'origin/status', 302],
  'the origin answers nothing': ['/empty', '', 'origin/status', 204],
  'the origin sends a page': ['/not-json', '<h1>hello</h1>', 'origin/not-json', 200],
  'the origin sends bytes that are no text': ['/binary', [0xff, 0xfe, 0x00, 0x80], 'origin/not-utf8', 200],
  'the origin sends no list': ['/no-list', '{"items": 5}', 'adapter/shape', 200],
  'the origin sends null': ['/null', 'null', 'adapter/shape', 200],
  'the list is too large': ['/huge', HUGE, 'origin/too-large', 200],
  'the origin sends a compressed page': ['/gzip-page', '<h1>hello</h1>', 'origin/not-json', 200],
};

for (const [name, [path, body, reason, status]] of Object.entries(ORIGIN_FAULTS)) {
  test(`workerd: passes through byte for byte when ${name}`, async () => {
    await passes(await at(path, { redirect: 'manual' }), body, reason, status);
    await order(await at('/films'));
  });
}

for (const [path, status, code] of [['/hang-up', 502, 'origin/unreachable'], ['/slow', 504, 'origin/slow']]) {
  test(`workerd: an origin that gives no answer (${path}) is answered with ${status} and a code`, async () => {
    // Only here does the handler wait briefly: elsewhere a slow machine must not look like a slow origin.
    const hasty = await start({ source: SOURCE.replace('60_000', '2_000') });
    try {
      const ask = (from) => hasty.dispatchFetch(`http://edge.example${from}`);
      await refused(await ask(path), status, code);
      await order(await ask('/films'));
    } finally {
      await hasty.dispose();
    }
  });
}

test('workerd: an origin that stops in the middle ends the answer there, and nothing else', async () => {
  const response = await at('/half').catch((error) => error);
  if (response instanceof Response || response.status) await response.text().catch(() => {});
  // The connection that the broken answer came on may close under the next request; a new one must do.
  const next = await at('/films').catch((error) => {
    if (error.cause?.code !== 'UND_ERR_SOCKET') throw error;
    return at('/films');
  });
  await order(next);
});

test('workerd: a compressed list is ranked', async () => {
  assert.deepEqual(await order(await at('/gzip')), await order(await at('/films')));
});

test('workerd: stages are timed for the browser\'s own tools', async () => {
  const timing = (await at('/films')).headers.get('server-timing');
  for (const stage of ['origin', 'profile', 'model', 'rank']) assert.match(timing, new RegExp(`${stage};dur=[\\d.]+`));
});

/** A fault of the request or the origin, said in JSON. */
async function refused(response, status, code) {
  assert.equal(response.status, status, await response.clone().text());
  assert.equal(response.headers.get('x-ranklet'), `fault; ${code}`);
  assert.equal(response.headers.get('cache-control'), 'private, no-store');
  const { error } = await response.json();
  assert.equal(error.code, code);
  assert.equal(typeof error.path, 'string');
  assert.ok(error.message.length > 10);
}

test('workerd: a method that is not for reading is refused', async () => {
  const response = await at('/films', { method: 'DELETE' });
  assert.equal(response.status, 405);
  assert.equal(response.headers.get('allow'), 'GET, HEAD, POST');
});

test('workerd: the origin\'s headers pass through with its body', async () => {
  const response = await at('/none');
  assert.equal(response.headers.get('x-origin'), 'yes');
  assert.equal(response.headers.get('cache-control'), 'max-age=60');
});

test('workerd: odd candidates are ranked, not refused', async () => {
  const { items } = await (await at('/odd')).json();
  assert.equal(items.length, 3);
  assert.ok(items.includes(null));
});

const PROFILE_FAULTS = {
  'is not JSON': [{ method: 'POST', body: '{' }, 'profile/not-json'],
  'is no object': [{ method: 'POST', body: '{"profile": 5}' }, 'profile/shape'],
  'is null': [{ method: 'POST', body: '{"profile": null}' }, 'profile/shape'],
  'holds no list of events': [{ method: 'POST', body: '{"profile": {"events": {}}}' }, 'profile/shape'],
  'has too many events': [{ method: 'POST', body: JSON.stringify({ profile: { events: new Array(257).fill(null) } }) }, 'profile/too-large', 413],
  'is too large': [{ method: 'POST', body: ' '.repeat((64 << 10) + 1) }, 'profile/too-large', 413],
  'is not UTF-8': [{ method: 'POST', body: Buffer.from([0xff]) }, 'profile/not-utf8'],
  'holds an event that is null': [{ method: 'POST', body: '{"profile": {"events": [null]}}' }, 'event/unreadable'],
  'holds an event of an unknown type': [{ method: 'POST', body: '{"profile": {"events": [{"type": "hum", "item": {"id": "x"}}]}}' }, 'event/unknown-type'],
  'holds an impossible value': [{ method: 'POST', body: '{"profile": {"events": [{"type": "dwell", "item": {"id": "x"}, "value": -3}]}}' }, 'event/bad-value'],
  'is not base64url in the header': [{ headers: { 'x-ranklet-profile': '***' } }, 'profile/not-base64'],
  'is not JSON in the header': [header('{'), 'profile/not-json'],
  'is too large in the header': [{ headers: { 'x-ranklet-profile': 'A'.repeat((12 << 10) + 4) } }, 'profile/too-large', 413],
};

for (const [name, [init, code, status = 400]] of Object.entries(PROFILE_FAULTS)) {
  test(`workerd: a request is refused with a code when its profile ${name}`, async () => {
    await refused(await at('/films', init), status, code);
    await order(await at('/films'));
  });
}

test('workerd: a POST without a body is a visitor without a profile', async () => {
  assert.deepEqual(await order(await at('/films', { method: 'POST' })), await order(await at('/films')));
});

test('workerd: passes through when the model does not load', async () => {
  const broken = await start({ model: new Uint8Array(64) });
  try {
    const response = await broken.dispatchFetch('http://edge.example/films');
    assert.match(response.headers.get('x-ranklet'), /^passthrough; model\//);
    assert.equal(await response.text(), LIST);
  } finally {
    await broken.dispose();
  }
});

test('workerd: passes through on a trap in wasm, and ranks the next request', async () => {
  const change = (path, text) => (path.endsWith('wasm/ranklet.js')
    ? `${text}\nconst own = Engine.prototype.rank;\nlet calls = 0;\nEngine.prototype.rank = function (...args) { calls += 1; if (calls === 2) throw new WebAssembly.RuntimeError('unreachable'); return own.apply(this, args); };\n`
    : text);
  const trapped = await start({ change });
  try {
    const get = () => trapped.dispatchFetch('http://edge.example/films');
    const first = await order(await get());
    await passes(await get(), LIST, 'wasm/trap');
    assert.deepEqual(await order(await get()), first);
  } finally {
    await trapped.dispose();
  }
});

test('workerd: passes through when the budget let nothing be scored', async () => {
  const hurried = await start({ bindings: { ORIGIN: origin.url, BUDGET_MS: '0' } });
  try {
    const response = await hurried.dispatchFetch('http://edge.example/films');
    assert.match(response.headers.get('x-ranklet'), /^passthrough; /);
    assert.equal(await response.text(), LIST);
  } finally {
    await hurried.dispose();
  }
});

test('workerd: without an origin it says what to set', async () => {
  const lost = await start({ bindings: { BUDGET_MS: '60000' } });
  try {
    await refused(await lost.dispatchFetch('http://edge.example/films'), 500, 'edge/no-origin');
  } finally {
    await lost.dispose();
  }
});

test('workerd: an adapter reads other servers\' answers, and the answer keeps its shape', async () => {
  const source = `
    import { createEdgeHandler } from 'ranklet/edge';
    import { fromElasticsearch } from 'ranklet/adapters';
    import model from './movies.onnx';
    const answer = { took: 1, hits: { total: 3, hits: [1, 2, 3].map((n) => ({ _id: 'f' + n, _score: n, _source: { title: 'Heat ' + n, genres: ['Crime'] } })) } };
    export default createEdgeHandler({
      model, budgetMs: null, adapter: fromElasticsearch({ title: 'title', tags: 'genres' }), feedback: null,
      origin: (request, env) => new Request(env.ORIGIN + '/search', { method: 'POST', body: '{"query": {}}' }),
      fetch: async (request) => Response.json({ ...answer, asked: request.method + ' ' + new URL(request.url).pathname }),
    });`;
  const searching = await start({ source });
  try {
    const body = await (await searching.dispatchFetch('http://edge.example/anything')).json();
    assert.equal(body.asked, 'POST /search');
    assert.equal(body.ranklet.tier, 'full');
    assert.deepEqual(body.hits.hits.map((hit) => hit._id).sort(), ['f1', 'f2', 'f3']);
    assert.equal(body.hits.total, 3);
  } finally {
    await searching.dispose();
  }
});

function byId(a, b) {
  return String(a.id) < String(b.id) ? -1 : 1;
}
