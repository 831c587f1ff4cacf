// In: the demo page with a slow clock, without its model, and with every control moved. Out: that what it says of the order is so.
// The page's clock is the test's own: what a ranking gets done in 30 ms must not depend on this machine.
// Must never take a sentence for true that the ranking shown does not bear out.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { demo, ids, open, row, settled, shot, status, unlimited } from '../support/demo.mjs';

demo();

/** Readings of the clock in one ranking of 420 films: some more, so that the first is cut short whatever it asks. */
const FIRST = 11;
/** Each reading is 20 ms later than the one before, up to the `readings`th; what the page said is kept in `log`. */
const slow = (readings) => `
  let read = 0;
  performance.now = () => 20 * (read = Math.min(read + 1, ${readings}));
  globalThis.log = [];
  addEventListener('DOMContentLoaded', () => {
    const note = () => log.push({ tier: timing.dataset.tier, timing: timing.textContent, status: document.getElementById('status').textContent, seen: document.getElementById('seen').textContent });
    const timing = document.getElementById('timing');
    new MutationObserver(note).observe(timing.parentElement, { subtree: true, childList: true, characterData: true, attributes: true });
  });`;
const tier = (page) => page.getAttribute('#timing', 'data-tier');
const remarks = (page) => page.$$eval('#remarks li', (lines) => lines.map((line) => line.textContent));
/** The server's order of the films on the page. */
const served = (page) => page.evaluate(async () => {
  const { candidates } = await import('/demo/catalogue.js');
  const films = await (await fetch('/movies/films.json')).json();
  return candidates(films, films.length).slice(0, 60).map(({ id }) => id);
});

test('demo: a first ranking that the clock cut short is finished by itself, and the page says how far it is', async () => {
  const page = await open({ script: slow(FIRST) });
  await page.waitForSelector('#timing[data-tier=full]', { timeout: 5_000 });
  const log = await page.evaluate(() => globalThis.log);
  const cut = log.filter(({ tier }) => tier === 'partial' || tier === 'prior');
  assert.ok(cut.length > 0, 'the first one was cut short');
  const [, scored] = cut.at(-1).timing.match(/· (\d+ of 420) scored/);
  assert.equal(cut.at(-1).status, `The model is ready: ${scored} films scored so far.`);
  assert.match(log.at(-1).timing, /full · 420 of 420 scored/);
  assert.equal(await status(page), "The model is ready: 420 films, in a new visitor's order.");
  assert.deepEqual(await remarks(page), []);
  const first = await ids(page);
  await page.waitForFunction(() => /^Seen [1-9]/.test(document.querySelector('#seen').textContent));
  assert.deepEqual(await ids(await unlimited(page)), first, 'it is what a new visitor gets without a limit');
});

test('demo: where the clock cuts every ranking short, the page gives up and says what was scored', async () => {
  const page = await open({ script: slow(Infinity) });
  await page.waitForSelector('#remarks li', { timeout: 5_000 });
  const meanwhile = (await page.evaluate(() => globalThis.log)).filter(({ status }) => / so far\.$/.test(status));
  assert.ok(meanwhile.length > 1);
  for (const { seen } of meanwhile) assert.equal(seen, 'No film seen yet.', 'what is seen meanwhile does not bend the order to come');
  await page.waitForFunction(() => /^Seen [1-9]/.test(document.querySelector('#seen').textContent));
  const said = await page.evaluate(() => globalThis.log.length);
  await page.waitForTimeout(500);
  assert.equal(await page.evaluate(() => globalThis.log.length), said, 'it has an end');
  const [, scored] = (await page.textContent('#timing')).match(/\(budget\) · (\d+ of 420) scored/);
  assert.equal(await status(page), `The model is ready: ${scored} films scored.`);
  assert.match((await remarks(page)).join(), new RegExp(`^The budget ended after ${scored} films; the others keep the server.s order`));
  await row(page, 3).getByRole('button', { name: /^Like / }).click();
  await page.waitForFunction(() => /of 420 films scored\.$/.test(document.querySelector('#status').textContent));
});

test('demo: a budget that the visitor chose too small stays, and is said with whatever is done', async () => {
  const page = await open();
  await page.locator('#controls summary').click();
  await page.getByRole('radio', { name: 'Too little to score every film' }).check();
  assert.equal(await status(page), 'Budget: Too little to score every film; 128 of 420 films scored.');
  await page.waitForTimeout(300);
  assert.equal(await tier(page), 'partial', 'nobody makes up for it');
  await row(page, 3).getByRole('button', { name: /^Like / }).click();
  assert.match(await status(page), /films moved\. \d+ of 420 films scored\.$/);
  await page.getByRole('checkbox', { name: 'A varied top 20' }).check();
  await page.getByRole('button', { name: 'Start over' }).click();
  assert.match(await status(page), /^Forgotten\. The list is in a new visitor's order, with the rules and budget still on\. \d+ of 420 films scored\.$/);
  await page.getByRole('radio', { name: 'None' }).check();
  assert.equal(await status(page), 'Budget: None; all 420 films scored.');
  await page.getByRole('checkbox', { name: 'A varied top 20' }).uncheck();
  assert.equal(await status(page), 'A varied top 20: off.');
  await page.getByRole('button', { name: 'Start over' }).click();
  assert.equal(await status(page), "Forgotten. The list is in a new visitor's order.");
});

test('demo: the status says what the rule says of itself', async () => {
  const page = await open();
  await page.waitForFunction(() => /^Seen [1-9]/.test(document.querySelector('#seen').textContent));
  await page.locator('#controls summary').click();
  await page.getByRole('checkbox', { name: 'Two surprises in the top 10' }).check();
  const [remark] = await remarks(page);
  const [, moved] = remark.match(/^two surprises: moved (\d+) films/);
  assert.match(await status(page), new RegExp(`^Two surprises in the top 10: moved ${moved} films, for `));
});

test('demo: another number of candidates is said; at first no film repeats', async () => {
  const page = await open();
  assert.equal(await page.getByRole('radio', { name: 'All 420', exact: true }).isChecked(), true);
  assert.ok(await page.locator('#note').isHidden());
  const more = page.getByRole('button', { name: /^Show more/ });
  while (await more.isVisible()) await more.click();
  const all = await page.$$eval('#films .title', (titles) => titles.map((title) => title.textContent));
  assert.equal(all.length, 420);
  assert.ok(all.every((title) => !title.includes('(repeat')), 'each film once');
  assert.ok(await page.evaluate(() => document.activeElement.closest('#films')), 'the focus does not go with the button');
  for (const count of ['100', '1,000']) {
    await page.getByRole('radio', { name: count, exact: true }).check();
    await page.waitForFunction((text) => document.querySelector('#status').textContent === text, `${count} candidates, all ${count} films scored.`);
  }
});

test('demo: closing a film says that the list was ranked again, or only that it is closed', async () => {
  const page = await open();
  await row(page, 4).locator('.open').click();
  assert.match(await status(page), /^Opened .*It is now number \d+; \d+ films moved\./);
  await page.keyboard.press('Escape');
  assert.match(await status(page), /^Closed /);
  await row(page, 4).locator('.open').click();
  await page.waitForTimeout(1_200);
  await page.keyboard.press('Escape');
  assert.match(await status(page), /^Looked at .*, \d+ s\. It is now number \d+; \d+ films moved\./);
});

test('demo: without the model the server\'s list is shown, in its order, and the page says why', async () => {
  for (const viewport of [{ width: 1100, height: 900 }, { width: 390, height: 844 }]) {
    const page = await open({ missing: '/movies/movies.onnx', until: '.status.failed', viewport });
    assert.deepEqual(await ids(page), await served(page));
    assert.match(await status(page), /^The model could not be had, so the list stays in the server's order\. .*404/);
    assert.equal(await page.getByRole('button', { name: /^Like / }).count(), 0, 'nothing is offered that cannot count');
    await shot(page, `no-model-${viewport.width}`);
    await row(page, 0).locator('.open').focus();
    await page.keyboard.press('l');
    assert.match(await status(page), /^Without the model nothing counts/);
    await page.getByRole('radio', { name: '100', exact: true }).check();
    assert.equal(await status(page), "100 candidates, in the server's order: there is no model.");
  }
});

test('demo: the list is there before the model', async () => {
  const page = await open({ until: '#films > li', script: `
    const ask = fetch;
    globalThis.fetch = (address, ...more) => (String(address).endsWith('.onnx') ? new Promise((done) => { globalThis.arrive = () => done(ask(address, ...more)); }) : ask(address, ...more));` });
  assert.deepEqual(await ids(page), await served(page));
  assert.equal(await status(page), "420 films, in the server's order. Loading the model…");
  assert.ok(await page.getByRole('button', { name: 'Start over' }).isDisabled());
  await shot(page, 'before-model');
  await page.evaluate(() => globalThis.arrive());
  await page.waitForSelector('html[data-ready]');
  await unlimited(page);
  await settled(page);
  assert.notDeepEqual(await ids(page), await served(page));
});
