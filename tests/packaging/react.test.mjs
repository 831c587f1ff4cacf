// In: a React app that Vite built beside the packed tarball. Out: what the hook shows while a visitor uses it in Chromium.
// Strict mode runs each effect twice, as development does: what a hook leaks shows there.
// Must never wait for a number of milliseconds where it can wait for what is shown.
import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { app } from '../support/app.mjs';
import { launch } from '../support/browser.mjs';
import { MODEL_FILE, filmList } from '../support/films.mjs';
import { run, tool } from '../support/run.mjs';
import { site } from '../support/site.mjs';

const list = filmList(60).map((film) => film.id);
let pages;
let browser;
let page;
let errors;

before(async () => {
  const folder = app('react');
  // React's development build: the one that runs effects twice and says what is wrong.
  await run(tool('vite'), ['build', '--mode', 'development'], { cwd: folder, env: { NODE_ENV: 'development' } });
  copyFileSync(MODEL_FILE, join(folder, 'dist/movies.onnx'));
  pages = await site({ '/page.onnx': '<!doctype html>' }, { root: join(folder, 'dist') });
  browser = await launch();
});
beforeEach(async () => {
  errors = [];
  page = await browser.newPage();
  page.setDefaultTimeout(15_000);
  page.on('console', (message) => { if (['error', 'warning'].includes(message.type())) errors.push(message.text()); });
  page.on('pageerror', (error) => errors.push(String(error)));
  await page.goto(`${pages.url}/index.html`);
  await state('full on main');
});
afterEach(async () => {
  await page.close();
  assert.deepEqual(errors, []);
});
after(async () => {
  await browser?.close();
  await pages?.close();
});

const state = (wanted) => page.waitForFunction((text) => document.querySelector('output')?.textContent === text, wanted);
const set = (change) => page.evaluate((given) => window.set(given), change);
const shown = () => page.$$eval('li', (items) => items.map((item) => item.dataset.id));
/** The order, once it is another than this. */
async function shownAfter(before) {
  await page.waitForFunction((old) => [...document.querySelectorAll('li')].map((item) => item.dataset.id).join() !== old, before.join());
  return shown();
}
const like = (nth) => page.click(`li:nth-child(${nth}) button`);

test('vite: React: the list is in the order given until the model is there, then ranked', async () => {
  const renders = await page.evaluate(() => window.renders);
  assert.deepEqual(renders[0], { pending: true, first: list[0], ranked: false });
  assert.deepEqual([renders.at(-1).pending, renders.at(-1).ranked], [false, true]);
  const order = await shown();
  assert.notDeepEqual(order, list);
  assert.deepEqual([...order].sort(), [...list].sort());
});

test('vite: React: a click ranks again before the next paint; forgetting undoes it', async () => {
  const plain = await shown();
  // In one task: what the handler set is on the page when the task ends.
  const inOneTask = await page.evaluate(async () => {
    document.querySelector('li:nth-child(20) button').click();
    await Promise.resolve();
    return [...document.querySelectorAll('li')].map((item) => item.dataset.id);
  });
  assert.notDeepEqual(inOneTask, plain);
  assert.deepEqual(await shown(), inOneTask);
  await page.evaluate(() => window.hook.forget());
  assert.deepEqual(await shownAfter(inOneTask), plain);
});

test('vite: React: an event that counts once changes nothing the second time, and renders nothing', async () => {
  const plain = await shown();
  const id = plain[19];
  await like(20);
  const liked = await shownAfter(plain);
  const before = await page.evaluate(() => window.renders.length);
  assert.equal(await page.evaluate((item) => window.hook.observe({ type: 'like', item, id: `like-${item}` }), id), false);
  assert.equal(await page.evaluate(() => window.renders.length), before);
  assert.deepEqual(await shown(), liked);
});

test('vite: React: another list is ranked with the session as it is; an equal one is the same list', async () => {
  await like(20);
  await set({ size: 30 });
  await page.waitForFunction(() => document.querySelectorAll('li').length === 30);
  await state('full on main');
  assert.equal(await page.evaluate(() => window.hook.ranker.rank(undefined).scored), 30);
  const first = (await shown())[0];
  await set({ hide: [first] });
  await page.waitForFunction(() => document.querySelectorAll('li').length === 29);
  assert.ok(!(await shown()).includes(first));
  // Rendered anew with an array that was built anew: nothing is ranked again.
  const same = await page.evaluate(async () => {
    const { ranker } = window.hook;
    let calls = 0;
    const own = ranker.rank;
    ranker.rank = function counted(...args) { calls += 1; return own.apply(this, args); };
    window.set({ extra: 1 });
    await new Promise((done) => { setTimeout(done, 100); });
    delete ranker.rank;
    return calls;
  });
  assert.equal(same, 0);
});

test('vite: React: a model that cannot be had is said, and the list stays in the order given', async () => {
  for (const [source, code] of [['/missing.onnx', 'model/http'], ['/page.onnx', 'model/html']]) {
    await set({ source });
    await state(code);
    assert.deepEqual(await shown(), list);
  }
  errors = errors.filter((text) => !/404/.test(text)); // the browser's own line about the missing file
  await set({ source: '/movies.onnx' });
  await state('full on main');
});

test('vite: React: its own ranker is disposed of when the part goes, also while it loads', async () => {
  await page.evaluate(() => { window.old = window.hook.ranker; });
  await set({ shown: false });
  await page.waitForSelector('text=gone');
  assert.equal(await page.evaluate(() => window.old.rank([{ id: 1 }]).reason), 'ranker/disposed');
  await page.evaluate(async () => {
    window.set({ shown: true });
    await new Promise((done) => { setTimeout(done); });
    window.set({ shown: false });
  });
  await page.waitForSelector('text=gone');
  await set({ shown: true });
  await state('full on main');
});

test('vite: React: a ranker that is passed is shared, and left alone when the part goes', async () => {
  const plain = await shown();
  await page.evaluate(() => window.share('main'));
  await set({ source: 'shared' });
  await state('full on main');
  await like(20);
  const liked = await shownAfter(plain);
  await set({ shown: false });
  await page.waitForSelector('text=gone');
  assert.equal(await page.evaluate(() => window.shared.rank([{ id: 1 }]).tier), 'full');
  await set({ shown: true });
  await state('full on main');
  assert.deepEqual(await shown(), liked, 'the session is the ranker\'s own');
});

test('vite: React: with a ranker in a worker the same is shown', async () => {
  const plain = await shown();
  await like(20);
  const liked = await shownAfter(plain);
  await page.evaluate(() => window.share('worker'));
  await set({ source: 'shared' });
  await state('full on worker');
  assert.deepEqual(await shown(), plain);
  await like(20);
  assert.deepEqual(await shownAfter(plain), liked);
});
