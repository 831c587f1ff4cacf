// In: a feed of tall cards in Chromium, scrolled as a visitor scrolls. Out: the events that ranklet/observe reports.
// Visibility of the tab is what the document says: headless tabs are always shown, so it is set here.
// Must never wait longer than the second that the standard asks for, and a little.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { launch } from '../support/browser.mjs';
import { ROOT } from '../support/package.mjs';
import { site } from '../support/site.mjs';

const CARDS = 30;
const HEIGHT = 400; // of a card, in a view of 800: two are seen at a time
const PAGE = `<!doctype html><meta charset="utf-8"><title>Feed</title><link rel="icon" href="data:,">
<link rel="stylesheet" href="/feed.css"><main></main><video id="film" muted></video><script type="module" src="/feed.js"></script>`;
const STYLE = `body { margin: 0; font: 20px sans-serif } main > * { height: ${HEIGHT}px; box-sizing: border-box; border: 1px solid #999; padding: 1em }
main > .huge { height: 3000px } .row { display: flex; overflow-x: auto } .row > * { flex: none; width: 400px; height: 200px } video { height: 10px }`;
const SCRIPT = `
import { observeSignals } from '/node_modules/ranklet/observe.js';
window.events = [];
window.errors = [];
window.start = (options = {}, target = (event) => { window.events.push(event); }) => {
  window.signals = observeSignals(target, { list: 'feed', onError: (error) => window.errors.push(String(error)), ...options });
  const main = document.querySelector('main');
  for (let i = 0; i < ${CARDS}; i += 1) {
    const card = document.createElement('article');
    card.textContent = 'film ' + i;
    card.id = 'card-' + i;
    main.append(card);
    window.signals.track(card, 'film-' + i);
  }
};
window.setVisibility = (state) => {
  Object.defineProperty(document, 'visibilityState', { value: state, configurable: true });
  document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
};
document.title = 'ready';`;

let feed;
let browser;
let page;
let faults;

before(async () => {
  mkdirSync(join(ROOT, 'target/screenshots'), { recursive: true });
  feed = await site({ '/index.html': PAGE, '/feed.css': STYLE, '/feed.js': SCRIPT }, { policy: "default-src 'self'; img-src data:; media-src blob:; script-src 'self'" });
  browser = await launch({ viewport: { width: 900, height: 800 } });
});
beforeEach(async () => {
  faults = [];
  page = await browser.newPage();
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => { if (message.type() === 'error') faults.push(message.text()); });
  await page.goto(`${feed.url}/index.html`);
  await page.waitForFunction(() => document.title === 'ready');
});
afterEach(async () => {
  await page.close();
  assert.deepEqual(faults, [], 'no errors in the page');
});
after(async () => {
  await browser?.close();
  await feed?.close();
});

const wait = (ms) => new Promise((done) => { setTimeout(done, ms); });
const of = async (type) => (await page.evaluate(() => window.events)).filter((event) => event.type === type).map((event) => event.item);
const start = (options) => page.evaluate((given) => window.start(given), options);
/** As a wheel does, in steps. */
async function scroll(by) {
  await page.mouse.move(450, 400);
  for (let left = Math.abs(by); left > 0; left -= 200) await page.mouse.wheel(0, Math.sign(by) * Math.min(200, left));
  await wait(250);
}
const until = (type, count) => page.waitForFunction(([kind, most]) => window.events.filter((event) => event.type === kind).length >= most, [type, count], { timeout: 10_000 });

test('chromium: what is seen for a second is an impression, what is below the view is none', async () => {
  await start();
  await wait(600);
  assert.deepEqual(await of('impression'), [], 'not before its second is over');
  await until('impression', 2);
  await wait(300);
  assert.deepEqual(await of('impression'), ['film-0', 'film-1']);
  const [event] = await page.evaluate(() => window.events);
  assert.equal(event.id, 'feed:impression:film-0');
  assert.ok(Math.abs(event.at - Date.now()) < 60_000);
  await page.screenshot({ path: join(ROOT, 'target/screenshots/signals-feed.png') });
});

test('chromium: scrolled past and not clicked is a skip; what was seen only in passing is none', async () => {
  await start();
  await until('impression', 2);
  await scroll(10 * HEIGHT); // films 2 to 9 fly by
  await until('impression', 4);
  assert.deepEqual(await of('skip'), ['film-0', 'film-1']);
  assert.deepEqual(await of('impression'), ['film-0', 'film-1', 'film-10', 'film-11']);
});

test('chromium: what was clicked is a click and never a skip', async () => {
  await start();
  await until('impression', 2);
  await page.click('#card-0');
  await scroll(3 * HEIGHT);
  assert.deepEqual(await of('click'), ['film-0']);
  assert.deepEqual(await of('skip'), ['film-1']);
});

test('chromium: scrolling back up skips nothing, and nothing counts twice', async () => {
  await start();
  await scroll(10 * HEIGHT);
  await until('impression', 2);
  await scroll(-10 * HEIGHT);
  await until('impression', 4);
  assert.deepEqual(await of('skip'), [], 'films 10 and 11 left at the bottom');
  await scroll(10 * HEIGHT);
  await wait(1_300);
  assert.deepEqual((await of('impression')).sort(), ['film-0', 'film-1', 'film-10', 'film-11']);
  assert.deepEqual(await of('skip'), ['film-0', 'film-1']);
});

test('chromium: half of a card is enough, less is not', async () => {
  await start();
  await scroll(HEIGHT * 0.6); // film 0 shows 40 %, film 2 60 %
  await until('impression', 2);
  await wait(400);
  assert.deepEqual(await of('impression'), ['film-1', 'film-2']);
});

test('chromium: share and seconds can be set', async () => {
  await start({ share: 0.95, seconds: 0.2 });
  await scroll(HEIGHT * 0.5); // only film 1 is whole
  await wait(700);
  assert.deepEqual(await of('impression').then((items) => items.filter((item) => item !== 'film-0')), ['film-1']);
});

test('chromium: a card taller than the view is seen by the share of the view', async () => {
  await page.evaluate(() => {
    window.start();
    const huge = document.createElement('article');
    huge.className = 'huge';
    document.querySelector('main').prepend(huge);
    window.signals.track(huge, 'huge');
  });
  await until('impression', 1);
  assert.deepEqual(await of('impression'), ['huge']);
});

test('chromium: a second in a hidden tab does not count, and the second starts anew', async () => {
  await start();
  await wait(500);
  await page.evaluate(() => window.setVisibility('hidden'));
  await wait(1_200);
  assert.deepEqual(await of('impression'), []);
  await page.evaluate(() => window.setVisibility('visible'));
  await wait(600);
  assert.deepEqual(await of('impression'), [], 'half a second before does not count');
  await until('impression', 2);
});

test('chromium: a removed card is no skip; an element of another item starts anew', async () => {
  await start();
  await until('impression', 2);
  await page.evaluate(() => {
    document.querySelector('#card-0').remove();
    window.signals.track(document.querySelector('#card-1'), 'another');
  });
  await until('impression', 4);
  assert.deepEqual((await of('impression')).sort(), ['another', 'film-0', 'film-1', 'film-2']);
  assert.deepEqual(await of('skip'), []);
});

test('chromium: in a row that scrolls sideways, what left at its start is a skip', async () => {
  await page.evaluate(() => {
    const row = document.createElement('div');
    row.className = 'row';
    row.id = 'row';
    document.querySelector('main').before(row);
    window.start({ root: row });
    for (let i = 0; i < 10; i += 1) {
      const one = document.createElement('section');
      one.textContent = 'row ' + i;
      row.append(one);
      window.signals.track(one, 'row-' + i, { axis: 'inline' });
    }
  });
  await until('impression', 2);
  await page.evaluate(() => document.querySelector('#row').scrollBy(1_200, 0));
  await wait(500);
  assert.deepEqual((await of('skip')).sort(), ['row-0', 'row-1']);
});

test('chromium: dwell is the time in which the tab was shown', async () => {
  const { shown, reported } = await page.evaluate(async () => {
    const wait = (ms) => new Promise((done) => { setTimeout(done, ms); });
    window.start({ dwellSeconds: 0.1 });
    const stop = window.signals.dwell('film-3');
    await wait(400);
    window.setVisibility('hidden');
    await wait(1_500);
    window.setVisibility('visible');
    await wait(400);
    const value = stop();
    return { shown: value, reported: window.events.filter((event) => event.type === 'dwell'), again: stop() };
  });
  assert.ok(shown >= 0.75 && shown < 1.6, `${shown} s`);
  assert.deepEqual(reported.map(({ item, value }) => [item, value]), [['film-3', shown]], 'once, with its seconds');
});

test('chromium: a dwell shorter than the least, or cancelled, is not reported; leaving the page reports', async () => {
  const events = await page.evaluate(async () => {
    window.start({ dwellSeconds: 0.2 });
    window.signals.dwell('short')();
    const cancelled = window.signals.dwell('cancelled');
    window.signals.dwell('left');
    await new Promise((done) => { setTimeout(done, 300); });
    cancelled({ cancel: true });
    window.dispatchEvent(new PageTransitionEvent('pagehide'));
    return window.events.filter((event) => event.type === 'dwell').map((event) => event.item);
  });
  assert.deepEqual(events, ['left']);
});

test('chromium: watch is the fraction that was played, not where the film stands', async () => {
  const { value, events } = await page.evaluate(async () => {
    // Three seconds of silence as a WAV file: its length is known from the start.
    const rate = 8_000;
    const sound = new Uint8Array(44 + 3 * rate).fill(128, 44);
    const header = new DataView(sound.buffer);
    const text = (at, chars) => [...chars].forEach((char, i) => header.setUint8(at + i, char.charCodeAt(0)));
    text(0, 'RIFF'); header.setUint32(4, sound.length - 8, true); text(8, 'WAVEfmt '); header.setUint32(16, 16, true);
    header.setUint16(20, 1, true); header.setUint16(22, 1, true); header.setUint32(24, rate, true); header.setUint32(28, rate, true);
    header.setUint16(32, 1, true); header.setUint16(34, 8, true); text(36, 'data'); header.setUint32(40, 3 * rate, true);
    const film = document.querySelector('#film');
    const loaded = new Promise((done, fail) => { film.oncanplay = done; film.onerror = () => fail(new Error(film.error?.message)); });
    film.src = URL.createObjectURL(new Blob([sound], { type: 'audio/wav' }));
    await loaded;
    window.start();
    const stop = window.signals.watch(film, 'film-5');
    await film.play();
    await new Promise((done) => { setTimeout(done, 900); });
    film.pause();
    const sought = new Promise((done) => { film.onseeked = done; });
    film.currentTime = film.duration * 0.9; // a jump is not watched
    await sought;
    return { value: stop(), events: window.events.filter((event) => event.type === 'watch') };
  });
  assert.ok(value > 0.1 && value < 0.6, `${value} of the film`);
  assert.deepEqual(events.map((event) => [event.item, event.value]), [['film-5', value]]);
});

test('chromium: after disconnect() nothing is reported; a target that throws or rejects is heard by onError', async () => {
  await page.evaluate(() => window.start({}, () => { throw new Error('thrown'); }));
  await page.click('#card-0');
  assert.deepEqual(await page.evaluate(() => window.errors), ['Error: thrown']);
  await page.evaluate(() => { window.signals.disconnect(); window.events.length = 0; });
  await page.click('#card-1');
  await wait(1_300);
  assert.deepEqual(await page.evaluate(() => [window.events.length, window.errors.length]), [0, 1]);
});
