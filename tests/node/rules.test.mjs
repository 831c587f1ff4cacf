// In: the packed package, films, rules. Out: statements about what rank(list, { rules }) does.
// What each rule means is tested in Rust; here it is that rules, reports and fields cross over whole.
// Must never need a rule to be understood in JavaScript.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { assertRanks, filmList, modelBytes } from '../support/films.mjs';
import { importPackage } from '../support/package.mjs';

const NO_LIMIT = { budgetMs: null };
let Ranker;
let ranker;

before(async () => {
  ({ Ranker } = await importPackage());
  ranker = await Ranker.load(modelBytes());
});

const rank = (list, rules, more) => ranker.rank(list, { ...NO_LIMIT, rules, ...more });
const codes = (ranking) => ranking.rules.map(({ code }) => code);

test('filters take candidates out and say so', () => {
  const list = filmList(100);
  const ranking = rank(list, [{ rule: 'filter', where: { ids: [list[3].id, list[5].id] }, name: 'blocked' }]);
  assert.equal(ranking.items.length, 98);
  assert.equal(ranking.total, 100);
  assert.equal(ranking.tier, 'full');
  assert.deepEqual(ranking.removed.map(({ position, rule }) => [position, rule]).sort(), [[3, 0], [5, 0]]);
  for (const { item, position } of ranking.removed) assert.ok(Object.is(item, list[position]));
  assert.ok(!ranking.items.includes(list[3]) && !ranking.items.includes(list[5]));
  ranking.items.forEach((item, i) => assert.ok(Object.is(item, list[ranking.order[i]])));
  const { moved, removed, binding, infeasible, code, message, name } = ranking.rules[0];
  assert.deepEqual([moved, removed, binding, infeasible, code, message, name], [0, 2, true, false, null, null, 'blocked']);
  assert.ok(Number.isFinite(ranking.rules[0].cost));
  assert.deepEqual(ranking.warnings, []);
  assertRanks(ranker.rank(list, NO_LIMIT), list, 'full'); // the next call is without
});

test('pins, quotas, spacing and diversity are obeyed and priced', () => {
  const list = filmList(300);
  const plain = ranker.rank(list, NO_LIMIT);
  const last = plain.items.at(-1);
  const ranking = rank(list, [
    { rule: 'pin', id: last.id, slot: 2 },
    { rule: 'quota', each: 'firstTag', top: 20, most: 4 },
    { rule: 'quota', of: { tag: 'Horror' }, top: 10, least: 2 },
    { rule: 'diversity', method: 'dpp', top: 20 },
  ]);
  assertRanks(ranking, list, 'full');
  assert.deepEqual(codes(ranking), [null, null, null, null]);
  assert.equal(ranking.items[2], last);
  const firsts = ranking.items.slice(0, 20).map(({ tags }) => tags[0]);
  for (const tag of new Set(firsts)) assert.ok(firsts.filter((one) => one === tag).length <= 4, tag);
  assert.ok(ranking.items.slice(0, 10).filter(({ tags }) => tags.includes('Horror')).length >= 2);
  assert.ok(ranking.rules[3].binding && ranking.rules[0].binding);
  assert.ok(ranking.rules.reduce((sum, { cost }) => sum + cost, 0) > 0);
});

test('rules read fields that the model does not, once a list', () => {
  const list = filmList(50).map((film, i) => ({ ...film, fields: { ...film.fields, stock: i % 2 } }));
  let reads = 0;
  list[7] = { ...list[7], get fields() { reads += 1; return { stock: 0 }; } };
  const rules = [{ rule: 'filter', where: { field: { name: 'stock', atMost: 0 } } }];
  const ranking = rank(list, rules);
  assert.equal(ranking.items.length, 24, '25 of 50 are sold out, and so is the eighth');
  const before = reads;
  assert.equal(rank(undefined, rules).items.length, 24);
  assert.equal(rank(undefined, [...rules, { rule: 'pin', id: list[1].id, slot: 0 }]).items[0], list[1]);
  assert.equal(reads, before);
  const other = list.map((item) => ({ ...item, fields: { stock: 1 } }));
  assert.equal(rank(other, rules).items.length, 50, 'the next list is read anew');
});

test('a field that no candidate carries matches nothing; freshness counts to the time given', () => {
  const list = filmList(40);
  assert.equal(rank(list, [{ rule: 'filter', where: { field: { name: 'nowhere', atLeast: 0 } } }]).items.length, 40);
  const dated = list.map((film, i) => ({ ...film, fields: { published: i === 39 ? Date.UTC(2026, 0, 2) : Date.UTC(2020, 0, 1) } }));
  const fresh = [{ rule: 'freshness', field: 'published', halfLifeMs: 864e5, weight: 10 }];
  assert.equal(rank(dated, fresh, { at: Date.UTC(2026, 0, 3) }).items[0], dated[39]);
  assert.equal(rank(dated, fresh, { at: Date.UTC(2030, 0, 3) }).rules[0].binding, false);
});

test('exploration is a function of the seed and logs its propensities', () => {
  const list = filmList(200);
  const rules = [{ rule: 'explore', top: 10, rate: 0.5, least: 2, pool: 50 }];
  const orders = [1, 1, 2].map((seed) => rank(list, rules, { seed }));
  assert.deepEqual(orders[0].order, orders[1].order);
  assert.notDeepEqual(orders[0].order, orders[2].order);
  for (const { propensities } of orders) {
    assert.equal(propensities.length, 10);
    assert.ok(propensities.every((p) => p >= 0.5 / 50 - 1e-6 && p <= 1));
  }
  assert.equal(ranker.rank(list, NO_LIMIT).propensities.length, 0);
});

test('seen and fatigue count the events of the session, and forget with it', async () => {
  const own = await Ranker.load(modelBytes());
  const list = filmList(30);
  const rules = [{ rule: 'filter', where: { seen: 2 } }, { rule: 'filter', where: 'acted' }];
  own.setCandidates(list);
  own.observe({ type: 'impression', item: list[0].id, at: 1 });
  own.observe({ type: 'impression', item: list[0].id, at: 2 });
  own.observe({ type: 'like', item: list[1].id, at: 3, id: 'like' });
  assert.deepEqual(own.rank(list, { ...NO_LIMIT, rules }).removed.map(({ item }) => item), [list[0], list[1]]);
  assert.deepEqual(own.rank(list, { ...NO_LIMIT, rules, without: ['like'] }).removed.map(({ item }) => item), [list[0]]);
  // What the browser tells of one showing counts once.
  own.observe({ type: 'impression', item: list[2].id, at: 4 });
  own.observe({ type: 'skip', item: list[2].id, at: 5 });
  assert.ok(own.rank(list, { ...NO_LIMIT, rules }).items.includes(list[2]));
  own.observe({ type: 'impression', item: list[2].id, at: 6 });
  assert.ok(!own.rank(list, { ...NO_LIMIT, rules }).items.includes(list[2]));
  own.forget();
  assert.equal(own.rank(list, { ...NO_LIMIT, rules }).items.length, 30);
  own.dispose();
});

test('explain tells what each rule did', () => {
  const list = filmList(60);
  const last = ranker.rank(list, NO_LIMIT).items.at(-1);
  rank(list, [{ rule: 'pin', id: last.id, slot: 0, name: 'sponsored' }, { rule: 'filter', where: { ids: [list[0].id] } }]);
  const pinned = ranker.explain(last.id).contributions.find(({ rule }) => rule?.index === 0);
  assert.equal(pinned.factor, 'rule');
  assert.equal(pinned.sentence, `Up ${pinned.moved} because of the rule sponsored`);
  assert.equal(pinned.moved, 58);
  const filtered = ranker.explain(list[0].id);
  assert.equal(filtered.place, null);
  const by = filtered.contributions.find(({ rule }) => rule?.index === 1);
  assert.equal(by.sentence, 'Taken out by the rule filter');
  assert.ok(by.place_without >= 1);
});

const thrower = new Proxy({}, { get() { throw new Error('a trap'); }, ownKeys() { throw new Error('a trap'); } });
const cyclic = { rule: 'filter' };
cyclic.where = { not: cyclic };
const deep = Array.from({ length: 100 }).reduce((where) => ({ not: where }), { tag: 'x' });

const HOSTILE = {
  'no array': [{ rule: 'pin' }, ['rules/malformed'], 0],
  'a string': ['filter', ['rules/malformed'], 0],
  'a Proxy whose traps throw': [new Proxy([], { get() { throw new Error('a trap'); } }), ['rules/malformed'], 0],
  'a rule that throws': [[thrower], ['rules/malformed'], 1],
  'a rule that contains itself': [[cyclic], ['rules/malformed'], 1],
  'a rule of a hundred levels': [[{ rule: 'filter', where: deep }], ['rules/malformed'], 1],
  'a rule of 10 MB': [[{ rule: 'pin', id: 'x'.repeat(10e6), slot: 0 }], ['rules/limit'], 0],
  'an array of 2^32 - 1 ids': [[{ rule: 'filter', where: { ids: new Array(2 ** 32 - 1) } }], ['rules/malformed'], 1],
  'NaN': [[{ rule: 'boost', where: { tag: 'x' }, by: NaN }], ['rules/malformed'], 1],
  'infinity': [[{ rule: 'boost', where: { tag: 'x' }, by: Infinity }], ['rules/malformed'], 1],
  'a BigInt': [[{ rule: 'pin', id: 'x', slot: 1n }], ['rules/malformed'], 1],
  'an unknown kind': [[{ rule: 'pun' }], ['rules/malformed'], 1],
  'a misspelt key': [[{ rule: 'pin', id: '1', slott: 1 }], ['rules/malformed'], 1],
  'an own __proto__': [[JSON.parse('{"rule":"filter","where":{"tag":"x"},"__proto__":{"x":1}}')], ['rules/malformed'], 1],
  'two pins of one slot': [[{ rule: 'pin', id: filmList(2)[0].id, slot: 1 }, { rule: 'pin', id: filmList(2)[1].id, slot: 1 }], ['rules/contradiction'], 2],
  'sixty-five rules': [Array.from({ length: 65 }, () => ({ rule: 'filter', where: { tag: 'x' } })), ['rules/limit'], 0],
  'a million rules': [new Array(1e6).fill(null), ['rules/limit'], 0],
};

for (const [name, [rules, expected, reports]] of Object.entries(HOSTILE)) {
  test(`hostile rules: ${name}`, () => {
    const list = filmList(20);
    const ranking = rank(list, rules);
    assertRanks(ranking, list, 'full');
    assert.deepEqual(ranking.warnings.map(({ code }) => code), expected);
    assert.equal(ranking.rules.length, reports);
    const after = rank(list, [{ rule: 'filter', where: { all: [] } }]);
    assert.deepEqual([after.items.length, after.removed.length, after.tier], [0, 20, 'full']);
  });
}

test('rules survive a list of more candidates than are ranked', () => {
  const most = ranker.model.limits.candidates;
  const list = Array.from({ length: most + 3 }, (_, i) => ({ id: `i${i}`, score: -i }));
  const ranking = rank(list, [{ rule: 'filter', where: { ids: ['i0', 'i1'] } }]);
  assert.equal(ranking.items.length, most + 1);
  assert.equal(ranking.total, most + 3);
  assert.deepEqual(ranking.items.slice(-3), list.slice(-3));
});
