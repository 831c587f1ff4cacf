// In: the packed package, the demo's model and films. Out: statements about what rank() and observe() do.
// Runs on the installed tarball, in Node.
// Must never depend on how long a ranking takes.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { assertRanks, filmList, films, modelBytes, ofGenre } from '../support/films.mjs';
import { importPackage } from '../support/package.mjs';

const NO_LIMIT = { budgetMs: null };
let Ranker;
let version;

before(async () => {
  ({ Ranker, version } = await importPackage());
});

const load = (options) => Ranker.load(modelBytes(), options);

for (const size of [100, 500, 1000]) {
  test(`node20: ranks ${size} films, all of them scored by the model`, async () => {
    const ranker = await load();
    const list = filmList(size);
    const ranking = ranker.rank(list, NO_LIMIT);
    assertRanks(ranking, list, 'full');
    assert.equal(ranking.scored, size);
    assert.equal(ranking.reason, null);
    assert.deepEqual(ranking.warnings, []);
    assert.ok(ranking.scores.every(Number.isFinite));
    for (const key of ['prepare', 'score', 'order', 'total']) assert.ok(ranking.ms[key] >= 0, key);
    ranker.dispose();
  });
}

test('the best first: scores never rise along the order', async () => {
  const ranker = await load();
  const ranking = ranker.rank(filmList(500), NO_LIMIT);
  const along = [...ranking.order].map((i) => ranking.scores[i]);
  along.slice(1).forEach((score, i) => assert.ok(score <= along[i], `place ${i + 2}`));
});

test('the model says what it reads and knows, and cannot be changed', async () => {
  const { model } = await load();
  for (const action of ['click', 'like', 'dislike', 'skip', 'dwell', 'impression']) assert.ok(model.actions.includes(action), action);
  assert.ok(model.heads.length > 0 && model.limits.candidates >= 1000);
  assert.throws(() => { model.fields[0] = 'other'; }, TypeError);
  assert.match(version(), /^\d+\.\d+\.\d+/);
});

test('likes of one genre lift the films of that genre, and forgetting undoes it', async () => {
  const ranker = await load();
  const list = filmList(300);
  const first = ranker.rank(list, NO_LIMIT);
  const genre = commonGenre(list);
  const liked = ofGenre(first.items, genre).slice(-8);
  for (const item of liked) assert.equal(ranker.observe({ type: 'like', item: item.id }), true);
  const second = ranker.rank(undefined, NO_LIMIT);
  assertRanks(second, list, 'full');
  const others = ofGenre(list, genre).filter((item) => !liked.includes(item));
  assert.ok(meanPlace(second, others) < meanPlace(first, others), `${genre}: ${meanPlace(first, others)} → ${meanPlace(second, others)}`);
  ranker.forget();
  assert.deepEqual(ranker.rank(undefined, NO_LIMIT).order, first.order);
});

test('each kind of event changes the next scores', async () => {
  const list = filmList(100);
  for (const [type, value] of [['click'], ['like'], ['dislike'], ['skip'], ['dwell', 45], ['impression']]) {
    const ranker = await load();
    const before = ranker.rank(list, NO_LIMIT).scores;
    assert.equal(ranker.observe({ type, item: list[7].id, value }), true);
    assert.notDeepEqual(ranker.rank(undefined, NO_LIMIT).scores, before, type);
    ranker.dispose();
  }
});

test('an event with the same id counts once', async () => {
  const ranker = await load();
  const list = filmList(100);
  ranker.rank(list);
  assert.equal(ranker.observe({ type: 'like', item: list[3].id, id: 'e1' }), true);
  const once = ranker.rank(undefined, NO_LIMIT).scores;
  assert.equal(ranker.observe({ type: 'like', item: list[3].id, id: 'e1' }), false);
  assert.deepEqual(ranker.rank(undefined, NO_LIMIT).scores, once);
});

test('an event may bring a film that is not in the list', async () => {
  const ranker = await load();
  const [other, ...list] = filmList(101);
  const before = ranker.rank(list, NO_LIMIT).scores;
  assert.throws(() => ranker.observe({ type: 'like', item: other.id }), { code: 'event/unknown-item' });
  assert.equal(ranker.observe({ type: 'like', item: other }), true);
  assert.notDeepEqual(ranker.rank(undefined, NO_LIMIT).scores, before);
});

test('an event may come before the first ranking', async () => {
  const ranker = await load();
  const list = filmList(100);
  ranker.setCandidates(list);
  assert.equal(ranker.observe({ type: 'like', item: list[0].id, at: new Date() }), true);
  assertRanks(ranker.rank(list, NO_LIMIT), list, 'full');
});

test('a film without a score is placed by its title and tags', async () => {
  const ranker = await load();
  const list = filmList(100).map((item) => ({ ...item, score: undefined, fields: undefined }));
  const ranking = ranker.rank(list, NO_LIMIT);
  assertRanks(ranking, list, 'full');
  assert.ok(new Set(ranking.scores).size > 10, 'texts tell them apart');
});

test('numbers and their text are the same id', async () => {
  const ranker = await load();
  const list = filmList(50).map((item, i) => ({ ...item, id: i }));
  ranker.rank(list);
  assert.equal(ranker.observe({ type: 'click', item: '7' }), true);
  assert.equal(ranker.observe({ type: 'click', item: 7, at: Date.now() }), true);
});

test('a budget of nothing still answers, with the prior', async () => {
  const ranker = await load();
  const list = filmList(500);
  const ranking = ranker.rank(list, { budgetMs: 0 });
  assertRanks(ranking, list, 'prior');
  assert.equal(ranking.scored, 0);
  assert.equal(typeof ranking.reason, 'string');
});

test('a list is read again when it is another array, another length, or said so', async () => {
  const ranker = await load();
  const list = filmList(60);
  let reads = 0;
  list[0] = Object.defineProperty({ ...list[0] }, 'title', { get: () => { reads += 1; return 'Heat'; } });
  ranker.rank(list);
  ranker.rank(list);
  ranker.rank();
  assert.equal(reads, 1, 'the same array of the same length is not read again');
  list.push({ id: 'one more' });
  assertRanks(ranker.rank(list), list);
  assert.equal(reads, 2);
  ranker.rank([...list]);
  assert.equal(reads, 3);
  ranker.setCandidates(list);
  assert.equal(reads, 4);
});

test('weights by head change the scores; unknown heads are said', async () => {
  const ranker = await load();
  const list = filmList(100);
  const [head] = ranker.model.heads;
  const before = ranker.rank(list, NO_LIMIT).scores;
  const doubled = ranker.rank(list, { ...NO_LIMIT, weights: { [head.name]: head.weight * 2 + 1 } });
  assert.notDeepEqual(doubled.scores, before);
  const wrong = ranker.rank(list, { ...NO_LIMIT, weights: { 'no such head': 3 } });
  assert.deepEqual(wrong.scores, before);
  assert.deepEqual(wrong.warnings.map((w) => w.code), ['rank/unknown-head']);
});

test('two rankers of one process do not share a session', async () => {
  const [a, b] = [await load(), await load()];
  const list = filmList(100);
  const alone = b.rank(list, NO_LIMIT).scores;
  a.rank(list);
  for (const item of list.slice(0, 5)) a.observe({ type: 'like', item: item.id });
  assert.deepEqual(b.rank([...list], NO_LIMIT).scores, alone);
});

test('warm memory is flat', async () => {
  const { importGlue } = await import('../support/package.mjs');
  const glue = await importGlue();
  const ranker = await load();
  const list = filmList(500);
  const round = (i) => {
    ranker.rank([...list], NO_LIMIT);
    ranker.observe({ type: i % 2 ? 'like' : 'skip', item: list[i % 500].id });
  };
  // The session is full after 256 events; the allocator has settled some rounds later.
  for (let i = 0; i < 2_000; i += 1) round(i);
  const memory = glue.initSync({}).memory; // already started: gives the instance's exports
  const warm = memory.buffer.byteLength;
  for (let i = 0; i < 4_000; i += 1) round(i);
  const grown = memory.buffer.byteLength - warm;
  assert.ok(grown <= 65_536, `${grown} bytes in 4,000 rounds: more than one page, 16 bytes a round`);
});

test('the catalogue holds at least 300 films', () => assert.ok(films.length >= 300));

function commonGenre(list) {
  const counts = new Map();
  for (const tag of list.flatMap((item) => item.tags)) counts.set(tag, (counts.get(tag) ?? 0) + 1);
  // Not the commonest: a genre that half the films have cannot rise as a whole.
  return [...counts].filter(([, n]) => n <= list.length / 4).sort((a, b) => b[1] - a[1])[0][0];
}

function meanPlace(ranking, items) {
  const places = items.map((item) => ranking.items.indexOf(item));
  return places.reduce((a, b) => a + b, 0) / places.length;
}
