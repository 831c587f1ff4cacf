// In: the demo page under keys, fingers and the mouse. Out: that what is pressed is what is seen, and nothing jumps.
// The focus must be on the screen after whatever was done, clear of the strip at the top.
// Must never press a key where the test does not know what has the focus.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { demo, ids, open, row, settled, shot, status, unlimited } from '../support/demo.mjs';

demo();

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

/** Where the focus is: the place and film of its row, its part, and whether all of it can be seen. */
const focus = (page) => page.evaluate(() => {
  const active = document.activeElement;
  const film = active.closest('#films > li');
  const box = active.getBoundingClientRect();
  const top = document.querySelector('.strip').getBoundingClientRect().bottom;
  return { place: film ? [...film.parentElement.children].indexOf(film) : null, id: film?.dataset.id, part: active.dataset.part, visible: box.top > top - 1 && box.bottom < innerHeight + 1 };
});
const activity = (page) => page.$$eval('#done > li', (lines) => lines.map((line) => line.className));

test('demo: after a verdict by key the focus stays at its place, in view, and the next key is for the film that is there', async () => {
  const page = await unlimited(await open({ reducedMotion: 'reduce' }));
  await row(page, 0).locator('.open').focus();
  const judged = [];
  for (const key of ['d', 'd', 's', 'l', 's', 'd']) {
    const { id } = await focus(page);
    const title = await page.locator(`#films > li[data-id="${id}"] .title`).textContent();
    await page.keyboard.press(key);
    judged.push(id);
    assert.ok((await status(page)).includes(title), `${key}: ${title}`);
    assert.deepEqual({ ...(await focus(page)), id: null }, { place: 0, id: null, part: 'open', visible: true });
  }
  assert.equal(judged[1] === judged[0], false, 'the second verdict is another film\'s');
  for (let i = 0; i < 59; i += 1) await page.keyboard.press('ArrowDown');
  assert.deepEqual({ ...(await focus(page)), id: null }, { place: 59, id: null, part: 'open', visible: true });
  await page.keyboard.press('s'); // it leaves the rows that are shown
  assert.deepEqual({ ...(await focus(page)), id: null }, { place: 59, id: null, part: 'open', visible: true });
});

test('demo: the focus is clear of the strip on the way up, and after the skip link', async () => {
  for (const options of [{}, { viewport: PHONE.viewport }]) {
    const page = await open({ reducedMotion: 'reduce', ...options });
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.className), 'skip-link');
    await page.keyboard.press('Enter');
    const [list, strip] = await page.evaluate(() => [document.querySelector('#films').getBoundingClientRect().top, document.querySelector('.strip').getBoundingClientRect().bottom]);
    assert.ok(list >= strip, `the list begins at ${list}, the strip ends at ${strip}`);
    await shot(page, `skip-link-${(options.viewport ?? { width: 1100 }).width}`);
    await page.keyboard.press('Tab');
    assert.deepEqual(await focus(page).then(({ place, visible }) => [place, visible]), [0, true]);
    for (let i = 0; i < 30; i += 1) await page.keyboard.press('ArrowDown');
    for (let i = 0; i < 30; i += 1) {
      await page.keyboard.press('ArrowUp');
      assert.ok((await focus(page)).visible, `place ${(await focus(page)).place}`);
    }
    for (let i = 0; i < 30; i += 1) await page.keyboard.press('ArrowDown');
    for (let i = 0; i < 20; i += 1) {
      await page.keyboard.press('Shift+Tab');
      assert.ok((await focus(page)).visible, `Tab: place ${(await focus(page)).place}`);
    }
  }
});

test('demo: pressing a pressed button takes the verdict back', async () => {
  const page = await unlimited(await open());
  const before = await ids(page);
  for (const name of ['Like', 'Dislike', 'Skip']) {
    const id = before[10];
    const button = () => page.locator(`#films > li[data-id="${id}"]`).getByRole('button', { name: new RegExp(`^${name} `) });
    // Of 420 films some 60 are rendered: one that was refused may be further down.
    const shown = async () => { while (!(await button().count())) await page.getByRole('button', { name: /^Show more/ }).click(); };
    await button().click();
    await shown();
    assert.equal(await button().getAttribute('aria-pressed'), 'true');
    assert.equal((await activity(page)).length, 1);
    await button().click();
    assert.match(await status(page), /^Taken back: /);
    await shown();
    assert.equal(await button().getAttribute('aria-pressed'), 'false');
    assert.deepEqual(await activity(page), []);
  }
  await page.locator(`#films > li[data-id="${before[10]}"] .open`).focus();
  await page.keyboard.press('l');
  await page.getByRole('button', { name: 'Start over' }).click();
  assert.equal(await page.locator('#films [aria-pressed=true]').count(), 0);
});

test('demo: a verdict after another is the one that is taken back first', async () => {
  const page = await unlimited(await open());
  const [id] = await ids(page);
  const press = async (name) => {
    while (!(await page.locator(`#films > li[data-id="${id}"]`).count())) await page.getByRole('button', { name: /^Show more/ }).click();
    await page.locator(`#films > li[data-id="${id}"] [data-act=${name}]`).click();
  };
  const pressed = () => page.$$eval('#films [aria-pressed=true]', (all) => all.map((one) => one.dataset.act));
  await press('like');
  await press('dislike');
  assert.deepEqual(await activity(page), ['dislike', 'like']);
  await press('dislike');
  assert.deepEqual([await activity(page), await pressed()], [['like'], ['like']]);
});

test('demo: another number of candidates closes the film that is open', async () => {
  const page = await open();
  await page.getByRole('radio', { name: '1,000' }).check();
  await row(page, 5).locator('.open').click();
  await page.getByRole('button', { name: 'Why is it here?' }).click();
  await page.getByRole('radio', { name: '100', exact: true }).check();
  assert.ok(await page.locator('#details').isHidden());
});

test('demo: where a reason cannot be given the page says so, and reasons of an older order are put away', async () => {
  const page = await open();
  await row(page, 5).locator('.open').click();
  await page.getByRole('button', { name: 'Why is it here?' }).click();
  assert.match(await page.textContent('.reasons'), /^It is number \d+\./);
  await row(page, 8).getByRole('button', { name: /^Like / }).click();
  assert.ok(await page.locator('.reasons').isHidden());
  const said = await page.evaluate(async () => {
    const { fillDetails } = await import('/demo/details.js');
    const pane = document.querySelector('#details');
    fillDetails(pane, document.querySelector('#films > li').candidate, { why: () => { throw new Error('No candidate has this id.'); }, close() {} });
    pane.querySelector('.why').click();
    return pane.querySelector('.reasons').textContent;
  });
  assert.equal(said, 'That cannot be said now: No candidate has this id.');
});

test('demo: on a phone the first like moves nothing but films, and the last action is taken back from the strip', async () => {
  const page = await unlimited(await open({ ...PHONE, reducedMotion: 'reduce' }));
  const tops = () => page.$$eval('#films > li', (rows) => rows.slice(0, 4).map((one) => Math.round(one.getBoundingClientRect().top)));
  const before = await tops();
  await row(page, 1).getByRole('button', { name: /^Like / }).tap();
  assert.equal((await tops())[0], before[0], 'the list begins where it began');
  assert.equal((await focus(page)).place ?? 1, 1, 'the thumb is where it was');
  assert.ok(await page.evaluate(() => document.querySelector('.done').getBoundingClientRect().top > document.querySelector('#films').getBoundingClientRect().bottom), 'the list of activity is below');
  const undo = page.locator('.strip .undo');
  await undo.tap();
  assert.match(await status(page), /^Taken back: Liked /);
  assert.ok(await undo.isDisabled());
  assert.equal((await tops())[0], before[0]);
  const strip = () => page.$eval('.strip', (one) => one.offsetHeight);
  const height = await strip();
  await page.$eval('input[value=tight]', (input) => input.click());
  assert.equal(await page.getAttribute('#timing', 'data-tier'), 'partial');
  assert.equal(await strip(), height, 'whatever it says');
});

test('demo: a remark that appears above the list leaves the list where it is', async () => {
  const page = await unlimited(await open({ reducedMotion: 'reduce' }));
  await page.getByRole('radio', { name: '100', exact: true }).check();
  const { jumps, remark } = await page.evaluate(() => {
    document.querySelector('#more').click();
    const [list, remarks, jumps] = [document.querySelector('#films'), document.querySelector('#remarks'), []];
    for (let i = 0; i < 95 && remarks.children.length === 0; i += 1) {
      const button = list.querySelector('[aria-pressed=false][data-act=dislike]');
      button.focus({ preventScroll: true });
      button.scrollIntoView({ block: 'center' });
      const before = list.getBoundingClientRect().top;
      button.click();
      jumps.push(Math.round(list.getBoundingClientRect().top - before));
    }
    return { jumps: jumps.filter((by) => by !== 0), remark: remarks.textContent };
  });
  assert.match(remark, /^You have judged nearly all of this list/);
  assert.deepEqual(jumps, []);
});

test('demo: closing a film scrolls nothing', async () => {
  const page = await open({ reducedMotion: 'reduce' });
  await row(page, 20).locator('.open').click();
  await page.mouse.wheel(0, 1500);
  await page.waitForFunction(() => scrollY > 1500);
  const before = await page.evaluate(() => scrollY);
  await page.getByRole('button', { name: 'Close' }).click();
  assert.equal(await page.evaluate(() => scrollY), before);
  assert.ok((await focus(page)).visible);
  await settled(page);
});
