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

/** What a visit leaves: `first` is made in one visit of either kind of ranker, `found` is what the next one sees. */
async function nextVisit(kind, first) {
  const { log } = await run('chromium', `
    const ranker = await ${kind}.load('/movies.onnx');
    await ranker.rank(list);
    const kept = await persist(ranker, { onError });
    const log = JSON.parse(sessionStorage.log ?? '[]');
    log.push({ restored: kept.restored, order: await order(ranker) });
    if (visit === 0) {
      ${first}
    } else {
      await kept.forget();
      log.push({ restored: false, order: await order(ranker) }); // of a new visitor
    }
    log.at(-1).errors = errors;
    sessionStorage.log = JSON.stringify(log);
    return { log };`, { visits: 2 });
  assert.deepEqual(log.flatMap(({ errors }) => errors ?? []), []);
  const [found, plain] = log.slice(-2);
  return { restored: found.restored, found: found.order, plain: plain.order, left: log[1].left };
}
const LEFT = 'log.push({ left: await order(ranker) });';

for (const kind of ['Ranker', 'WorkerRanker']) {
  test(`chromium: ${kind}: close() waits for what was not awaited, and writes it once`, async () => {
    const { restored, found, plain, left } = await nextVisit(kind, `
      let writes = 0;
      const own = IDBObjectStore.prototype.put;
      IDBObjectStore.prototype.put = function counted(...args) { writes += 1; return own.apply(this, args); };
      kept.observe(like(5));
      kept.observe(like(9));
      await kept.close();
      if (writes !== 1) throw new Error(writes + ' writes');
      ${LEFT}`);
    assert.equal(restored, true);
    assert.notEqual(found, plain);
    assert.equal(found, left);
  });

  test(`chromium: ${kind}: what was taken back stays so at the next visit, and preferences are kept`, async () => {
    const { restored, found, plain, left } = await nextVisit(kind, `
      await kept.prefer(['Horror'], [list[20].id]);
      await kept.close();
      const again = await persist(ranker, { onError });
      if (!again.restored) throw new Error('preferences were not kept');
      await again.observe(like(5));
      await again.observe(like(9));
      await again.save();
      if (await again.undo('like-9') !== true) throw new Error('it was not undone');
      await again.close();
      ${LEFT}`);
    assert.equal(restored, true);
    assert.notEqual(found, plain);
    assert.equal(found, left);
  });

  test(`chromium: ${kind}: what was forgotten is gone at the next visit, also if nobody waited for it`, async () => {
    const { restored, found, plain } = await nextVisit(kind, `
      await kept.observe(like(5));
      await kept.save();
      kept.observe(like(9));
      kept.forget();
      await kept.close();
      const again = await persist(ranker, { onError });
      again.observe(like(10)); // answered after the call of forget()
      await again.forget();
      await new Promise((done) => setTimeout(done, 800));
      await again.close();`);
    assert.equal(restored, false);
    assert.equal(found, plain);
  });

  test(`chromium: ${kind}: what is saved after it was forgotten stays`, async () => {
    const { restored, found, left } = await nextVisit(kind, `
      await kept.observe(like(5));
      await Promise.all([kept.forget(), kept.observe(like(9)), kept.save()]); // and no close(): the page just goes
      ${LEFT}`);
    assert.equal(restored, true);
    assert.equal(found, left);
  });
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
