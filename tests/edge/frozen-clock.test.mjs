// In: workers whose clock never moves, as deployed workers' do not while they compute. Out: that budgets hold there all the same.
// Local workerd lets its clocks run; the worker itself stops them here, before it ranks anything.
// Must never depend on how fast this machine is.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { filmList, ofGenre } from '../support/films.mjs';
import { server } from '../support/server.mjs';
import { worker } from '../support/worker.mjs';

const ids = (items) => items.map((item) => item.id);
/** In the server's order: what has no score of the model's keeps it. */
const list = filmList(400).map((item, i) => ({ ...item, score: 4 - i / 200 }));

const STILL = `
const still = 1763000000000;
Date.now = () => still;
Object.defineProperty(performance, 'now', { value: () => 5 });
`;
const SOURCE = `
import { cookieProfile, createEdgeHandler } from 'ranklet/edge';
import { Ranker } from 'ranklet';
import model from './movies.onnx';
${STILL}
const handler = createEdgeHandler({ model, originTimeoutMs: 60_000, profile: cookieProfile(), budgetMs: (env) => env.BUDGET_MS ?? 8, rankOptions: (request, env) => env.OPTIONS ?? {} });
let direct;
export default {
  async fetch(request, env, ctx) {
    if (new URL(request.url).pathname !== '/direct') return handler.fetch(request, env, ctx);
    direct ??= await Ranker.load(model);
    const { list, options } = await request.json();
    const { order, tier, reason, scored, ms, units } = direct.rank(list, options);
    return Response.json({ order: [...order], tier, reason, scored, ms, units, model: direct.model, clock: [performance.now(), Date.now()] });
  },
};`;

let origin;
const edges = [];
async function start(bindings = {}) {
  const edge = await worker({ source: SOURCE, bindings: { ORIGIN: origin.url, PROFILE_SECRET: 'a secret of more than 16 bytes', ...bindings } });
  edges.push(edge);
  return (path, init) => edge.dispatchFetch(`http://edge.example${path}`, init);
}
let ask;
before(async () => {
  origin = await server((request, response) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ items: list })));
  ask = await start();
});
after(async () => {
  for (const edge of edges) await edge.dispose();
  await origin?.close();
});

const direct = async (options, from = list) => (await ask('/direct', { method: 'POST', body: JSON.stringify({ list: from, options }) })).json();

test('workerd: under a clock that stands still rank() with budgetMs scores all, and says that no time passed', async () => {
  const { order, tier, reason, scored, ms, clock } = await direct({ budgetMs: 1 });
  assert.deepEqual(clock, [5, 1763000000000], 'the clock stands still');
  assert.deepEqual([tier, reason, scored], ['full', null, list.length]);
  assert.deepEqual([...order].sort((a, b) => a - b), [...list.keys()]);
  assert.deepEqual(new Set(Object.values(ms)), new Set([0]));
});

test('workerd: under a clock that stands still budgetMs 0 is the prior alone', async () => {
  const { order, tier, scored } = await direct({ budgetMs: 0 });
  assert.deepEqual([tier, scored], ['prior', 0]);
  assert.deepEqual(order, [...list.keys()]);
});

test('workerd: under a clock that stands still budgetUnits ends a ranking, and no unit more is spent', async () => {
  const { model: { block, block_units: units } } = await direct({});
  const cut = await direct({ budgetMs: 30, budgetUnits: 2 * units });
  assert.deepEqual([cut.tier, cut.reason, cut.scored], ['partial', 'budget', 2 * block]);
  assert.equal(cut.units.granted, 2 * units);
  assert.ok(cut.units.spent > 0 && cut.units.spent <= 2 * units, `${cut.units.spent}`);
});

test('workerd: under a clock that stands still the handler ranks, and tells its work in units', async () => {
  const response = await ask('/films');
  const { items, ranklet } = await response.json();
  assert.equal(response.headers.get('x-ranklet'), 'full');
  assert.deepEqual([ranklet.tier, ranklet.scored, ranklet.ms.total], ['full', list.length, 0]);
  assert.equal(ranklet.units.granted, 8_000, 'the default of 8 ms in units');
  assert.ok(ranklet.units.spent > 0 && ranklet.units.spent <= ranklet.units.granted);
  assert.match(response.headers.get('server-timing'), new RegExp(`rank;dur=0\\.0;desc="${ranklet.units.spent} of 8000 units"`));
  assert.deepEqual([...ids(items)].sort(), [...ids(list)].sort());
});

test('workerd: under a clock that stands still BUDGET_MS bounds the work: the best are scored, the rest keep the origin\'s order', async () => {
  const response = await (await start({ BUDGET_MS: 2 }))('/films');
  const { items, ranklet } = await response.json();
  assert.equal(response.headers.get('x-ranklet'), 'partial; budget');
  assert.deepEqual([ranklet.tier, ranklet.reason], ['partial', 'budget']);
  assert.ok(ranklet.scored > 0 && ranklet.scored < list.length, `${ranklet.scored} scored`);
  assert.equal(ranklet.units.granted, 2_000);
  assert.ok(ranklet.units.spent <= 2_000);
  assert.deepEqual(ids(items).slice(ranklet.scored), ids(list).slice(ranklet.scored));
});

test('workerd: a budget that lets nothing be scored passes through, byte for byte', async () => {
  for (const bindings of [{ BUDGET_MS: 0 }, { BUDGET_MS: 1e-3 }, { OPTIONS: { budgetUnits: 1 } }]) {
    const response = await (await start(bindings))('/films');
    assert.equal(response.headers.get('x-ranklet'), 'passthrough; budget', JSON.stringify(bindings));
    assert.equal(await response.text(), JSON.stringify({ items: list }));
  }
});

test('workerd: rankOptions may grant more units than the milliseconds stand for, or none', async () => {
  for (const [given, granted] of [[1_000_000, 1_000_000], [null, null]]) {
    const { ranklet } = await (await (await start({ BUDGET_MS: 2, OPTIONS: { budgetUnits: given } }))('/films')).json();
    assert.deepEqual([ranklet.tier, ranklet.units.granted], ['full', granted]);
  }
});

test('workerd: under a clock that stands still events of one instant all count', async () => {
  const liked = ofGenre(list, 'Horror').slice(0, 5);
  const events = liked.map((item, i) => ({ id: `e-${i}`, type: 'like', item }));
  const feedback = await ask('/ranklet/feedback', { method: 'POST', body: JSON.stringify({ events }) });
  assert.equal((await feedback.json()).accepted, 5);
  const cookie = feedback.headers.getSetCookie()[0].split(';')[0];
  const order = async (init) => ids((await (await ask('/films', init)).json()).items);
  const [plain, after] = [await order(), await order({ headers: { cookie } })];
  assert.notDeepEqual(after, plain);
  assert.deepEqual(await order({ headers: { cookie } }), after);
});
