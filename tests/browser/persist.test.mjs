// In: `ranklet/persist` from the tarball, in Chromium and Firefox. Out: what a visitor finds at the next visit.
// A visit is the same page opened again: the store is what lies between.
// Must never look into the store where a visit can tell.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BROWSERS, browsers } from '../support/browsers.mjs';
import { filmList, modelBytes } from '../support/films.mjs';

const imports = `
import { Ranker } from '/node_modules/ranklet/browser.js';
import { WorkerRanker } from '/node_modules/ranklet/worker.js';
import { persist } from '/node_modules/ranklet/persist.js';
const list = await (await fetch('/list.json')).json();
const AT = 1763000000000;
const visit = Number(location.search.slice(1));
const errors = [];
const onError = (error) => errors.push(error.code ?? String(error));
const order = async (ranker) => [...(await ranker.rank(list, { budgetMs: null, at: AT })).order].join();
const like = (n) => ({ type: 'like', item: list[n], id: 'like-' + n, at: AT });`;
const files = { '/list.json': JSON.stringify(filmList(60)), '/movies.onnx': Buffer.from(modelBytes()) };
const run = browsers({ imports, files });

for (const name of BROWSERS) {
  for (const kind of ['Ranker', 'WorkerRanker']) {
    test(`${name}: ${kind}: the next visit goes on where this one ended, until it is forgotten`, async () => {
      const result = await run(name, `
        const ranker = await ${kind}.load('/movies.onnx');
        const plain = await order(ranker);
        const kept = await persist(ranker, { onError });
        const log = JSON.parse(sessionStorage.log ?? '[]');
        const found = await order(ranker);
        log.push({ restored: kept.restored, plain: found === plain, found });
        if (visit === 0) {
          const counted = [await kept.observe(like(5)), await kept.observe(like(5)), await kept.observe(like(9))];
          log[0] = { ...log[0], counted, found: await order(ranker) };
          await kept.close(); // before the half second is over
        }
        if (visit === 1) await kept.forget();
        if (visit === 1) log.push({ forgotten: (await order(ranker)) === plain });
        sessionStorage.log = JSON.stringify(log);
        return { log, errors };`, { visits: 3 });
      const [first, second, { forgotten }, third] = result.log;
      assert.deepEqual([first.restored, first.counted], [false, [true, false, true]]);
      assert.deepEqual([second.restored, second.plain], [true, false]);
      assert.equal(second.found, first.found);
      assert.equal(forgotten, true);
      assert.deepEqual([third.restored, third.plain], [false, true]);
      assert.deepEqual(result.errors, []);
    });
  }
}

test('chromium: a burst of events is written once, within the second; a tab that is hidden writes at once', async () => {
  const result = await run('chromium', `
    const ranker = await Ranker.load('/movies.onnx');
    let writes = 0;
    const own = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = function counted(...args) { writes += 1; return own.apply(this, args); };
    const kept = await persist(ranker, { onError });
    for (let i = 0; i < 5; i += 1) await kept.observe(like(i));
    const atOnce = writes;
    await new Promise((done) => setTimeout(done, 1_000));
    const later = writes;
    await kept.observe(like(30));
    Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
    await kept.save();
    return { atOnce, later, hidden: writes, errors };`);
  assert.deepEqual([result.atOnce, result.later], [0, 1]);
  assert.ok(result.hidden > 1);
  assert.deepEqual(result.errors, []);
});

test('chromium: what is kept is no session: it is said, removed, and the visitor starts anew', async () => {
  const result = await run('chromium', `
    const ranker = await Ranker.load('/movies.onnx');
    const plain = await order(ranker);
    const first = await persist(ranker, { onError });
    await first.observe(like(5));
    await first.close();
    const database = await new Promise((done) => { const open = indexedDB.open('ranklet'); open.onsuccess = () => done(open.result); });
    const table = (mode) => database.transaction('sessions', mode).objectStore('sessions');
    await new Promise((done) => { table('readwrite').put(new Uint8Array(64).fill(7), 'session').onsuccess = done; });
    ranker.forget();
    const second = await persist(ranker, { onError });
    const left = await new Promise((done) => { const get = table('readonly').get('session'); get.onsuccess = () => done(get.result ?? null); });
    return { restored: second.restored, same: (await order(ranker)) === plain, left, errors };`);
  assert.deepEqual([result.restored, result.same, result.left], [false, true, null]);
  assert.equal(result.errors.length, 1);
  assert.match(result.errors[0], /^snapshot\//);
});

for (const [what, prelude] of Object.entries({
  'blocked, as in private windows': "IDBFactory.prototype.open = () => { throw new DOMException('blocked', 'SecurityError'); };",
  missing: "Object.defineProperty(globalThis, 'indexedDB', { value: undefined });",
  full: "IDBObjectStore.prototype.put = () => { throw new DOMException('full', 'QuotaExceededError'); };",
})) {
  test(`chromium: where the store is ${what} the visit goes on without, and it is said`, async () => {
    const result = await run('chromium', `
      ${prelude}
      const ranker = await Ranker.load('/movies.onnx');
      const plain = await order(ranker);
      const kept = await persist(ranker, { name: 'other', onError });
      const counted = await kept.observe(like(5));
      await kept.save();
      const moved = (await order(ranker)) !== plain;
      await kept.forget();
      await kept.close();
      return { counted, moved, restored: kept.restored, back: (await order(ranker)) === plain, errors };`);
    assert.deepEqual([result.counted, result.moved, result.restored, result.back], [true, true, false, true]);
    assert.ok(result.errors.length >= 1);
  });
}
