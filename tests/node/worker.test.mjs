// In: `WorkerRanker` as a page has it, its worker a thread of Node. Out: statements about lost workers, and options of any kind.
// A `Ranker` that sees the same calls says what must be answered; that all calls agree is tested in tests/browser.
// Must never depend on when a worker is lost: a test says after which call.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { filmList, modelBytes } from '../support/films.mjs';
import { importGlue, importPackage } from '../support/package.mjs';
import { importWorkerRanker, inPage, inWorker, pageOptions } from '../support/threads.mjs';

const AT = 1_764_000_000_000;
const NO_LIMIT = { budgetMs: null, at: AT };
const films = filmList(400);
const [A, B] = [films.slice(0, 60), films.slice(200, 250)];
const like = (item, id) => ({ type: 'like', item, id, at: AT - 1_000 });
let Ranker;
let WorkerRanker;

before(async () => {
  ({ Ranker } = await importPackage());
  WorkerRanker = await importWorkerRanker();
});

const here = async (t) => {
  const ranker = await Ranker.load(modelBytes());
  t.after(() => ranker.dispose());
  return ranker;
};

/** All of a ranking but its times. */
const said = ({ items, order, scores, tier, reason, removed, rules, warnings }) => ({
  items: items.map(({ id }) => id), order: [...order], scores: [...scores], tier, reason, removed: removed.map(({ position }) => position), rules, warnings,
});

/** Ranks the list in both; they must say the same. */
async function same(ranker, reference, list) {
  assert.deepEqual(said(await ranker.rank(list, NO_LIMIT)), said(reference.rank(list, NO_LIMIT)));
}

const NO_COMEDY = [{ rule: 'filter', where: { tag: 'Comedy' } }];
/** Most of it cannot be posted: the state of a framework, or a function among the rest. */
const OPTIONS = {
  'a Proxy': new Proxy({ ...NO_LIMIT, rules: NO_COMEDY, weights: { engage: 2 }, seed: 7 }, {}),
  'a function beside them': { ...NO_LIMIT, rules: NO_COMEDY, weights: { like: 3 }, onDone() {} },
  'rules that are a Proxy, with a function in one': { ...NO_LIMIT, rules: new Proxy([...NO_COMEDY, { rule: 'filter', where: () => {} }], {}) },
  'properties that are inherited': Object.create({ ...NO_LIMIT, rules: NO_COMEDY }),
  'bad parts among good ones': { ...NO_LIMIT, rules: NO_COMEDY, budgetUnits: () => {}, weights: { engage: Symbol('w'), nobody: 1 }, seed: -1, without: [{}], context: { hour: 'x' } },
  'a getter that throws': { ...NO_LIMIT, rules: NO_COMEDY, get weights() { throw new Error('no'); } },
  'more warnings than are listed': { ...NO_LIMIT, rules: NO_COMEDY, weights: Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`w${i}`, 1])) },
};
const PLACES = { 'in a worker': inWorker, 'where workers are blocked': inPage };

for (const [where, open] of Object.entries(PLACES)) {
  for (const [name, options] of Object.entries(OPTIONS)) {
    test(`${where} options are read as a Ranker reads them: ${name}`, async (t) => {
      const wanted = said((await here(t)).rank(A, options));
      const { ranker } = await open(t);
      assert.ok(wanted.removed.length > 0 && wanted.tier === 'full');
      assert.deepEqual(said(await ranker.rank(A, options)), wanted);
    });
  }

  test(`${where} options that are none are said once`, async (t) => {
    const { ranker } = await open(t);
    for (const options of [7, 'x', true, () => {}, []]) {
      const { warnings } = await ranker.rank(A, options);
      assert.deepEqual(warnings.map(({ code, path }) => [code, path]), [['rank/bad-option', 'options']]);
    }
  });

  test(`${where} a list that cannot be read at all is answered`, async (t) => {
    const { ranker } = await open(t);
    const { proxy, revoke } = Proxy.revocable([], {});
    revoke();
    const { items, warnings } = await ranker.rank(proxy, NO_LIMIT);
    assert.deepEqual([items.length, warnings.length], [0, 1]);
  });

  test(`${where} a getter of the options that ranks another list spoils neither answer`, async (t) => {
    const { ranker } = await open(t);
    let inner;
    const outer = await ranker.rank(A, { get budgetMs() { inner = ranker.rank(B, NO_LIMIT); return null; }, at: AT });
    const reference = await here(t);
    assert.deepEqual(said(outer), said(reference.rank(A, NO_LIMIT)));
    assert.deepEqual(said(await inner), said(reference.rank(B, NO_LIMIT)));
  });
}

test('a lost worker: calls that wait are answered about the list of their moment', async (t) => {
  const [reference, { ranker, lose }] = [await here(t), await inWorker(t)];
  await ranker.rank(A, NO_LIMIT);
  lose();
  const answers = await Promise.all([ranker.rank(undefined, NO_LIMIT), ranker.rank(B, NO_LIMIT)]);
  assert.equal(ranker.thread, 'main');
  for (const [i, list] of [A, B].entries()) {
    assert.deepEqual(said(answers[i]), said(reference.rank(list, NO_LIMIT)));
    assert.ok(answers[i].items.every((item, at) => item === list[answers[i].order[at]]));
  }
});

test('a lost worker: calls that it never answered are made again before those that follow', async (t) => {
  const [reference, { ranker, lose }] = [await here(t), await inWorker(t)];
  await ranker.rank(A, NO_LIMIT);
  const waiting = [ranker.observe(like(A[3].id, 'one')), ranker.rank(B, NO_LIMIT), ranker.observe(like(B[5].id, 'two'))];
  lose();
  waiting.push(ranker.forget(), ranker.observe(like(B[9].id, 'three')), ranker.rank(undefined, NO_LIMIT));
  const answers = await Promise.all(waiting);
  reference.rank(A, NO_LIMIT);
  reference.observe(like(A[3].id, 'one'));
  assert.deepEqual(said(answers[1]), said(reference.rank(B, NO_LIMIT)));
  reference.forget();
  reference.observe(like(B[9].id, 'three'));
  assert.deepEqual(said(answers[5]), said(reference.rank(undefined, NO_LIMIT)));
  assert.deepEqual([answers[0], answers[2], answers[4]], [true, true, true]);
});

for (const what of ['observe', 'restore', 'prefer', 'undo']) {
  test(`a lost worker: what was forgotten stays so, also a call of ${what}() that was waiting`, async (t) => {
    const [reference, { ranker, lose }] = [await here(t), await inWorker(t)];
    await ranker.rank(A, NO_LIMIT);
    reference.rank(A, NO_LIMIT);
    reference.observe(like(A[3].id, 'one'));
    const session = reference.snapshot();
    reference.forget();
    await ranker.observe(like(A[4].id, 'before'));
    const call = { observe: () => ranker.observe(like(A[3].id, 'one')), restore: () => ranker.restore(session), prefer: () => ranker.prefer(['Comedy']), undo: () => ranker.undo('before') }[what];
    await Promise.all([call(), ranker.forget()]);
    lose();
    await same(ranker, reference, A);
    assert.equal(await ranker.observe(like(A[3].id, 'one')), true, 'its id is not known');
  });
}

test('a lost worker: events and preferences by id are kept, whatever list came since', async (t) => {
  const [reference, { ranker, lose }] = [await here(t), await inWorker(t)];
  for (const one of [ranker, reference]) {
    await one.rank(A, NO_LIMIT);
    await one.prefer(['Comedy'], [A[3].id, A[8]]);
    const answers = [one.observe(like(A[5].id, 'one')), one.rank(B, NO_LIMIT)]; // not awaited
    await Promise.all(answers);
    await one.rank(B, NO_LIMIT);
  }
  lose();
  await same(ranker, reference, B);
  assert.equal(await ranker.observe(like(A[5].id, 'one')), false, 'its id is known');
});

test('a lost worker: of a long session its beginning is kept too', async (t) => {
  const [reference, { ranker, worker, lose }] = [await here(t), await inWorker(t)];
  reference.observe(like({ id: 'earlier', title: 'Heat', tags: ['Crime'] }, 'earlier'));
  const session = reference.snapshot();
  for (const one of [ranker, reference]) {
    await one.rank(films, NO_LIMIT);
    await one.restore(session);
    await one.prefer(['Horror'], [films[7].id]);
    await one.observe(like(films[3].id, 'first'));
    for (let i = 0; i < 300; i += 1) await one.observe({ type: 'impression', item: films[(i * 7) % 400].id, at: AT - 900 + i });
  }
  assert.equal(worker.heard.filter((method) => method === 'snapshot').length, 1, 'it was folded');
  lose();
  await same(ranker, reference, films);
  assert.equal(await ranker.undo('first'), reference.undo('first'));
  await same(ranker, reference, films);
});

test('a lost worker: a session that was forgotten while it was folded stays forgotten', async (t) => {
  const [reference, { ranker, lose }] = [await here(t), await inWorker(t)];
  await ranker.rank(A, NO_LIMIT);
  const calls = Array.from({ length: 257 }, (_, i) => ranker.observe(like(A[i % 60].id, `e${i}`)));
  await calls.at(-1); // the snapshot is asked for, and not answered
  await ranker.forget();
  await ranker.observe(like(A[5].id, 'after'));
  lose();
  reference.rank(A, NO_LIMIT);
  reference.observe(like(A[5].id, 'after'));
  await same(ranker, reference, A);
});

test('a lost worker: events without a time keep that at which they happened', async (t) => {
  const { ranker, lose } = await inWorker(t);
  const HOUR = 3_600_000;
  t.mock.method(Date, 'now', () => AT - 48 * HOUR);
  await ranker.rank(A, NO_LIMIT);
  await ranker.observe({ type: 'like', item: A[3].id, id: 'two days ago' });
  Date.now.mock.mockImplementation(() => AT - 49 * HOUR); // a clock that was set back
  await ranker.observe({ type: 'dislike', item: A[9].id, id: 'later' });
  Date.now.mock.mockImplementation(() => AT);
  await ranker.observe({ type: 'click', item: A[20].id, id: 'now' });
  const times = async () => {
    await ranker.rank(A, NO_LIMIT);
    const { contributions } = await ranker.explain(A[30].id);
    return Object.fromEntries(contributions.filter(({ event }) => event).map(({ event }) => [event.id, (AT - event.at) / HOUR]));
  };
  assert.deepEqual(await times(), { 'two days ago': 48, later: 48, now: 0 });
  Date.now.mock.mockImplementation(() => AT + 7 * HOUR);
  lose();
  assert.deepEqual(await times(), { 'two days ago': 48, later: 48, now: 0 });
});

test('a load that is aborted while the worker loads leaves no worker behind', async (t) => {
  const controller = new AbortController();
  const { workers, options } = pageOptions(t, { onHeard: (method) => { if (method === 'load') controller.abort(); } });
  await assert.rejects(WorkerRanker.load(modelBytes(), { ...options, signal: controller.signal }), { code: 'load/aborted' });
  for (let i = 0; i < 100 && !workers[0].ended; i += 1) await new Promise((done) => { setTimeout(done, 20); });
  assert.deepEqual(workers.map(({ ended }) => ended), [true]);
});

for (const [name, load] of Object.entries({
  'WorkerRanker where workers are blocked': (t, signal) => WorkerRanker.load(modelBytes(), pageOptions(t, { worker: () => { throw new Error('blocked'); }, signal }).options),
  Ranker: (t, signal) => Ranker.load(modelBytes(), { signal }),
})) {
  test(`a load that is aborted while its engine is made frees the engine: ${name}`, async (t) => {
    const { Engine } = await importGlue();
    const controller = new AbortController();
    const { info } = Engine.prototype;
    t.mock.method(Engine.prototype, 'info', function aborting() { controller.abort(); return info.call(this); });
    const free = t.mock.method(Engine.prototype, 'free');
    await assert.rejects(load(t, controller.signal), { code: 'load/aborted' });
    await new Promise((done) => { setTimeout(done, 20); });
    assert.equal(free.mock.callCount(), 1);
  });
}

test('load options that are none are refused as a promise, and start no worker', async (t) => {
  const { workers, options } = pageOptions(t);
  for (const wrong of [7, 'x', { ...options, onProgress: 5 }]) await assert.rejects(WorkerRanker.load(modelBytes(), wrong), { code: 'load/bad-option' });
  assert.equal(workers.length, 0);
});
