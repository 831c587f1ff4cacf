// In: the demo page, served as `./build.sh demo` serves it, in headless Chromium. Out: statements about what a visitor sees.
// Screenshots go to target/screenshots/.
// Must never pass with an error in the page's console.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { address, demo, ids, open, settled, shot, unlimited } from '../support/demo.mjs';

demo();

const overflow = (page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

test('demo: the page loads, ranks, and says in how many milliseconds', async () => {
  const page = await open();
  assert.equal((await ids(page)).length, 60);
  assert.match(await page.textContent('#timing'), /^[\d.]+ ms · (full|partial)/);
  assert.match(await page.textContent('#status'), /ready: 420 films/);
  await shot(page, 'desktop-light');
});

test('demo: a like moves films, is listed, and the status says so', async () => {
  const page = await open();
  const before = await ids(page);
  const row = page.locator('#films > li').nth(20);
  const liked = await row.getAttribute('data-id');
  const title = await row.locator('.title').textContent();
  await row.getByRole('button', { name: /^Like / }).click();
  const animated = await page.evaluate(() => document.getAnimations().length);
  assert.ok(animated > 0, 'moves are animated');
  const after = await ids(page);
  assert.notDeepEqual(after, before);
  assert.match(await page.textContent('#status'), new RegExp('^Liked .* now number \\d+; \\d+ films moved'));
  assert.match(await page.textContent('#done'), /^Liked /);
  assert.ok((await page.textContent('#done')).includes(title.replace(/ \(repeat \d+\)$/, '')));
  if (after.includes(liked)) {
    assert.equal(await page.locator(`#films > li[data-id="${liked}"] [data-act=like]`).getAttribute('aria-pressed'), 'true');
  }
  await settled(page);
  await shot(page, 'after-like');
});

test('demo: disliking and skipping move films too', async () => {
  const page = await open();
  for (const name of [/^Dislike /, /^Skip /]) {
    const before = await ids(page);
    await page.locator('#films > li').first().getByRole('button', { name }).click();
    assert.notDeepEqual(await ids(page), before, String(name));
  }
});

test('demo: starting over brings back the first order and empties the list of activity', async () => {
  const page = await unlimited(await open());
  const before = await ids(page);
  await page.locator('#films > li').nth(30).getByRole('button', { name: /^Like / }).click();
  await page.locator('#films > li').nth(3).getByRole('button', { name: /^Dislike / }).click();
  assert.notDeepEqual(await ids(page), before);
  await page.getByRole('button', { name: 'Start over' }).click();
  assert.deepEqual(await ids(page), before);
  assert.equal(await page.locator('#done > li').count(), 0);
});

test('demo: an action can be taken back, by its button and by the key u', async () => {
  const page = await unlimited(await open());
  const before = await ids(page);
  await page.locator('#films > li').nth(20).getByRole('button', { name: /^Like / }).click();
  await page.locator('#films > li').nth(10).getByRole('button', { name: /^Dislike / }).click();
  const both = await ids(page);
  await page.getByRole('button', { name: /^Undo: Disliked / }).click();
  assert.match(await page.textContent('#status'), /^Taken back: Disliked .* as if it had never happened/);
  assert.notDeepEqual(await ids(page), both);
  assert.ok(await page.evaluate(() => document.activeElement.matches('.undo')), 'the focus goes to the next action');
  await page.keyboard.press('u');
  // Films seen meanwhile count, hardly: the first twenty are those of before.
  assert.deepEqual(await page.locator('#done > li').count(), 0);
  assert.equal(await page.locator('#films [aria-pressed=true]').count(), 0);
  const place = new Map(before.map((id, i) => [id, i]));
  const drift = (order) => order.slice(0, 40).reduce((sum, id, i) => sum + Math.abs((place.get(id) ?? 60) - i), 0);
  assert.ok(drift(await ids(page)) < drift(both), 'the order is nearer to the first one again');
});

test('demo: a film says why it is where it is', async () => {
  const page = await open();
  await page.locator('#films > li').nth(30).getByRole('button', { name: /^Like / }).click();
  await page.locator('#films > li').nth(5).locator('.open').click();
  await page.getByRole('button', { name: 'Why is it here?' }).click();
  const reasons = await page.$$eval('.reasons li', (rows) => rows.map((row) => row.textContent));
  assert.match(reasons[0], /^It is number \d+\.$/);
  assert.ok(reasons.length > 1 && reasons.length <= 6, reasons.join('|'));
  assert.ok(reasons.slice(1).some((text) => /^(Up|Down) \d+ because /.test(text)), reasons.join('|'));
  assert.equal(await page.getAttribute('.why', 'aria-expanded'), 'true');
  await settled(page);
  await shot(page, 'why');
});

test('demo: stated genres bend the list, and starting over takes them back', async () => {
  const page = await unlimited(await open());
  const before = await ids(page);
  await page.locator('#controls summary').click();
  await page.locator('#genres label').filter({ hasText: 'Comedy' }).click();
  assert.match(await page.textContent('#status'), /^You like Comedy; \d+ films moved/);
  assert.notDeepEqual(await ids(page), before);
  await settled(page);
  await shot(page, 'controls');
  await page.getByRole('button', { name: 'Start over' }).click();
  assert.equal(await page.locator('#genres :checked').count(), 0);
  assert.deepEqual(await ids(page), before);
});

test('demo: rules are obeyed, priced, and can be left again', async () => {
  const page = await unlimited(await open());
  const before = await ids(page);
  await page.locator('#controls summary').focus();
  await page.keyboard.press('Enter');
  for (const [name, line] of [['A varied top 20', /^varied top: moved [\d,]+ films, for -?\d+\.\d % of the predicted value/], ['At most 3 of a kind in the top 10', /^at most 3 of a kind: /]]) {
    await page.getByRole('checkbox', { name }).focus();
    await page.keyboard.press('Space');
    assert.match((await page.$$eval('#remarks li', (rows) => rows.map((row) => row.textContent))).at(-1), line);
  }
  const tags = await page.$$eval('#films > li', (rows) => rows.slice(0, 10).map((row) => row.candidate.tags));
  for (const tag of new Set(tags.flat())) assert.ok(tags.filter((own) => own.includes(tag)).length <= 3, tag);
  for (const name of ['A varied top 20', 'At most 3 of a kind in the top 10']) await page.getByRole('checkbox', { name }).uncheck();
  await page.getByRole('button', { name: 'Start over' }).click();
  assert.deepEqual(await ids(page), before);
  assert.equal(await page.locator('#remarks li').count(), 0);
});

test('demo: too small a budget is said, and the list is still whole', async () => {
  const page = await open();
  await page.locator('#controls summary').click();
  await page.getByRole('radio', { name: '1,000', exact: true }).check();
  await page.getByRole('radio', { name: 'Too little to score every film' }).check();
  assert.equal(await page.getAttribute('#timing', 'data-tier'), 'partial');
  assert.match(await page.textContent('#timing'), /partial \(budget\)/);
  assert.match(await page.textContent('#remarks'), /The budget ended after \d+ of 1,000 films; the others keep the server.s order/);
  assert.match(await page.textContent('#more'), /of 1,000 shown/);
  await shot(page, 'budget');
});

test('demo: opening a film shows its details; the time it stays open counts as dwell', async () => {
  const page = await open();
  await page.locator('#films > li').nth(4).locator('.open').click();
  await page.waitForSelector('#details:not([hidden])');
  assert.match(await page.textContent('#details'), /Genres: /);
  await page.waitForTimeout(1200);
  await page.keyboard.press('Escape');
  assert.ok(await page.locator('#details').isHidden());
  const activity = await page.$$eval('#done > li', (rows) => rows.map((row) => row.className));
  assert.deepEqual(activity, ['dwell', 'click']);
});

test('demo: films in view count as seen', async () => {
  const page = await open();
  await page.waitForFunction(() => /^Seen [1-9]/.test(document.querySelector('#seen').textContent));
  const seen = async () => Number((await page.textContent('#seen')).match(/\d+/)[0]);
  const first = await seen();
  await page.locator('#films > li').nth(55).scrollIntoViewIfNeeded();
  await page.waitForFunction((n) => Number(document.querySelector('#seen').textContent.match(/\d+/)[0]) > n, first);
});

test('demo: the keyboard alone is enough', async () => {
  const page = await open();
  const before = await ids(page);
  await page.locator('#films > li .open').first().focus();
  for (let i = 0; i < 5; i += 1) await page.keyboard.press('ArrowDown');
  const focused = () => page.evaluate(() => document.activeElement.closest('li')?.dataset.id);
  assert.equal(await focused(), before[5]);
  await page.keyboard.press('l');
  assert.notDeepEqual(await ids(page), before);
  assert.match(await page.textContent('#status'), /^Liked/);
  assert.ok(await focused(), 'the focus stays in the list');
  await page.keyboard.press('d');
  assert.match(await page.textContent('#status'), /^Disliked/);
  await page.keyboard.press('s');
  assert.match(await page.textContent('#status'), /^Skipped/);
  await page.keyboard.press('Enter');
  await page.waitForSelector('#details:not([hidden])');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'details');
  await page.keyboard.press('Escape');
  assert.ok(await page.evaluate(() => document.activeElement.closest('#films') !== null), 'the focus returns to the list');
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  assert.equal(outline, 'solid', 'the focus is visible');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.dataset.act), 'like', 'the buttons come next');
});

test('demo: every control has a name, and the status is announced', async () => {
  const page = await open();
  const nameless = await page.$$eval('button, input', (all) => all.filter((one) => !(one.ariaLabel || one.textContent.trim() || one.labels?.length)).length);
  assert.equal(nameless, 0);
  assert.equal(await page.getAttribute('#status', 'aria-live'), 'polite');
  const labels = await page.$$eval('#films [data-act=like]', (all) => all.map((one) => one.ariaLabel));
  assert.ok(labels.every((label) => label.length > 'Like '.length));
});

for (const [size, label] of [[100, '100'], [1000, '1,000']]) {
  test(`demo: the list can be ${label} long`, async () => {
    const page = await open();
    await page.getByRole('radio', { name: label, exact: true }).check();
    await page.waitForFunction((n) => document.querySelector('#timing').textContent.includes(`of ${n} scored`), label);
    assert.equal((await ids(page)).length, 60);
    const note = page.locator('#note');
    if (size === 1000) {
      assert.match(await note.textContent(), /are repeats/);
      assert.ok(await note.isVisible());
    }
    await page.getByRole('button', { name: /^Show more/ }).click();
    assert.equal((await ids(page)).length, Math.min(size, 120));
    assert.equal(new Set(await ids(page)).size, Math.min(size, 120));
  });
}

test('demo: films without a score say how they were placed', async () => {
  const page = await open();
  const more = page.getByRole('button', { name: /^Show more/ });
  while (await more.isVisible()) await more.click();
  const { without } = await page.evaluate(async () => {
    const films = await (await fetch('/movies/films.json')).json();
    return { without: films.filter((film) => film.score === null).length };
  });
  if (without === 0) assert.equal(await page.locator('.new').count(), 0);
  else assert.match(await page.locator('.new').first().textContent(), /placed by title and themes/);
});

test('demo: a phone of 360 pixels shows it all without scrolling sideways', async () => {
  const page = await open({ viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });
  assert.equal(await overflow(page), 0);
  await shot(page, 'phone-light');
  await page.locator('#controls summary').click();
  assert.equal(await overflow(page), 0);
  await shot(page, 'phone-controls');
  await page.locator('#controls summary').click();
  await page.locator('#films > li').nth(2).locator('.open').click();
  await page.waitForSelector('#details:not([hidden])');
  await page.getByRole('button', { name: 'Why is it here?' }).click();
  assert.equal(await overflow(page), 0);
  await shot(page, 'phone-why');
  const narrow = await page.$$eval('#films [data-act]', (all) => all.filter((one) => one.getBoundingClientRect().height < 36 || one.getBoundingClientRect().right > 360).length);
  assert.equal(narrow, 0, 'buttons are large enough for a thumb and within the page');
});

test('demo: dark mode is dark, light mode light, both readable', async () => {
  for (const colorScheme of ['light', 'dark']) {
    const page = await open({ colorScheme });
    const [paper, ink] = await page.evaluate(() => {
      const style = getComputedStyle(document.body);
      return [style.backgroundColor, style.color].map((c) => c.match(/\d+/g).slice(0, 3).reduce((a, b) => a + Number(b), 0));
    });
    assert.equal(paper < ink, colorScheme === 'dark');
    assert.ok(Math.abs(paper - ink) > 400);
    await page.locator('#controls summary').click();
    await page.getByRole('checkbox', { name: 'A varied top 20' }).check();
    await settled(page);
    await shot(page, `desktop-${colorScheme}`);
  }
});

test('demo: those who asked for less motion get none', async () => {
  const page = await open({ reducedMotion: 'reduce' });
  await page.locator('#films > li').nth(20).getByRole('button', { name: /^Like / }).click();
  assert.equal(await page.evaluate(() => document.getAnimations().length), 0);
});

test('the server gives no file outside its two folders', async () => {
  for (const path of ['/../Cargo.toml', '/%2e%2e/Cargo.toml', '/..%2fCargo.toml', '/pkg/..%2f..%2fCargo.toml', '/pkg/%2e%2e/%2e%2e/Cargo.toml', '/%00', '/%', '/demo/../../build.sh']) {
    const response = await fetch(address() + path);
    assert.ok([400, 404].includes(response.status), `${path}: ${response.status}`);
  }
  assert.equal((await fetch(`${address()}/demo/`, { method: 'POST' })).status, 405);
});

test('the server names the types that wasm and modules need', async () => {
  const type = async (path) => (await fetch(address() + path)).headers.get('content-type');
  assert.equal(await type('/pkg/wasm/ranklet_bg.wasm'), 'application/wasm');
  assert.match(await type('/pkg/browser.js'), /^text\/javascript/);
  assert.match(await type('/movies/films.json'), /^application\/json/);
});
