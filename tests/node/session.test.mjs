// In: the packed package, the demo's model and films. Out: statements about what a session keeps, gives and takes back.
// Runs on the installed tarball, in Node.
// Must never depend on the clock: events and rankings say when they are.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { assertRanks, filmList, modelBytes } from '../support/films.mjs';
import { importGlue, importPackage } from '../support/package.mjs';

const AT = 1_764_000_000_000;
const NO_LIMIT = { budgetMs: null, at: AT };
const list = filmList(200);
let Ranker;

before(async () => { ({ Ranker } = await importPackage()); });

async function visited(events = 3) {
  const ranker = await Ranker.load(modelBytes());
  ranker.setCandidates(list);
  for (let i = 0; i < events; i += 1) {
    ranker.observe({ type: ['like', 'skip', 'click', 'impression'][i % 4], item: list[(i * 17) % 200].id, id: `e${i}`, at: AT - 1_000 * (events - i) });
  }
  return ranker;
}

test('undo gives the order of a visitor who never did it', async () => {
  const [one, other] = [await visited(), await visited(2)];
  assert.equal(one.undo('e2'), true);
  assert.deepEqual(one.rank(undefined, NO_LIMIT).scores, other.rank(undefined, NO_LIMIT).scores);
  assert.equal(one.undo('e2'), false, 'it never happened');
  for (const id of ['', null, {}, 'x'.repeat(2_000)]) assert.throws(() => one.undo(id), { code: 'event/bad-id' });
});

test('what fell out of the session cannot be undone, and says so', async () => {
  const ranker = await visited(600);
  // What merely was seen falls out first: e3 is the oldest impression.
  assert.throws(() => ranker.undo('e3'), { code: 'event/too-old' });
  assert.equal(ranker.undo('e599'), true);
});

test('without: as if events had not happened, and the session keeps them', async () => {
  const [one, other] = [await visited(), await visited()];
  const before = one.rank(undefined, NO_LIMIT);
  const asked = one.rank(undefined, { ...NO_LIMIT, without: ['e0', 'e1'] });
  other.undo('e0');
  other.undo('e1');
  assert.deepEqual(asked.scores, other.rank(undefined, NO_LIMIT).scores);
  assert.deepEqual(one.rank(undefined, NO_LIMIT).scores, before.scores);
  const unknown = one.rank(undefined, { ...NO_LIMIT, without: ['nobody'] });
  assert.deepEqual(unknown.warnings.map(({ code }) => code), ['event/unknown-id']);
  assert.deepEqual(unknown.scores, before.scores);
});

test('a snapshot is the session: full and compact', async () => {
  const ranker = await visited(40);
  const before = ranker.rank(undefined, NO_LIMIT);
  const [full, compact] = [ranker.snapshot(), ranker.snapshot({ compact: true })];
  assert.ok(full instanceof Uint8Array && full.length < 16_384, `${full.length} bytes`);
  assert.ok(compact.length <= 2_800, `${compact.length} bytes`);
  const restored = await Ranker.load(modelBytes());
  restored.restore(full);
  const after = restored.rank(list, NO_LIMIT);
  assert.deepEqual(after.scores, before.scores);
  assert.equal(restored.undo('e39'), true, 'ids are kept');
  restored.restore(compact.buffer);
  assertRanks(restored.rank(list, NO_LIMIT), list, 'full');
  assert.equal(restored.observe({ type: 'like', item: list[0].id, id: 'new' }), true);
});

test('hostile snapshots are refused with a code, and the session stays', async () => {
  const ranker = await visited();
  const before = ranker.rank(undefined, NO_LIMIT).scores;
  const bytes = ranker.snapshot();
  for (const wrong of [new Uint8Array(0), new Uint8Array(50_000), bytes.slice(0, -1), bytes.map((b, i) => (i === 40 ? b ^ 1 : b))]) {
    assert.throws(() => ranker.restore(wrong), { code: 'snapshot/malformed' });
  }
  assert.throws(() => ranker.restore(bytes.map((b, i) => (i === 3 ? 200 : b))), { code: 'snapshot/version' });
  const throwing = new Proxy({}, { get() { throw new Error('no'); }, getPrototypeOf() { throw new Error('no'); } });
  for (const wrong of [null, undefined, 'RKS', [82, 75], {}, throwing]) assert.throws(() => ranker.restore(wrong), { code: 'snapshot/not-bytes' });
  assert.deepEqual(ranker.rank(undefined, NO_LIMIT).scores, before);
});

test('stated preferences bend the first order, replace each other, and can be taken back', async () => {
  const ranker = await visited(0);
  const cold = ranker.rank(undefined, NO_LIMIT).scores;
  ranker.prefer(['Horror', 'vampire']);
  const horror = ranker.rank(undefined, NO_LIMIT);
  assert.notDeepEqual(horror.scores, cold);
  ranker.prefer(null, [list[3].id, { id: 'elsewhere', title: 'Alien', tags: ['Sci-Fi'] }]);
  assert.notDeepEqual(ranker.rank(undefined, NO_LIMIT).scores, horror.scores);
  ranker.prefer([]);
  assert.deepEqual(ranker.rank(undefined, NO_LIMIT).scores, cold);
  for (const wrong of [[7], 'Horror', [null]]) assert.throws(() => ranker.prefer(wrong), { code: 'prefer/unreadable' });
  for (const wrong of [['nobody'], 'x', [{}], [null]]) assert.throws(() => ranker.prefer([], wrong), { code: 'prefer/unreadable' });
});

test('budgetUnits bound the work where no clock does, to the unit', async () => {
  const ranker = await visited();
  const { block, block_units: each } = ranker.model;
  const none = ranker.rank(undefined, { budgetMs: null, budgetUnits: 0 });
  assert.deepEqual([none.tier, none.reason, none.units.spent], ['prior', 'budget', 0]);
  const one = ranker.rank(undefined, { budgetMs: null, budgetUnits: each });
  assert.deepEqual([one.tier, one.scored], ['partial', block]);
  assert.ok(one.units.spent <= each && one.units.granted === each);
  assert.equal(ranker.rank(undefined, NO_LIMIT).units.granted, null);
  const absurd = ranker.rank(undefined, { ...NO_LIMIT, budgetUnits: NaN });
  assert.deepEqual([absurd.tier, absurd.warnings.map(({ code }) => code)], ['full', ['rank/bad-option']]);
});

test('an explanation is the difference that each event makes, with a sentence', async () => {
  const ranker = await visited();
  const ranking = ranker.rank(undefined, NO_LIMIT);
  const id = list[50].id;
  const explanation = ranker.explain(id);
  assert.equal(explanation.place, ranking.items.findIndex((item) => item.id === id) + 1);
  assert.deepEqual(explanation.contributions.map(({ factor }) => factor).sort(), ['event', 'event', 'event', 'server-score']);
  for (const one of explanation.contributions.filter(({ factor }) => factor === 'event')) {
    const without = ranker.rank(undefined, { ...NO_LIMIT, without: [one.event.id] });
    assert.equal(one.place_without, without.items.findIndex((item) => item.id === id) + 1);
    assert.equal(one.moved, one.place_without - explanation.place);
    assert.ok(one.sentence.includes(one.title) && !one.sentence.includes('{'), one.sentence);
    ranker.rank(undefined, NO_LIMIT);
  }
  for (const wrong of ['nobody', null, {}]) assert.throws(() => ranker.explain(wrong), { code: 'candidate/id' });
});

test('probabilities by head', async () => {
  const ranker = await visited();
  ranker.rank(undefined, NO_LIMIT);
  for (const { name } of ranker.model.heads) {
    const all = ranker.probabilities(name);
    assert.equal(all.length, list.length);
    assert.ok(all.every((p) => p >= 0 && p <= 1), name);
  }
  assert.throws(() => ranker.probabilities('no such'), { code: 'rank/unknown-head' });
});

test('a list that is used up asks for more, with tags and a vector', async () => {
  const ranker = await visited(0);
  assert.equal(ranker.rank(undefined, NO_LIMIT).more, null);
  const short = list.slice(0, 12);
  for (const { id } of short.slice(0, 6)) ranker.observe({ type: 'like', item: id, at: AT });
  const { more } = ranker.rank(short, NO_LIMIT);
  assert.deepEqual([more.reason, more.unseen], ['exhausted', 6]);
  assert.ok(more.tags.length > 0 && short.slice(0, 6).some(({ tags }) => tags.includes(more.tags[0].tag)));
  assert.equal(more.vector.length, ranker.model.dims.item_vector);
});

test('odd contexts and times are said, and rank() answers', async () => {
  const ranker = await visited();
  const throwing = { get hour() { throw new Error('no'); }, weekday: 'Monday', device: 'phone' };
  for (const [options, code] of [
    [{ context: 7 }, 'rank/context'], [{ context: throwing }, 'rank/context'], [{ context: { hour: 25 } }, 'rank/context'],
    [{ at: 'yesterday' }, 'rank/bad-option'], [{ without: 'e1' }, 'rank/bad-option'], [{ without: [{}] }, 'rank/bad-option'],
  ]) {
    const ranking = ranker.rank(list, { budgetMs: null, ...options });
    assertRanks(ranking, list, 'full');
    assert.ok(ranking.warnings.some((warning) => warning.code === code), JSON.stringify(ranking.warnings));
  }
});

test('after a trap the session is what it was: snapshot, steps, preferences, what was undone', async () => {
  const glue = await importGlue();
  const ranker = await visited(80); // enough that steps were folded into a snapshot
  ranker.prefer(['Horror']);
  ranker.undo('e79');
  ranker.observe({ type: 'like', item: { id: 'elsewhere', title: 'Alien', tags: ['Sci-Fi'] }, at: AT });
  const before = ranker.rank(undefined, NO_LIMIT);
  const { rank } = glue.Engine.prototype;
  glue.Engine.prototype.rank = () => { throw new WebAssembly.RuntimeError('unreachable'); };
  assert.equal(ranker.rank(undefined, NO_LIMIT).reason, 'wasm/trap');
  glue.Engine.prototype.rank = rank;
  const after = ranker.rank(undefined, NO_LIMIT);
  assertRanks(after, list, 'full');
  assert.deepEqual(after.scores, before.scores);
});
