// In: lists, candidates, events and options that no sane caller sends. Out: a ranker that still ranks.
// After each case the same ranker ranks a clean list as before.
// Must never need a case to be handled in wasm.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { assertRanks, filmList, modelBytes } from '../support/films.mjs';
import { importGlue, importPackage } from '../support/package.mjs';

const NO_LIMIT = { budgetMs: null };
const thrower = { get() { throw new Error('a trap'); }, has() { throw new Error('a trap'); }, getOwnPropertyDescriptor() { throw new Error('a trap'); }, ownKeys() { throw new Error('a trap'); } };
const throwing = (key, base) => Object.defineProperty({ ...base }, key, { enumerable: true, get() { throw new Error('a getter'); } });
const revoked = (target) => { const { proxy, revoke } = Proxy.revocable(target, {}); revoke(); return proxy; };
const cyclic = () => { const tags = ['Drama']; tags.push(tags, [tags]); return tags; };
const film = (more) => ({ id: 'x', title: 'Heat', tags: ['Crime'], score: 3, ...more });

/** Name → [what stands in place 3 of the list, the code of the warning or null]. */
const CANDIDATES = {
  'null': [null, 'candidate/unreadable'],
  'undefined': [undefined, 'candidate/unreadable'],
  'a string': ['296', 'candidate/unreadable'],
  'a number': [7, 'candidate/unreadable'],
  'a symbol': [Symbol('x'), 'candidate/unreadable'],
  'a function': [() => {}, 'candidate/unreadable'],
  'a Proxy whose traps throw': [new Proxy({}, thrower), 'candidate/unreadable'],
  'a revoked Proxy': [revoked({}), 'candidate/unreadable'],
  'no id': [{ title: 'Heat' }, 'candidate/bad-id'],
  'an empty id': [film({ id: '' }), 'candidate/bad-id'],
  'an id of NaN': [film({ id: NaN }), 'candidate/bad-id'],
  'an id that is a BigInt': [film({ id: 10n }), 'candidate/bad-id'],
  'an id that is a Symbol': [film({ id: Symbol('id') }), 'candidate/bad-id'],
  'an id of 10 MB': [film({ id: 'i'.repeat(10e6) }), 'candidate/bad-id'],
  'an id whose getter throws': [throwing('id', film()), 'candidate/unreadable'],
  'an id with a toString that throws': [film({ id: { toString() { throw new Error('no'); } } }), 'candidate/bad-id'],
  'a title whose getter throws': [throwing('title', film()), 'candidate/unreadable'],
  'a title of 10 MB': [film({ title: 'é'.repeat(5e6) }), 'candidate/truncated'],
  'a title of lone surrogates': [film({ title: '\ud800'.repeat(5) + '\udc00' }), null],
  'a title of NUL and line breaks': [film({ title: '\0\r\n\u2028' }), null],
  'a title that is an object': [film({ title: { toString: () => 'Heat' } }), 'candidate/not-text'],
  'tags that contain themselves': [film({ tags: cyclic() }), 'candidate/not-text'],
  'tags of all types': [film({ tags: [1, null, NaN, 3n, Symbol('t'), {}, 'Crime'] }), 'candidate/not-text'],
  'tags whose getter throws': [throwing('tags', film()), 'candidate/unreadable'],
  'tags that are a string': [film({ tags: 'Crime' }), 'candidate/bad-tags'],
  'tags that are a revoked Proxy': [film({ tags: revoked([]) }), 'candidate/bad-tags'],
  'tags with an element that throws': [film({ tags: throwingAt(['a', 'b'], 1) }), 'candidate/unreadable'],
  'a million tags': [film({ tags: new Array(1e6).fill('t') }), 'candidate/truncated'],
  'a sparse array of 2^32 - 1 tags': [film({ tags: new Array(2 ** 32 - 1) }), 'candidate/truncated'],
  'a tag of 10 MB': [film({ tags: ['t'.repeat(10e6)] }), 'candidate/truncated'],
  'a score of NaN': [film({ score: NaN }), 'candidate/bad-number'],
  'a score of Infinity': [film({ score: -Infinity }), 'candidate/bad-number'],
  'a score beyond f32': [film({ score: 1e300 }), 'candidate/bad-number'],
  'a score that is a BigInt': [film({ score: 5n }), 'candidate/bad-number'],
  'a score that is a Symbol': [film({ score: Symbol('s') }), 'candidate/bad-number'],
  'a score with a valueOf that throws': [film({ score: { valueOf() { throw new Error('no'); } } }), 'candidate/bad-number'],
  'fields that are a Proxy whose traps throw': [film({ fields: new Proxy({}, thrower) }), 'candidate/unreadable'],
  'fields without a prototype': [film({ fields: Object.assign(Object.create(null), { year: 1995 }) }), null],
  'fields with an own __proto__': [film({ fields: JSON.parse('{"__proto__": {"year": 1}, "constructor": 2}') }), null],
  'fields that are a string': [film({ fields: 'year' }), 'candidate/bad-fields'],
  'a field that is a BigInt': [film({ fields: { year: 1995n } }), 'candidate/bad-number'],
  'the id of another candidate': [film({ id: 'same' }), null, film({ id: 'same' })],
  'a candidate without a prototype': [Object.assign(Object.create(null), film()), null],
  'a candidate that inherits its properties': [Object.create(film()), null],
};

function throwingAt(array, index) {
  return Object.defineProperty(array, index, { get() { throw new Error('an element'); } });
}

let Ranker;
let ranker;
let glue;
let clean;
let survived = 0;

before(async () => {
  ({ Ranker } = await importPackage());
  glue = await importGlue();
  ranker = await Ranker.load(modelBytes());
  clean = filmList(50);
  clean.expected = ranker.rank(clean, NO_LIMIT).order;
});
after(() => console.log(`hostile objects: ${survived}`));

/** The same ranker still ranks a clean list as it did at first. */
function stillRanks() {
  const list = [...clean];
  const ranking = ranker.rank(list, NO_LIMIT);
  assertRanks(ranking, list, 'full');
  assert.deepEqual(ranking.warnings, []);
  assert.deepEqual(ranking.order, clean.expected);
  survived += 1;
}

for (const [name, [candidate, code, twin]] of Object.entries(CANDIDATES)) {
  test(`a hostile candidate keeps a place: ${name}`, () => {
    const list = [...clean.slice(0, 3), candidate, ...clean.slice(3), ...(twin ? [twin] : [])];
    const ranking = ranker.rank(list, NO_LIMIT);
    assertRanks(ranking, list, 'full');
    const codes = ranking.warnings.filter((w) => w.path.startsWith('candidates[3]')).map((w) => w.code);
    if (code) assert.ok(codes.includes(code), JSON.stringify(ranking.warnings));
    else assert.deepEqual(codes, []);
    if (twin) assert.ok(ranking.warnings.some((w) => w.code === 'candidate/duplicate-id'));
    stillRanks();
  });
}

const LISTS = {
  'null': [null, 'candidates/not-array'],
  'a string': ['abc', 'candidates/not-array'],
  'a Set': [new Set([1]), 'candidates/not-array'],
  'an object with a length': [{ length: 3, 0: film() }, 'candidates/not-array'],
  'a Symbol': [Symbol('list'), 'candidates/not-array'],
  'a revoked Proxy': [revoked([]), 'candidates/unreadable'],
  'a Proxy with a length of -1': [new Proxy([], { get: (t, k) => (k === 'length' ? -1 : t[k]) }), 'candidates/unreadable'],
  'a Proxy with a length of NaN': [new Proxy([], { get: (t, k) => (k === 'length' ? NaN : t[k]) }), 'candidates/unreadable'],
};

for (const [name, [list, code]] of Object.entries(LISTS)) {
  test(`a hostile list is an empty list: ${name}`, () => {
    const ranking = ranker.rank(list);
    assert.equal(ranking.total, 0);
    assert.deepEqual(ranking.warnings.map((w) => w.code), [code]);
    stillRanks();
  });
}

test('a list whose every element throws keeps all places', () => {
  const list = new Proxy(new Array(40), { get(t, k) { if (k === 'length') return 40; throw new Error('element'); } });
  const ranking = ranker.rank(list, NO_LIMIT);
  assert.equal(ranking.total, 40);
  assert.equal(ranking.items.length, 40);
  assert.equal(ranking.warnings.length, 21, 'twenty, and the count of the rest');
  assert.equal(ranking.warnings[20].code, 'warnings/more');
  assert.match(ranking.warnings[20].message, /^20 /);
  stillRanks();
});

test('a Proxy that claims four billion candidates is cut', () => {
  const list = new Proxy([], { get: (t, k) => (k === 'length' ? 2 ** 32 - 1 : undefined) });
  const ranking = ranker.rank(list, { budgetMs: 0 });
  assert.ok(ranking.total <= 1e6);
  assert.equal(ranking.warnings[0].code, 'candidates/cut');
  stillRanks();
});

test('each property of a candidate is read once', () => {
  const reads = {};
  const counting = new Proxy(film({ id: 'counted' }), { get(t, k) { reads[k] = (reads[k] ?? 0) + 1; return t[k]; } });
  ranker.rank([counting], NO_LIMIT);
  assert.deepEqual(reads, { id: 1, title: 1, tags: 1, score: 1, fields: 1, vector: 1 });
  stillRanks();
});

test('a getter that calls the ranker gets an answer and harms nothing', () => {
  let inner;
  let refusal;
  const list = [...clean, { get id() {
    inner = ranker.rank(clean);
    try { ranker.observe({ type: 'like', item: clean[0].id }); } catch (error) { refusal = error; }
    return 'reentrant';
  } }];
  assertRanks(ranker.rank(list, NO_LIMIT), list, 'full');
  assert.equal(inner.reason, 'ranker/busy');
  assert.equal(refusal.code, 'ranker/busy');
  stillRanks();
});

const OPTIONS = {
  'null': null,
  'a Symbol': Symbol('options'),
  'a Proxy whose traps throw': new Proxy({}, thrower),
  'budgets and weights whose getters throw': Object.defineProperties({}, { budgetMs: { get() { throw new Error('b'); } }, weights: { get() { throw new Error('w'); } } }),
  'a budget of NaN': { budgetMs: NaN },
  'a budget below 0': { budgetMs: -1 },
  'a budget that is a BigInt': { budgetMs: 3n },
  'weights that are a Proxy whose traps throw': { ...NO_LIMIT, weights: new Proxy({}, thrower) },
  'weights with __proto__': { ...NO_LIMIT, weights: JSON.parse('{"__proto__": 5, "constructor": 1}') },
  'weights that are a string': { ...NO_LIMIT, weights: 'heavy' },
};

test('weights of NaN, BigInt and Symbol leave the model\'s own', () => {
  for (const weight of [NaN, 1n, Symbol('w'), {}]) {
    const weights = Object.fromEntries(ranker.model.heads.map((head) => [head.name, weight]));
    const ranking = ranker.rank(clean, { ...NO_LIMIT, weights });
    assert.deepEqual(ranking.order, clean.expected);
    assert.equal(ranking.warnings[0].code, 'rank/bad-weight');
  }
  stillRanks();
});

for (const [name, given] of Object.entries(OPTIONS)) {
  test(`hostile options are survived: ${name}`, () => {
    assertRanks(ranker.rank(clean, given), clean);
    stillRanks();
  });
}

test('options that are no object are said once, and nothing is read of them', () => {
  for (const options of [7, 0, 'x', '', true, false, 1n, Symbol('options'), () => {}, [], [{ seed: 1 }]]) {
    const { warnings } = ranker.rank(clean, options);
    assert.deepEqual(warnings.map(({ code, path }) => [code, path]), [['rank/bad-option', 'options']], String(options));
  }
  for (const options of [undefined, null, {}, Object.create(null), new Map()]) assert.deepEqual(ranker.rank(clean, options).warnings, []);
  stillRanks();
});

const EVENTS = {
  'null': [null, 'event/unreadable'],
  'a string': ['like', 'event/unreadable'],
  'a Proxy whose traps throw': [new Proxy({}, thrower), 'event/unreadable'],
  'no type': [{ item: 'x' }, 'event/unknown-type'],
  'a type of 10 MB': [{ type: 't'.repeat(10e6), item: 'x' }, 'event/unknown-type'],
  'a type that is __proto__': [{ type: '__proto__', item: film() }, 'event/unknown-type'],
  'a type that is a Symbol': [{ type: Symbol('like'), item: 'x' }, 'event/unknown-type'],
  'an item that is unknown': [{ type: 'like', item: 'nobody knows' }, 'event/unknown-item'],
  'an item that is null': [{ type: 'like', item: null }, 'event/unknown-item'],
  'an item that is a Proxy whose traps throw': [{ type: 'like', item: new Proxy({}, thrower) }, 'event/unknown-item'],
  'an item of 10 MB': [{ type: 'like', item: 'i'.repeat(10e6) }, 'event/unknown-item'],
  'an item whose getter throws': [throwing('item', { type: 'like' }), 'event/unreadable'],
  'an id that is an object': [{ type: 'like', item: film(), id: {} }, 'event/bad-id'],
  'a time of NaN': [{ type: 'like', item: film(), at: NaN }, 'event/bad-time'],
  'an invalid Date': [{ type: 'like', item: film(), at: new Date('never') }, 'event/bad-time'],
  'a time that only looks like a Date': [{ type: 'like', item: film(), at: Object.create(Date.prototype) }, 'event/bad-time'],
  'a time that is a BigInt': [{ type: 'like', item: film(), at: 5n }, 'event/bad-time'],
  'a dwell of Infinity': [{ type: 'dwell', item: film(), value: Infinity }, 'event/bad-value'],
  'a dwell below 0': [{ type: 'dwell', item: film(), value: -1 }, 'event/bad-value'],
  'a value that is a Symbol': [{ type: 'dwell', item: film(), value: Symbol('v') }, 'event/bad-value'],
};

for (const [name, [event, code]] of Object.entries(EVENTS)) {
  test(`a hostile event is refused with a code: ${name}`, () => {
    assert.throws(() => ranker.observe(event), (error) => error.name === 'RankletError' && error.code === code);
    stillRanks();
  });
}

/** Claims to be another class, whatever is asked of it. */
const impostor = (Class) => new Proxy(Object.create(Class.prototype), thrower);
/** An array whose own methods lie. */
class Lying extends Array {
  slice() { return { every: () => true, map: () => [1, Symbol('x')] }; }
  every() { return true; }
}
const GIVEN = {
  'prefer: tags with a hole': ['prefer', [Object.assign(new Array(2), { 1: 'Comedy' })], 'prefer/unreadable'],
  'prefer: tags whose array lies about them': ['prefer', [Lying.from([1, {}])], 'prefer/unreadable'],
  'prefer: tags that are a Proxy whose traps throw': ['prefer', [new Proxy([], thrower)], 'prefer/unreadable'],
  'prefer: a length of a BigInt': ['prefer', [new Proxy([], { get: (t, k) => (k === 'length' ? 5n : 'x') })], 'prefer/unreadable'],
  'restore: a gigabyte': ['restore', [new ArrayBuffer(2 ** 30)], 'snapshot/malformed'],
  'restore: what only looks like bytes': ['restore', [impostor(Uint8Array)], 'snapshot/not-bytes'],
  'scoreBatch: a gigabyte': ['scoreBatch', [new Float32Array(2 ** 28)], 'candidates/malformed'],
  'scoreBatch: what only looks like numbers': ['scoreBatch', [impostor(Float32Array)], 'candidates/malformed'],
  'scoreBatch: a revoked Proxy': ['scoreBatch', [revoked([])], 'candidates/malformed'],
  'undo: a Symbol': ['undo', [Symbol('id')], 'event/bad-id'],
  'explain: a Proxy whose traps throw': ['explain', [new Proxy({}, thrower)], 'candidate/id'],
  'probabilities: a Symbol': ['probabilities', [Symbol('head')], 'rank/unknown-head'],
};

for (const [name, [method, given, code]] of Object.entries(GIVEN)) {
  test(`a hostile argument is refused with a code: ${name}`, () => {
    const bytes = glue.initSync({}).memory.buffer.byteLength;
    assert.throws(() => ranker[method](...given), (error) => error.name === 'RankletError' && error.code === code && error.message.length < 1_500);
    assert.equal(glue.initSync({}).memory.buffer.byteLength, bytes, 'nothing of it went into wasm, whose memory never shrinks');
    ranker.forget();
    stillRanks();
  });
}
