// In: the packed package, films, one bound at a time. Out: that work, time and influence stay within it.
// What is granted, spent and reached is read from the answer: no test here measures time.
// Must never pass because nothing was at stake: each bound is shown to bind.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { assertRanks, filmList, modelBytes } from '../support/films.mjs';
import { importPackage } from '../support/package.mjs';

const AT = 1_764_000_000_000;
const NO_LIMIT = { budgetMs: null, at: AT };
const list = filmList(200);
let Ranker;
before(async () => { ({ Ranker } = await importPackage()); });

async function fresh() {
  const ranker = await Ranker.load(modelBytes());
  ranker.setCandidates(list);
  return ranker;
}
const largest = (a, b) => Math.max(...a.map((score, i) => Math.abs(score - b[i])));

test('influence bounds what a visitor moves, and one event by twice as much', async () => {
  const ranker = await fresh();
  const nobody = ranker.rank(undefined, NO_LIMIT).scores;
  const bounded = (influence) => ranker.rank(undefined, { ...NO_LIMIT, influence }).scores;
  assert.deepEqual(bounded(0.1), nobody);
  let before = nobody;
  for (let i = 0; i < 20; i += 1) {
    ranker.observe({ type: ['like', 'dislike', 'skip', 'click'][i % 4], item: list[i * 7].id, at: AT - 1_000 + i });
    const after = bounded(0.1);
    assert.ok(largest(after, nobody) <= 0.1 + 1e-5);
    assert.ok(largest(after, before) <= 0.2 + 1e-5);
    before = after;
  }
  const free = ranker.rank(undefined, NO_LIMIT).scores;
  assert.ok(largest(free, nobody) > 0.2, 'the bound bound something');
  assert.deepEqual(bounded(null), free);
  assert.ok(largest(bounded(0), nobody) <= 1e-6);
  ranker.prefer(['Horror']);
  assert.ok(largest(bounded(0.05), nobody) <= 0.05 + 1e-5, 'preferences included');
  for (const wrong of [NaN, -1, 'much', 3n]) {
    const ranking = ranker.rank(undefined, { ...NO_LIMIT, influence: wrong });
    assertRanks(ranking, list, 'full');
    assert.deepEqual(ranking.warnings.map(({ code, path }) => [code, path]), [['rank/bad-option', 'options.influence']]);
  }
});

test('influence is paid from the same budget; what it does not cover keeps the prior', async () => {
  const ranker = await fresh();
  ranker.observe({ type: 'like', item: list[3].id, at: AT });
  const { block_units: fresh_, known_block_units: known } = ranker.model;
  const ranking = ranker.rank(undefined, { ...NO_LIMIT, influence: 0.1, budgetUnits: fresh_ + known - 1 });
  assert.deepEqual([ranking.tier, ranking.reason, ranking.scored], ['prior', 'budget', 0]);
  const one = ranker.rank(undefined, { ...NO_LIMIT, influence: 0.1, budgetUnits: 1e6 * fresh_ });
  assertRanks(one, list, 'full');
  const again = ranker.rank(undefined, { ...NO_LIMIT, influence: 0.1 });
  assert.ok(again.units.spent < one.units.spent, 'what nobody would be shown is kept');
});

test('an item is encoded once, whatever lists it comes in: by the units spent', async () => {
  const ranker = await fresh();
  const { block, block_units: fresh_, known_block_units: known } = ranker.model;
  const blocks = Math.ceil(list.length / block);
  const spent = (candidates) => ranker.rank(candidates, NO_LIMIT).units.spent;
  const first = spent(list);
  assert.ok(known < fresh_ && first > blocks * known);
  assert.equal(spent(list.slice().reverse()), blocks * known);
  ranker.observe({ type: 'like', item: list[0].id, at: AT });
  assert.equal(spent(undefined), blocks * known);
  assert.equal(spent(list.map((film) => ({ ...film, id: `copy ${film.id}`, score: 1 }))), blocks * known, 'the text is what is encoded');
});

test('absurd budgets are answered, and said', async () => {
  const ranker = await fresh();
  for (const budgetUnits of [1e17, 2 ** 64, Number.MAX_VALUE]) {
    const ranking = ranker.rank(undefined, { ...NO_LIMIT, budgetUnits });
    assertRanks(ranking, list, 'full');
    assert.equal(ranking.units.granted, Number.MAX_SAFE_INTEGER);
  }
  for (const budgetUnits of [0, 0.5, Number.MIN_VALUE]) {
    const ranking = ranker.rank(undefined, { ...NO_LIMIT, budgetUnits });
    assert.deepEqual([ranking.tier, ranking.reason, ranking.units.spent, ranking.items.length], ['prior', 'budget', 0, 200]);
  }
  for (const budgetUnits of [NaN, -1, '9']) {
    const ranking = ranker.rank(undefined, { ...NO_LIMIT, budgetUnits });
    assert.deepEqual(ranking.warnings.map(({ path }) => path), ['options.budgetUnits']);
  }
  for (const budgetMs of [1e300, Infinity]) assertRanks(ranker.rank(undefined, { budgetMs }), list, 'full');
});

test('a clock that is set back lets no earlier verdict win', async (t) => {
  const [one, other] = [await fresh(), await fresh()];
  let now = AT;
  t.mock.method(Date, 'now', () => now);
  one.observe({ type: 'like', item: list[9].id });
  other.observe({ type: 'like', item: list[9].id });
  now = AT - 3_600_000;
  one.observe({ type: 'dislike', item: list[9].id });
  other.observe({ type: 'dislike', item: list[9].id, at: AT });
  assert.deepEqual(one.rank(undefined, NO_LIMIT).scores, other.rank(undefined, NO_LIMIT).scores);
});

test('only what is among the last events can be taken back', async () => {
  const ranker = await fresh();
  const { events } = ranker.model.limits;
  for (let i = 0; i < events + 44; i += 1) ranker.observe({ type: 'like', item: list[i % 200].id, id: `e${i}`, at: AT + i });
  assert.throws(() => ranker.undo('e43'), { code: 'event/too-old' });
  assert.deepEqual(ranker.rank(undefined, { ...NO_LIMIT, without: ['e43'] }).warnings.map(({ code }) => code), ['event/too-old']);
  assert.equal(ranker.undo('e44'), true);
  assert.equal(ranker.undo(`e${events + 43}`), true);
});

test('types that a manifest adds are events like any other; those it lacks are refused', async () => {
  const ranker = await fresh();
  for (const type of ranker.model.actions) {
    assert.equal(ranker.observe({ type, item: list[0].id, id: type, value: 1, at: AT }), true, type);
    assert.equal(ranker.undo(type), true);
  }
  assert.throws(() => ranker.observe({ type: 'add_to_gift_list', item: list[0].id }), { code: 'event/unknown-type' });
});

test('a type of the manifest\'s own crosses over', async () => {
  const { readFileSync } = await import('node:fs');
  const { join } = await import('node:path');
  const { ROOT } = await import('../support/package.mjs');
  const ranker = await Ranker.load(readFileSync(join(ROOT, 'tests/golden/fixture.onnx')));
  const items = Array.from({ length: 12 }, (_, i) => ({ id: `i${i}`, title: `thing ${i}`, tags: [i % 2 ? 'tea' : 'wool'], score: -i }));
  const before = ranker.rank(items, NO_LIMIT).scores;
  assert.equal(ranker.observe({ type: 'add_to_gift_list', item: 'i3', id: 'gift', at: AT }), true);
  assert.notDeepEqual(ranker.rank(undefined, NO_LIMIT).scores, before);
  const restored = await Ranker.load(readFileSync(join(ROOT, 'tests/golden/fixture.onnx')));
  restored.restore(ranker.snapshot());
  assert.deepEqual(restored.rank(items, NO_LIMIT).scores, ranker.rank(undefined, NO_LIMIT).scores);
  assert.equal(ranker.undo('gift'), true);
  assert.deepEqual(ranker.rank(undefined, NO_LIMIT).scores, before);
  const engage = ranker.probabilities('engage');
  assert.ok(engage.length === 12 && engage.every((p) => p > 0 && p < 1));
  assert.ok(ranker.probabilities('return').every(Number.isNaN), 'a head without calibration gives none');
  const other = ranker.rank(items, { ...NO_LIMIT, weights: { engage: 0, return: -1 } });
  assert.notDeepEqual(other.order, ranker.rank(items, NO_LIMIT).order);
});
