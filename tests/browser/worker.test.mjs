// In: `ranklet/worker` from the tarball, in Chromium and Firefox. Out: that it says what `ranklet` says, wherever it runs.
// One script makes the same calls of both and compares every answer; only where the ranker runs differs.
// Must never compare clocks: milliseconds are no part of an answer.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BROWSERS, browsers } from '../support/browsers.mjs';
import { filmList, modelBytes } from '../support/films.mjs';
import { STRICT } from '../support/site.mjs';

const imports = `
import { Ranker, RankletError } from '/node_modules/ranklet/browser.js';
import { WorkerRanker } from '/node_modules/ranklet/worker.js';
const list = await (await fetch('/list.json')).json();
const AT = 1763000000000;
const LIMITLESS = { budgetMs: null, at: AT };
const codeOf = async (call) => { try { await call(); return null; } catch (error) { return error instanceof RankletError ? error.code : String(error); } };
const order = async (ranker, options) => [...(await ranker.rank(list, { ...LIMITLESS, ...options })).order];

/** Everything that a ranker answers in a visit, as text. */
async function visit(ranker) {
  const seen = [];
  const look = async (options) => {
    const { items, order, scores, propensities, tier, removed, rules, warnings } = await ranker.rank(list, { ...LIMITLESS, ...options });
    if (!items.every((item, i) => item === list[order[i]])) throw new Error('the items are not the caller\\'s own');
    if (!removed.every((one) => one.item === list[one.position])) throw new Error('what was removed is not the caller\\'s own');
    seen.push([[...order], [...scores], [...propensities], tier, removed.map((one) => one.position), rules, warnings]);
  };
  await look();
  for (const [i, type] of ['like', 'click', 'skip', 'dislike'].entries()) {
    seen.push(await ranker.observe({ type, item: list[i * 7].id, id: 'e' + i, at: AT - 1_000 * i }));
    await look();
  }
  seen.push(await ranker.observe({ type: 'like', item: { id: 'elsewhere', title: 'Heat', tags: ['Crime'] }, at: new Date(AT) }), await ranker.observe({ type: 'like', item: list[0].id, id: 'e0' }));
  seen.push(await ranker.undo('e3'));
  await ranker.prefer(['Comedy'], [list[9], list[11].id]);
  await look({ without: ['e0'], weights: { [ranker.model.heads[0].name]: 2 }, budgetUnits: 1e6 });
  await look({ seed: 7, rules: [{ rule: 'filter', where: { tag: 'Horror' } }, { rule: 'explore', top: 10, rate: 0.5 }] });
  await look({ rules: 5 });
  await look({ rules: new Proxy([{ rule: 'filter', where: { tag: 'Comedy' } }], {}), context: new Proxy({ hour: 9 }, {}), seed: 'x', onDone() {} }); // none of which can be posted
  seen.push([...await ranker.probabilities(ranker.model.heads[0].name)]);
  const { contributions, ...explanation } = await ranker.explain(list[7].id);
  seen.push(explanation, contributions);
  const bytes = await ranker.snapshot();
  seen.push([...bytes], [...await ranker.snapshot({ compact: true })]);
  await ranker.forget();
  await look();
  await ranker.restore(bytes);
  await look();
  for (const call of [() => ranker.observe({ type: 'hum', item: list[0] }), () => ranker.observe({ type: 'like', item: 'nobody' }), () => ranker.undo(''), () => ranker.restore(new Uint8Array(9)), () => ranker.probabilities('none'), () => ranker.explain('none'), () => ranker.prefer(5), () => ranker.scoreBatch(5)]) seen.push(await codeOf(call));
  return JSON.stringify(seen);
}`;
const SAME = `
  const here = await Ranker.load('/movies.onnx');
  const there = await WorkerRanker.load('/movies.onnx', { worker: globalThis.makeWorker });
  const { thread } = there;
  const [wanted, given] = [await visit(here), await visit(there)];
  return { thread, after: there.thread, wanted, given, model: JSON.stringify(here.model) === JSON.stringify(there.model) };`;
const files = { '/list.json': JSON.stringify(filmList(60)), '/movies.onnx': Buffer.from(modelBytes()) };
const run = browsers({ imports, files });

function same({ thread, after: later, wanted, given, model }, where) {
  assert.ok(wanted.length > 10_000);
  assert.deepEqual(JSON.parse(given), JSON.parse(wanted));
  assert.deepEqual([thread, later, model], [where, where, true]);
}

for (const name of BROWSERS) {
  test(`${name}: a ranker in a worker answers every call as one in the page does`, async () => same(await run(name, SAME), 'worker'));

  test(`${name}: where a policy blocks workers the same calls run in the page`, async () => {
    same(await run(name, SAME, { policy: `${STRICT}; worker-src 'none'` }), 'main');
  });

  test(`${name}: where the worker's script is missing the same calls run in the page`, async () => {
    const missing = (request, response) => response.writeHead(404).end();
    same(await run(name, SAME, { files: { ...files, '/node_modules/ranklet/worker-thread.js': missing } }), 'main');
  });
}

test('chromium: where there are no workers at all the same calls run in the page', async () => {
  same(await run('chromium', `delete globalThis.Worker;${SAME}`), 'main');
});

test('chromium: a worker that is lost in the middle loses no event, nor an answer', async () => {
  const result = await run('chromium', `
    let lost;
    const make = () => { lost = new Worker('/node_modules/ranklet/worker-thread.js', { type: 'module' }); return lost; };
    const here = await Ranker.load('/movies.onnx');
    const there = await WorkerRanker.load('/movies.onnx', { worker: make });
    for (const ranker of [here, there]) {
      await ranker.rank(list, LIMITLESS);
      await ranker.prefer(['Comedy']);
      await ranker.observe({ type: 'like', item: list[5].id, id: 'one', at: AT });
      await ranker.observe({ type: 'like', item: { id: 'elsewhere', title: 'Heat', tags: ['Crime'] }, id: 'two', at: AT });
      await ranker.observe({ type: 'dislike', item: list[8].id, id: 'three', at: AT });
      await ranker.undo('three');
    }
    const before = there.thread;
    const waiting = there.rank(undefined, LIMITLESS);
    lost.dispatchEvent(new ErrorEvent('error')); // what a worker does that runs out of memory
    const wanted = await order(here);
    return {
      before, after: there.thread, wanted, waiting: [...(await waiting).order], next: await order(there),
      again: await there.observe({ type: 'like', item: list[5].id, id: 'one' }),
    };`);
  assert.deepEqual([result.before, result.after], ['worker', 'main']);
  assert.deepEqual(result.waiting, result.wanted);
  assert.deepEqual(result.next, result.wanted);
  assert.equal(result.again, false, 'its id is still known');
});

test('chromium: after dispose() what waits is answered, lists pass through, all else rejects', async () => {
  const result = await run('chromium', `
    const ranker = await WorkerRanker.load('/movies.onnx');
    await ranker.rank(list);
    const waiting = [ranker.rank(undefined, LIMITLESS), codeOf(() => ranker.observe({ type: 'like', item: list[0].id }))];
    ranker.dispose();
    ranker.dispose();
    const [ranking, code] = await Promise.all(waiting);
    const later = await ranker.rank(list);
    return { first: [ranking.tier, ranking.reason], code, later: [later.tier, later.reason, later.items.length], observe: await codeOf(() => ranker.observe({ type: 'like', item: list[0] })) };`);
  assert.deepEqual(result.first, ['passthrough', 'ranker/disposed']);
  assert.equal(result.code, 'ranker/disposed');
  assert.deepEqual(result.later, ['passthrough', 'ranker/disposed', 60]);
  assert.equal(result.observe, 'ranker/disposed');
});

test('chromium: lists and options that cannot be posted are answered', async () => {
  const { answers } = await run('chromium', `
    const ranker = await WorkerRanker.load('/movies.onnx');
    const hostile = [{ get id() { throw new Error('no'); } }, { id: 1, title: () => {}, tags: [Symbol('x')], fields: new Proxy({}, { ownKeys() { throw new Error('no'); } }) }, null, { id: 2, score: 1n, vector: document }];
    const answers = [];
    for (const args of [[hostile], [hostile, { budgetMs: () => {}, weights: Symbol('x') }], [5], [{ length: 1e9 }], [hostile, { get rules() { throw new Error('no'); } }]]) {
      const { items, tier, warnings } = await ranker.rank(...args);
      answers.push([items.length, tier, warnings.length > 0]);
    }
    return { answers, thread: ranker.thread };`);
  assert.deepEqual(answers.map(([length]) => length), [4, 4, 0, 0, 4]);
  assert.ok(answers.every(([, , warned]) => warned), JSON.stringify(answers));
});

test('chromium: a model that is none rejects, and leaves no worker behind', async () => {
  const { codes, alive } = await run('chromium', `
    let alive = 0;
    const make = () => {
      const worker = new Worker('/node_modules/ranklet/worker-thread.js', { type: 'module' });
      const end = worker.terminate.bind(worker);
      alive += 1;
      worker.terminate = () => { alive -= 1; worker.terminate = () => {}; end(); };
      return worker;
    };
    const codes = [];
    const controller = new AbortController();
    controller.abort();
    for (const [model, options] of [['/none.onnx'], [new Uint8Array(100)], ['/movies.onnx', { signal: controller.signal }]]) codes.push(await codeOf(() => WorkerRanker.load(model, { worker: make, ...options })));
    for (let i = 0; i < 100 && alive > 0; i += 1) await new Promise((done) => setTimeout(done, 20));
    return { codes, alive };`);
  assert.deepEqual([codes[0], codes[2], alive], ['model/http', 'load/aborted', 0]);
  assert.match(codes[1], /^model\//);
});
