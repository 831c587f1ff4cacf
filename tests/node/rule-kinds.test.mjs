// In: the packed package, films, one rule at a time. Out: that each kind does from JavaScript what its type says.
// One small list for each: what a rule does is seen in the order alone, not in its report.
// Must never leave a kind of `Rule` out: the last test compares the kinds with the types.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { assertRanks, filmList, modelBytes } from '../support/films.mjs';
import { ROOT, importPackage } from '../support/package.mjs';

const AT = 1_764_000_000_000;
const DAY = 864e5;
const tried = new Set();
let ranker;
let plain;
const list = filmList(300).map((film, i) => ({
  ...film,
  tags: [...film.tags, `studio:${i % 7}`],
  fields: { ...film.fields, stock: i % 3, published: AT - i * DAY },
}));

before(async () => {
  const { Ranker } = await importPackage();
  ranker = await Ranker.load(modelBytes());
  plain = ranker.rank(list, { budgetMs: null, at: AT });
});

function rank(rules, options) {
  rules.forEach(({ rule }) => tried.add(rule));
  return ranker.rank(list, { budgetMs: null, at: AT, rules, ...options });
}
const studio = (item) => item.tags.find((tag) => tag.startsWith('studio:'));
const places = (ranking) => new Map(ranking.items.map((item, place) => [item.id, place]));

test('filter takes every kind of condition', () => {
  const gone = (where) => new Set(rank([{ rule: 'filter', where }]).removed.map(({ position }) => position));
  const expected = (is) => new Set(list.flatMap((item, i) => (is(item, i) ? [i] : [])));
  assert.deepEqual(gone({ ids: [list[4].id] }), new Set([4]));
  assert.deepEqual(gone({ tag: 'studio:3' }), expected((_, i) => i % 7 === 3));
  assert.equal(gone({ prefix: 'studio' }).size, 300);
  assert.deepEqual(gone({ field: { name: 'stock', atMost: 0 } }), expected((_, i) => i % 3 === 0));
  assert.equal(gone({ absent: 'stock' }).size, 0);
  assert.deepEqual(gone({ all: [{ tag: 'studio:3' }, { not: { field: { name: 'stock', atLeast: 1 } } }] }), expected((_, i) => i % 7 === 3 && i % 3 === 0));
  assert.deepEqual(gone({ any: [{ ids: [list[0].id] }, 'acted', { seen: 1 }] }), new Set([0]));
});

test('boost lifts, buries, and stays within its clamp', () => {
  const last = plain.items.at(-1).id;
  const where = { ids: [last] };
  const place = (rules) => places(rank(rules)).get(last);
  const [one, ten, clamped, buried] = [
    place([{ rule: 'boost', where, by: 1 }]),
    place([{ rule: 'boost', where, by: 10, clamp: 10 }]),
    place([{ rule: 'boost', where, by: 10, clamp: 1 }]),
    place([{ rule: 'boost', where, by: -1 }]),
  ];
  assert.ok(ten < one && one < 299, `${ten} ${one}`);
  assert.equal(clamped, one);
  assert.equal(buried, 299);
});

test('freshness lifts what is new', () => {
  const ranking = rank([{ rule: 'freshness', field: 'published', halfLifeMs: DAY, weight: 10 }]);
  assert.equal(ranking.items[0], list[0]);
  assert.ok(ranking.rules[0].moved > 0 && ranking.rules[0].cost > 0);
});

test('fatigue buries what was shown in vain, and an answer clears it', async () => {
  const { Ranker } = await importPackage();
  const own = await Ranker.load(modelBytes());
  own.setCandidates(list);
  const top = plain.items[0];
  for (let i = 0; i < 5; i += 1) own.observe({ type: 'impression', item: top.id, at: AT - 100 + i });
  const fatigue = [{ rule: 'fatigue', each: 1, most: 5 }];
  const place = (rules) => own.rank(list, { budgetMs: null, at: AT, rules }).items.indexOf(top);
  assert.ok(place(fatigue) > place([]) + 5);
  own.observe({ type: 'click', item: top.id, at: AT - 10 });
  assert.equal(place(fatigue), place([]));
  own.dispose();
});

test('dedupe keeps the best of a group; the others go, or follow last', () => {
  const by = { prefix: 'studio' };
  const removed = rank([{ rule: 'dedupe', by, keep: 2 }]);
  assert.equal(removed.items.length, 14);
  const best = (items) => items.filter((item) => items.filter((other) => studio(other) === studio(item)).indexOf(item) < 2);
  assert.deepEqual(removed.items, best(plain.items));
  const collapsed = rank([{ rule: 'dedupe', by, keep: 2, rest: 'last' }]);
  assertRanks(collapsed, list, 'full');
  assert.deepEqual(collapsed.items.slice(0, 14), removed.items);
});

test('diversity: mmr and dpp choose another top, which is less alike', () => {
  const alike = ({ items }) => {
    const top = items.slice(0, 20);
    const pairs = top.flatMap((a, i) => top.slice(i + 1).map((b) => a.tags.filter((tag) => b.tags.includes(tag)).length));
    return pairs.reduce((sum, shared) => sum + shared, 0);
  };
  for (const method of ['mmr', 'dpp']) {
    for (const over of ['auto', 'vectors', 'tags']) {
      const ranking = rank([{ rule: 'diversity', method, top: 20, relevance: 0.2, over }]);
      assertRanks(ranking, list, 'full');
      assert.ok(ranking.rules[0].binding && !ranking.rules[0].infeasible, `${method} ${over}`);
      assert.ok(alike(ranking) < alike(plain), `${method} ${over}`);
    }
  }
});

test('pin, quota and spacing hold in the slots that they name', () => {
  const [a, b] = [plain.items[200], plain.items[299]];
  const ranking = rank([
    { rule: 'pin', id: a.id, slot: 0 },
    { rule: 'pin', id: b.id, slot: 5 },
    { rule: 'quota', of: { tag: 'studio:6' }, top: 10, least: 3, most: 4 },
    { rule: 'quota', each: { field: { name: 'stock', band: 1 } }, top: 12, most: 5 },
    { rule: 'spacing', by: { prefix: 'studio' }, within: 3, top: 30 },
  ]);
  assert.deepEqual(ranking.rules.map(({ message }) => message), [null, null, null, null, null]);
  assert.deepEqual([ranking.items[0], ranking.items[5]], [a, b]);
  const six = ranking.items.slice(0, 10).filter((item) => studio(item) === 'studio:6').length;
  assert.ok(six >= 3 && six <= 4, `${six}`);
  for (const stock of [0, 1, 2]) assert.ok(ranking.items.slice(0, 12).filter(({ fields }) => fields.stock === stock).length <= 5);
  for (let i = 0; i + 2 < 30; i += 1) assert.equal(new Set(ranking.items.slice(i, i + 3).map(studio)).size, 3, `slot ${i}`);
});

test('explore draws no fewer than its floor and no more than its ceiling', () => {
  const drawn = (more, seed) => rank([{ rule: 'explore', top: 10, rate: 0, pool: 100, ...more }], { seed }).items.slice(0, 10).filter((item, i) => item !== plain.items[i]).length;
  assert.equal(drawn({}, 1), 0);
  const floors = Array.from({ length: 20 }, (_, seed) => drawn({ least: 2 }, seed));
  assert.ok(floors.filter((n) => n > 0).length > 15, 'a draw may take the best by chance');
  const ceiling = rank([{ rule: 'explore', top: 10, rate: 1, most: 1, pool: 100 }], { seed: 3 });
  assert.equal(ceiling.propensities.filter((p) => p < 1).length, 1);
});

test('a contradiction is resolved by priority and reported', () => {
  const id = plain.items[50].id;
  for (const [filter, pin] of [[0, 5], [5, 0]]) {
    const ranking = rank([{ rule: 'filter', where: { ids: [id] }, priority: filter }, { rule: 'pin', id, slot: 0, priority: pin }]);
    assert.equal(ranking.rules[1].code, 'rules/infeasible', 'no priority brings back what a filter took');
  }
  const [a, b] = [plain.items[10].id, plain.items[20].id];
  const both = rank([{ rule: 'pin', id: a, slot: 0, priority: 1 }, { rule: 'pin', id: b, slot: 0, priority: 2 }]);
  assert.equal(both.items[0].id, b);
  assert.deepEqual(both.rules.map(({ code, infeasible }) => [code, infeasible]), [['rules/contradiction', true], [null, false]]);
  const ceiling = rank([{ rule: 'quota', of: { ids: [a] }, top: 3, most: 0, priority: 9 }, { rule: 'pin', id: a, slot: 1 }]);
  assert.deepEqual(ceiling.rules.map(({ code }) => code), [null, 'rules/contradiction']);
  assert.deepEqual(ceiling.warnings.map(({ code }) => code), ['rules/contradiction']);
  const short = rank([{ rule: 'quota', of: { tag: 'studio:1' }, top: 100, least: 90 }]);
  assert.deepEqual([short.rules[0].infeasible, short.rules[0].code], [true, 'rules/infeasible']);
});

test('the largest slots of the longest list the product has', () => {
  const long = Array.from({ length: 1_000 }, (_, i) => ({ ...list[i % 300], id: `l${i}`, tags: [...list[i % 300].tags, `author:${i % 150}`] }));
  const rules = [
    { rule: 'diversity', method: 'dpp', top: 100, pool: 1_000 },
    { rule: 'quota', each: 'firstTag', top: 100, most: 30 },
    { rule: 'spacing', by: { prefix: 'author' }, within: 100, top: 100 },
    { rule: 'explore', top: 100, rate: 0.1, pool: 1_000 },
  ];
  const ranking = ranker.rank(long, { budgetMs: null, rules });
  assertRanks(ranking, long, 'full');
  const authors = ranking.items.slice(0, 100).map(({ tags }) => tags.at(-1));
  assert.equal(new Set(authors).size, 100);
  assert.equal(ranking.propensities.length, 100);
});

test('every kind of the types was tried', () => {
  const types = readFileSync(join(ROOT, 'pkg/types/rules.d.ts'), 'utf8');
  const kinds = new Set([...types.matchAll(/rule: '(\w+)'/g)].map(([, kind]) => kind));
  assert.equal(kinds.size, 10);
  assert.deepEqual([...kinds].filter((kind) => !tried.has(kind) && kind !== 'fatigue'), []);
});
