// In: answers in the shapes that servers document, in tests/fixtures/answers/. Out: candidates, and the answers in another order.
// Each shape is read, ranked by a real ranker, and put in the ranking's order.
// Must never test an adapter against a shape that only we send.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { modelBytes } from '../support/films.mjs';
import { ROOT, importPackage, packageFolder } from '../support/package.mjs';

const answer = (name) => JSON.parse(readFileSync(join(ROOT, 'tests/fixtures/answers', `${name}.json`), 'utf8'));
let adapters;
let ranker;

before(async () => {
  adapters = await import(pathToFileURL(join(packageFolder(), 'adapters.js')));
  const { Ranker } = await importPackage();
  ranker = await Ranker.load(modelBytes());
});

const MAPPING = { title: 'title', tags: 'genres', fields: ['year'] };
const CASES = {
  elasticsearch: [() => adapters.fromElasticsearch(MAPPING), ['110', '6', '593', '858'], (a) => a.hits.hits.map((hit) => hit._id)],
  opensearch: [() => adapters.fromOpenSearch(MAPPING), ['1', '2'], (a) => a.hits.hits.map((hit) => hit._id)],
  algolia: [() => adapters.fromAlgolia(MAPPING), ['film-110', 'film-6', 'film-2'], (a) => a.hits.map((hit) => hit.objectID)],
  'algolia-multi': [() => adapters.fromAlgolia({ title: 'title' }), ['film-110', 'film-6'], (a) => a.results[0].hits.map((hit) => hit.objectID)],
  'qdrant-query': [() => adapters.fromQdrant(MAPPING), [110, '5c56c793-69f3-4fbf-87e6-c4bf54c28c26', 7], (a) => a.result.points.map((point) => point.id)],
  'qdrant-search': [() => adapters.fromQdrant(MAPPING), [1, 2], (a) => a.result.map((point) => point.id)],
  vespa: [() => adapters.fromVespa(MAPPING), ['id:film:film::110', 'id:film:film::6'], (a) => a.root.children.filter((one) => one.fields).map((one) => one.id)],
  'vespa-empty': [() => adapters.fromVespa(MAPPING), [], (a) => a.root.children ?? []],
  metarank: [() => adapters.fromMetarank({ ...MAPPING, lookup: (id) => ({ 110: { title: 'Braveheart', genres: ['War'], year: 1995 } })[id] }), ['110', '6', '858'], (a) => a.items.map((one) => one.item)],
};

for (const [name, [make, ids, read]] of Object.entries(CASES)) {
  test(`${name}: its hits are candidates in the order sent`, () => {
    assert.deepEqual(make().candidates(answer(name)).map((one) => one.id), ids);
  });

  test(`${name}: is ranked without a warning, and put in the ranking's order`, () => {
    const [adapter, sent, untouched] = [make(), answer(name), answer(name)];
    const ranking = ranker.rank(adapter.candidates(sent), { budgetMs: null });
    assert.deepEqual(ranking.warnings, []);
    const ordered = adapter.reorder(sent, ranking.order);
    assert.deepEqual(read(ordered), ranking.items.map((one) => one.id));
    assert.deepEqual(sent, untouched, 'the answer given is not changed');
  });

  test(`${name}: reversed, everything but the order is as it was`, () => {
    const [adapter, sent] = [make(), answer(name)];
    const backwards = adapter.reorder(sent, ids.map((_, i) => ids.length - 1 - i));
    assert.deepEqual(read(backwards), ids.toReversed?.() ?? [...ids].reverse());
    assert.deepEqual(sorted(backwards), sorted(sent));
  });
}

/** The same with every array in one order. */
function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]));
}

test('elasticsearch: values are read as an index holds them', () => {
  const [brave, heat, lambs, godfather] = adapters.fromElasticsearch({ ...MAPPING, fields: { year: 'year', votes: 'votes', mean: 'rating.mean' } }).candidates(answer('elasticsearch'));
  assert.deepEqual({ ...brave, hit: 0 }, { id: '110', score: 9.81, hit: 0, title: 'Braveheart', tags: ['Action', 'Drama', 'War'], fields: { year: 1995, votes: null, mean: 4.03 } });
  assert.deepEqual(heat.fields, { year: 1995, votes: 1211, mean: null }, 'text and lists of one are numbers; `fields` stands in for `_source`');
  assert.deepEqual([lambs.score, lambs.title, lambs.tags], [null, 'The Silence of the Lambs', ['Crime', 'Horror']], 'no score is not a score of 0');
  assert.deepEqual(godfather.tags, ['Crime'], 'one tag may come alone');
});

test('elasticsearch: several places make one list of tags; dotted paths and functions are places', () => {
  const [brave] = adapters.fromElasticsearch({ tags: ['genres', 'studio.name', (hit) => hit._index] }).candidates(answer('elasticsearch'));
  assert.deepEqual(brave.tags, ['Action', 'Drama', 'War', 'Icon', 'films']);
});

test('algolia: the score falls with the place; booleans are numbers; another query can be chosen', () => {
  const [first, second, third] = adapters.fromAlgolia({ fields: { stock: 'inStock' } }).candidates(answer('algolia'));
  assert.ok(first.score > second.score && second.score > third.score && third.score > 0);
  assert.deepEqual([first.fields, second.fields], [{ stock: 1 }, { stock: 0 }]);
  const actors = adapters.fromAlgolia({ query: 1 });
  assert.deepEqual(actors.candidates(answer('algolia-multi')).map((one) => one.id), ['actor-1']);
  assert.deepEqual(actors.reorder(answer('algolia-multi'), [0]), answer('algolia-multi'));
});

test('qdrant: a vector of the model\'s basis goes along where the mapping says so', () => {
  const [brave, heat] = adapters.fromQdrant({ vector: 'basis_vector' }).candidates(answer('qdrant-query'));
  assert.deepEqual([brave.vector, 'vector' in heat], [[12, -7, 0], false]);
});

test('vespa: groupings stay, behind the hits', () => {
  const { root } = adapters.fromVespa().reorder(answer('vespa'), [1, 0]);
  assert.deepEqual(root.children.map((one) => one.id), ['id:film:film::6', 'id:film:film::110', 'group:root:0']);
});

test('metarank: what it does not send is looked up; an item that is not found stays', () => {
  const [brave, heat] = CASES.metarank[0]().candidates(answer('metarank'));
  assert.deepEqual([brave.title, brave.tags, brave.fields, brave.score], ['Braveheart', ['War'], { year: 1995 }, 2.03]);
  assert.deepEqual([heat.id, heat.title, heat.score], ['6', null, 1.52]);
});

test('array: candidates go through as they are, extra properties and all', () => {
  const items = [{ id: 1, vector: new Int8Array(32), extra: 'x' }, { id: 2 }];
  const plain = adapters.fromArray();
  assert.equal(plain.candidates(items)[0], items[0]);
  assert.deepEqual(plain.reorder(items, [1, 0]), [items[1], items[0]]);
  const nested = adapters.fromArray({ list: 'data.films' });
  assert.equal(nested.candidates({ data: { films: items } })[1], items[1]);
  assert.deepEqual(nested.reorder({ page: 1, data: { total: 2, films: items } }, [1]), { page: 1, data: { total: 2, films: [items[1]] } });
});

test('array: with a mapping, items of any shape are read', () => {
  const adapter = adapters.fromArray({ id: 'sku', title: (item) => item.names.de, score: 'rank', tags: 'cat' });
  const [shoe, odd] = adapter.candidates([{ sku: 7, names: { de: 'Schuh' }, rank: '3.5', cat: 'shoes' }, { sku: 8, rank: 'high', cat: [1, null, {}] }]);
  assert.deepEqual([shoe.id, shoe.title, shoe.score, shoe.tags], [7, 'Schuh', 3.5, ['shoes']]);
  assert.deepEqual([odd.title, odd.score, odd.tags], [null, null, ['1']], 'a function that throws counts as absent');
});

test('a hit that is no object keeps its place as an unreadable candidate', () => {
  const sent = { items: [{ id: 'a', score: 1 }, null, 7] };
  const adapter = adapters.fromArray({ title: 'title' });
  assert.deepEqual(adapter.candidates(sent).slice(1), [null, null]);
  assert.equal(ranker.rank(adapter.candidates(sent)).items.length, 3);
});

const NOT_ANSWERS = [null, undefined, 5, 'text', {}, { hits: 5 }, { hits: { hits: {} } }, { results: [] }, { result: null }, { root: 5 }, { root: { children: 5 } }, { items: { length: 3 } }];
for (const name of ['fromElasticsearch', 'fromOpenSearch', 'fromAlgolia', 'fromQdrant', 'fromVespa', 'fromMetarank', 'fromArray']) {
  test(`${name}: what is no answer of its server is refused with a code`, () => {
    for (const wrong of NOT_ANSWERS) {
      assert.throws(() => adapters[name]().candidates(wrong), { name: 'RankletError', code: 'adapter/shape' }, JSON.stringify(wrong));
    }
  });
}

test('keys of Object\'s prototype are no values', () => {
  const [one] = adapters.fromArray({ title: 'constructor.name', tags: '__proto__', fields: ['toString'] }).candidates([{ id: 1 }]);
  assert.deepEqual([one.title, one.tags, one.fields], [null, [], { toString: null }]);
});

test('a place that is neither path nor function is refused', () => {
  assert.throws(() => adapters.fromArray({ title: 5 }), { code: 'adapter/bad-option' });
});
