// In: www/start's page with the demo's films and model. Out: that it shows the server's list whatever becomes of the model.
// tests/packaging/your-own-list.test.mjs builds the same page as its README says; here it runs as it is, by an import map.
// Must never wait for a clock of this machine: the page's own is the test's.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { launch } from '../support/browser.mjs';
import { filmList, modelBytes } from '../support/films.mjs';
import { ROOT } from '../support/package.mjs';
import { site } from '../support/site.mjs';

const SIZE = 400;
const SHOTS = join(ROOT, 'target/screenshots');
const served = filmList(SIZE).map(({ id }) => id);
const own = (name) => readFileSync(join(ROOT, 'www/start', name), 'utf8');
const MAP = '<script type="importmap">{"imports": {"ranklet": "/node_modules/ranklet/browser.js"}}</script>\n<script type="module"';
const FILES = { '/index.html': own('index.html').replace('<script type="module"', MAP), '/page.js': own('page.js'), '/candidates.json': JSON.stringify({ items: filmList(SIZE) }), '/favicon.ico': '' };
/** Each reading of the clock is 20 ms later, up to the `readings`th. */
const slow = (readings) => `let read = 0; performance.now = () => 20 * (read = Math.min(read + 1, ${readings}));`;
let browser;

before(async () => {
  mkdirSync(SHOTS, { recursive: true });
  browser = await launch();
});
after(() => browser?.close());

/** Opens the page, with `files` in place of what is beside it, and gives it to `body`. */
async function opened({ files = {}, script = slow(0) }, body) {
  const pages = await site({ ...FILES, ...files }, { policy: null });
  const page = await browser.newPage();
  const errors = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.setDefaultTimeout(20_000);
  try {
    await page.addInitScript(`${script}
      globalThis.said = [];
      addEventListener('DOMContentLoaded', () => new MutationObserver(() => said.push(document.querySelector('#state').textContent)).observe(document.querySelector('#state'), { childList: true }));`);
    await page.goto(`${pages.url}/index.html`);
    await body(page);
    assert.deepEqual(errors, []);
  } finally {
    await page.close();
    await pages.close();
  }
}
const order = (page) => page.$$eval('#list li', (lines) => lines.map((line) => line.dataset.id));
const says = (page, pattern) => page.waitForFunction((source) => new RegExp(source).test(document.querySelector('#state').textContent), pattern);

test('start: without the model the page shows the server\'s list, in its order, and says why', async () => {
  const missing = (request, response) => { response.writeHead(404).end(); };
  await opened({ files: { '/list.onnx': missing } }, async (page) => {
    await says(page, "^The server's order: there is no model\\. .*404");
    assert.deepEqual(await order(page), served.slice(0, 20));
    assert.equal(await page.locator('button').count(), 0, 'nothing is offered that cannot count');
    await page.screenshot({ path: join(SHOTS, 'start-no-model.png') });
  });
});

test('start: the list is there before the model, which ranks it when it comes', async () => {
  let arrive;
  const late = new Promise((done) => { arrive = done; });
  await opened({ files: { '/list.onnx': async (request, response) => { await late; response.end(modelBytes()); } } }, async (page) => {
    await says(page, "^The server's order\\. Loading");
    assert.deepEqual(await order(page), served.slice(0, 20));
    arrive();
    await says(page, `^full: ${SIZE} of ${SIZE} scored`);
    const first = await order(page);
    assert.notDeepEqual(first, served.slice(0, 20));
    await page.click('#list li:nth-child(7) button');
    assert.notDeepEqual(await order(page), first, 'a like moves something');
    const focused = () => page.$$eval('#list li', (lines) => lines.findIndex((line) => line.contains(document.activeElement)));
    assert.equal(await focused(), 6, 'the keyboard stays at its place');
    await page.keyboard.press('Enter');
    assert.equal(await focused(), 6);
    await page.screenshot({ path: join(SHOTS, 'start.png') });
  });
});

test('start: without a list the page says so', async () => {
  const missing = (request, response) => { response.writeHead(404).end('not found'); };
  await opened({ files: { '/list.onnx': Buffer.from(modelBytes()), '/candidates.json': missing } }, (page) => says(page, '^The list could not be had\\. '));
});

test('start: a first ranking that the clock cut short is finished by itself', async () => {
  await opened({ files: { '/list.onnx': Buffer.from(modelBytes()) }, script: slow(11) }, async (page) => {
    await says(page, `^full: ${SIZE} of ${SIZE} scored`);
    const said = await page.evaluate(() => globalThis.said);
    assert.ok(said.some((text) => /^(partial|prior): \d+ of 400 scored/.test(text)), said.join('\n'));
  });
});

test('start: where the clock cuts every ranking short it ends all the same, and a like is ranked', async () => {
  await opened({ files: { '/list.onnx': Buffer.from(modelBytes()) }, script: slow(Infinity) }, async (page) => {
    const ended = async (rankings) => {
      await page.waitForFunction((n) => globalThis.said.filter((text) => /scored/.test(text)).length >= n, rankings);
      await page.waitForTimeout(300);
      assert.equal(await page.evaluate(() => globalThis.said.filter((text) => /scored/.test(text)).length), rankings, 'one, and five more');
    };
    await ended(6);
    await says(page, '^(partial|prior): \\d+ of 400 scored');
    await page.click('#list li:nth-child(7) button');
    await ended(12);
  });
});
