// In: loads that overlap, in a process of their own each (the wasm instance is one a process).
// Out: that all of them share one instance, and that a failure of one is heard by its caller alone.
// Must never depend on which load is faster.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { FILMS_FILE, MODEL_FILE } from '../support/films.mjs';
import { installed } from '../support/package.mjs';
import { run } from '../support/run.mjs';

const OPENING = `
  import { readFileSync } from 'node:fs';
  import { Ranker } from 'ranklet';
  const [, , model, films] = process.argv;
  const bytes = readFileSync(model);
  const wasm = readFileSync(new URL('./node_modules/ranklet/wasm/ranklet_bg.wasm', import.meta.url));
  const list = JSON.parse(readFileSync(films)).slice(0, 100).map(({ id, title, genres, score }) => ({ id, title, tags: genres, score }));
  const later = (ms, value) => new Promise((resolve) => setTimeout(resolve, ms, value));
`;

function child(name, script) {
  const folder = installed();
  writeFileSync(join(folder, `${name}.mjs`), OPENING + script);
  return run(process.execPath, [`${name}.mjs`, MODEL_FILE, FILMS_FILE], { cwd: folder });
}

for (const [order, first, second] of [
  ['slow bytes, then a module', 'later(80, wasm)', 'new WebAssembly.Module(wasm)'],
  ['a module, then slow bytes', 'new WebAssembly.Module(wasm)', 'later(80, wasm)'],
  ['slow bytes twice', 'later(80, wasm)', 'later(20, wasm)'],
]) {
  test(`rankers that load at once do not see each other: ${order}`, async () => {
    const said = await child('overlap', `
      const [a, b] = await Promise.all([Ranker.load(bytes, { wasm: ${first} }), Ranker.load(bytes, { wasm: ${second} })]);
      const rank = (ranker) => [...ranker.rank(list, { budgetMs: null }).scores].join();
      const before = rank(a);
      rank(b);
      b.observe({ type: 'like', item: list[3].id });
      if (rank(b) === before) throw new Error('the like did nothing');
      if (rank(a) !== before) throw new Error('one ranker saw the other');
      console.log('apart');`);
    assert.equal(said.trim(), 'apart');
  });
}

test('a wasm that cannot be had rejects each load with its code, and the process lives', async () => {
  const said = await child('missing', `
    const gone = () => Promise.reject(new Error('gone'));
    const results = await Promise.allSettled([Ranker.load(bytes, { wasm: gone() }), Ranker.load(bytes, { wasm: gone() })]);
    await later(50);
    console.log(results.map(({ reason }) => reason?.code).join(' '));`);
  assert.equal(said.trim(), 'wasm/fetch wasm/fetch');
});

test('options that cannot be read reject with a code', async () => {
  const said = await child('options', `
    const bad = [{ signal: 5 }, { get clock() { throw new Error('no'); } }];
    const results = await Promise.allSettled(bad.map((options) => Ranker.load(bytes, options)));
    console.log(results.map(({ reason }) => reason?.code).join(' '));`);
  assert.equal(said.trim(), 'load/bad-option load/bad-option');
});
