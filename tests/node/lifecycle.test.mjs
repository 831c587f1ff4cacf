// In: disposal, traps, limits, clocks that misbehave. Out: statements about how the ranker carries on.
// Traps are made twice over: thrown in place of wasm's answer, and real ones, by ruining its memory.
// Must never leave a ruined instance to the next test.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { assertRanks, filmList, modelBytes } from '../support/films.mjs';
import { importGlue, importPackage } from '../support/package.mjs';

const NO_LIMIT = { budgetMs: null };
let Ranker;
let RankletError;
let glue;

before(async () => {
  ({ Ranker, RankletError } = await importPackage());
  glue = await importGlue();
});

/** Its clock stands still unless a test moves it: no tier depends on how fast this machine is. */
const load = (options) => Ranker.load(modelBytes(), { clock: () => 0, ...options });

/** Makes one method of the engine trap while `call` runs. */
function trapping(method, call) {
  const own = glue.Engine.prototype[method];
  glue.Engine.prototype[method] = () => { throw new WebAssembly.RuntimeError('unreachable'); };
  try {
    return call();
  } finally {
    glue.Engine.prototype[method] = own;
  }
}

test('after dispose() lists pass through and all else throws, however often', async () => {
  const ranker = await load();
  const list = filmList(20);
  ranker.rank(list);
  ranker.dispose();
  ranker.dispose();
  ranker[Symbol.dispose ?? Symbol.for('Symbol.dispose')]();
  const ranking = ranker.rank(list);
  assertRanks(ranking, list, 'passthrough');
  assert.deepEqual([...ranking.order], [...list.keys()]);
  assert.equal(ranking.reason, 'ranker/disposed');
  assertRanks(ranker.rank(), list, 'passthrough');
  for (const call of [() => ranker.observe({ type: 'like', item: 'x' }), () => ranker.forget(), () => ranker.setCandidates(list)]) {
    assert.throws(call, { name: 'RankletError', code: 'ranker/disposed' });
  }
  assert.ok(ranker.model.name, 'the model can still be read');
});

test('a ranker is made by load alone', () => {
  assert.throws(() => new Ranker(), { code: 'ranker/use-load' });
});

test('errors are of one class, with code, path and cause', async () => {
  const ranker = await load();
  assert.throws(() => ranker.observe({ type: 'like', item: 'nobody' }), (error) => {
    assert.ok(error instanceof RankletError && error instanceof Error);
    assert.equal(error.code, 'event/unknown-item');
    assert.equal(typeof error.path, 'string');
    assert.ok(error.cause instanceof Error);
    return true;
  });
});

test('a getter that disposes of the ranker ends it after the call', async () => {
  const ranker = await load();
  const list = [{ get id() { ranker.dispose(); return 'x'; } }, ...filmList(5)];
  assertRanks(ranker.rank(list, NO_LIMIT), list);
  assert.equal(ranker.rank(list).reason, 'ranker/disposed');
});

test('more candidates than the limit: the rest follow in the order given', async () => {
  const ranker = await load();
  const most = ranker.model.limits.candidates;
  const films = filmList(500);
  const list = Array.from({ length: most + 3 }, (_, i) => ({ ...films[i % 500], id: i }));
  const ranking = ranker.rank(list, NO_LIMIT);
  assertRanks(ranking, list, 'partial');
  assert.equal(ranking.reason, 'candidates/too-many');
  assert.deepEqual([...ranking.order.slice(-3)], [most, most + 1, most + 2]);
  assert.ok(Number.isNaN(ranking.scores[most]));
  assert.equal(ranking.warnings[0].code, 'candidates/too-many');
  const exact = list.slice(0, most);
  assertRanks(ranker.rank(exact, NO_LIMIT), exact, 'full');
});

test('a clock that throws, stands still, or calls the ranker does no harm', async () => {
  let ranker;
  const clocks = [() => { throw new Error('no time'); }, () => 0, () => NaN, () => Symbol('t'), () => ranker.rank(filmList(3)).total, () => ranker.dispose()];
  for (const clock of clocks) {
    ranker = await load({ clock });
    const list = filmList(100);
    assertRanks(ranker.rank(list), list, 'full');
    ranker.dispose();
  }
});

test('a trap in rank() is answered with the input order; the next call is normal, the session kept', async () => {
  const ranker = await load();
  const list = filmList(100);
  ranker.rank(list);
  ranker.observe({ type: 'like', item: list[5].id, id: 'kept' });
  ranker.observe({ type: 'dislike', item: { id: 'elsewhere', title: 'Heat', tags: ['Crime'] } });
  const expected = ranker.rank(undefined, NO_LIMIT);
  const trapped = trapping('rank', () => ranker.rank(undefined, NO_LIMIT));
  assertRanks(trapped, list, 'passthrough');
  assert.equal(trapped.reason, 'wasm/trap');
  assert.deepEqual([...trapped.order], [...list.keys()]);
  const next = ranker.rank(undefined, NO_LIMIT);
  assertRanks(next, list, 'full');
  assert.deepEqual(next.order, expected.order);
  assert.equal(ranker.observe({ type: 'like', item: list[5].id, id: 'kept' }), false, 'its id is still known');
});

test('events on films of an earlier list survive a trap', async () => {
  const ranker = await load();
  const [first, second] = [filmList(200).slice(0, 100), filmList(200).slice(100)];
  ranker.rank(first);
  for (const item of first.slice(0, 6)) ranker.observe({ type: 'like', item: item.id });
  const expected = ranker.rank(second, NO_LIMIT).order;
  trapping('rank', () => ranker.rank());
  assert.deepEqual(ranker.rank(undefined, NO_LIMIT).order, expected);
});

test('a trap in observe() is thrown, the event lost, the next call normal', async () => {
  const ranker = await load();
  const list = filmList(50);
  ranker.rank(list);
  assert.throws(() => trapping('observe', () => ranker.observe({ type: 'like', item: list[0].id })), { code: 'wasm/trap' });
  assert.equal(ranker.observe({ type: 'like', item: list[0].id }), true);
});

test('a trap while loading rejects, and the next load works', async () => {
  const list = filmList(20);
  await assert.rejects(() => {
    const own = glue.Engine.prototype.info;
    glue.Engine.prototype.info = () => { throw new WebAssembly.RuntimeError('unreachable'); };
    return load().finally(() => { glue.Engine.prototype.info = own; });
  }, { code: 'wasm/trap' });
  assertRanks((await load()).rank(list), list, 'full');
});

test('at most three rebuilds a minute; the fourth passes through and says so; the next minute is normal', async () => {
  let now = 0;
  const ranker = await load({ clock: () => now });
  const list = filmList(30);
  for (let i = 0; i < 3; i += 1) {
    trapping('rank', () => ranker.rank(list));
    assertRanks(ranker.rank(list), list, 'full');
  }
  trapping('rank', () => ranker.rank(list));
  const fourth = ranker.rank(list);
  assertRanks(fourth, list, 'passthrough');
  assert.equal(fourth.reason, 'wasm/trap-limit');
  now += 61_000;
  assertRanks(ranker.rank(list), list, 'full');
});

test('a hundred traps are survived when time goes on', async () => {
  let now = 0;
  const ranker = await load({ clock: () => now });
  const list = filmList(30);
  for (let i = 0; i < 100; i += 1) {
    now += 21_000;
    assert.equal(trapping('rank', () => ranker.rank(list)).reason, 'wasm/trap');
    assertRanks(ranker.rank(list), list, 'full');
  }
});

test('ruined memory is a real trap: every ranker of the process gets over it', async () => {
  const [a, b] = [await load(), await load()];
  const list = filmList(80);
  const expected = a.rank(list, NO_LIMIT).order;
  b.rank(list);
  const ruined = glue.initSync({}).memory;
  new Uint8Array(ruined.buffer).fill(0xff);
  const answer = a.rank(undefined, NO_LIMIT);
  assertRanks(answer, list, 'passthrough');
  assert.equal(answer.reason, 'wasm/trap');
  assert.deepEqual(a.rank(undefined, NO_LIMIT).order, expected);
  assert.deepEqual(b.rank(undefined, NO_LIMIT).order, expected);
  a.dispose();
  b.dispose();
});
