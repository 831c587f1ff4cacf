// In: the demo as `./build.sh demo` serves it. Out: its page in headless Chromium, and what tests ask of it.
// After each test: no error in a console, no request to another origin, but what the test said it expects.
// Must never leave a page or the server behind.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before } from 'node:test';
import { serve } from '../../www/demo/serve.mjs';
import { launch } from './browser.mjs';
import { ROOT, needed } from './package.mjs';

const SHOTS = join(ROOT, 'target/screenshots');
let site;
let contexts = [];
let errors = [];
let foreign = [];

/** Call it at a suite's top level. */
export function demo() {
  before(async () => {
    needed('pkg/wasm/ranklet_bg.wasm', 'run `./build.sh wasm`.');
    mkdirSync(SHOTS, { recursive: true });
    site = await serve(0);
  });
  afterEach(async () => {
    await Promise.all(contexts.map((context) => context.close()));
    const seen = { errors, foreign };
    [contexts, errors, foreign] = [[], [], []];
    assert.deepEqual(seen, { errors: [], foreign: [] }, 'no console errors, no request to another origin');
  });
  after(() => site?.close());
}

export const address = () => `http://127.0.0.1:${site.address().port}`;

/**
 * The demo, ready to use. `script` runs in the page before all else; `missing` is a path that is answered with
 * 404; `until` what is waited for.
 */
export async function open({ script, missing, until = 'html[data-ready]', ...options } = {}) {
  const context = await launch({ viewport: { width: 1100, height: 900 }, ...options });
  contexts.push(context);
  const page = await context.newPage();
  const expected = (text) => missing && /status of 404/.test(text);
  page.on('console', (message) => { if (['error', 'warning'].includes(message.type()) && !expected(message.text())) errors.push(message.text()); });
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('request', (request) => { if (!/^data:/.test(request.url()) && !request.url().startsWith(address())) foreign.push(request.url()); });
  if (script) await page.addInitScript(script);
  if (missing) await page.route(`**${missing}`, (route) => route.fulfill({ status: 404, body: 'Not found' }));
  await page.goto(`${address()}/`);
  await page.waitForSelector(until, { timeout: 60_000 });
  return page;
}

/** A new visitor's list without a time limit: orders that are compared must not depend on how busy the machine is. */
export async function unlimited(page) {
  await page.$eval('input[value=none]', (input) => input.click());
  await page.getByRole('button', { name: 'Start over' }).click(); // films in view count as seen
  assert.equal(await page.getAttribute('#timing', 'data-tier'), 'full');
  return page;
}

export const ids = (page) => page.$$eval('#films > li', (rows) => rows.map((row) => row.dataset.id));
export const row = (page, place) => page.locator('#films > li').nth(place);
export const status = (page) => page.textContent('#status');
export const shot = (page, name) => page.screenshot({ path: join(SHOTS, `${name}.png`) });
export const settled = (page) => page.waitForFunction(() => document.getAnimations().every((one) => one.playState !== 'running'));
