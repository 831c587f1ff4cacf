// In: a ranker whose calls into wasm are watched. Out: what crosses: a list in one copy, a re-rank without it.
// What is copied is counted where it is copied: in `set` of the typed arrays over wasm's memory.
// Must never count what stays in JavaScript.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { filmList, modelBytes } from '../support/films.mjs';
import { importGlue, importPackage } from '../support/package.mjs';

const N = 500;
/** Bytes of options, ids and the like: nothing that grows with the list. */
const SMALL = 1_024;
let Engine, ranker;

before(async () => {
  const { Ranker } = await importPackage();
  ranker = await Ranker.load(modelBytes());
  ({ Engine } = await importGlue());
  ranker.rank(filmList(N), { budgetMs: null }); // buffers in JavaScript grow once
});

/** Calls of the engine's methods, and bytes that were copied into wasm's memory meanwhile. */
function watched(work) {
  const calls = [];
  let bytes = 0;
  const undo = [];
  const replace = (object, name, make) => {
    const own = object[name];
    object[name] = make(own);
    undo.push(() => { object[name] = own; });
  };
  for (const name of Object.getOwnPropertyNames(Engine.prototype).filter((name) => /^[a-z]/.test(name) && name !== 'constructor')) {
    replace(Engine.prototype, name, (own) => function (...args) { calls.push({ name, args }); return own.apply(this, args); });
  }
  const memories = new Set();
  for (const Column of [Uint8Array, Uint32Array, Float32Array, Int8Array]) {
    replace(Column.prototype, 'set', (own) => function (from, at) {
      memories.add(this.buffer);
      bytes += from.byteLength ?? 0;
      return own.call(this, from, at);
    });
  }
  try {
    work();
  } finally {
    undo.reverse().forEach((back) => back());
  }
  return { calls, bytes, memories };
}

test('a list crosses into wasm once, as flat columns in one copy each', () => {
  const list = filmList(N);
  const { calls, bytes, memories } = watched(() => ranker.rank(list, { budgetMs: null }));
  const lists = calls.filter(({ name }) => name === 'set_candidates');
  assert.equal(lists.length, 1);
  assert.ok(lists[0].args.every((column) => ArrayBuffer.isView(column)));
  const columns = lists[0].args.reduce((sum, column) => sum + column.byteLength, 0);
  assert.ok(columns > N * 10);
  assert.ok(bytes >= columns && bytes <= columns + SMALL, `${bytes} bytes were copied of columns of ${columns}`);
  assert.equal(memories.size, 1, 'into the memory of wasm alone');
});

test('after an event the same list is ranked again without crossing', () => {
  const list = filmList(N);
  ranker.rank(list, { budgetMs: null });
  const { calls, bytes } = watched(() => {
    ranker.observe({ type: 'like', item: list[3].id });
    assert.equal(ranker.rank(undefined, { budgetMs: null }).tier, 'full');
    assert.equal(ranker.rank(list, { budgetMs: null }).tier, 'full');
  });
  assert.ok(calls.some(({ name }) => name === 'rank'));
  assert.ok(!calls.some(({ name }) => name === 'set_candidates'));
  assert.ok(bytes <= 4 * SMALL, `${bytes} bytes were copied`);
});
