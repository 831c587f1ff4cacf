// In: the text of a function body. Out: what it gives when a page under a policy runs it, in Chromium or Firefox.
// The body is a module of the site: policies that forbid `eval` forbid scripts that a driver injects, too.
// Must never wait without an end.
import { site } from './site.mjs';

/** Milliseconds until a page that said nothing counts as stuck. */
const PATIENCE = 60_000;

/** What a page left in `window.result`. Asked for again and again: waiting inside the page would take an `eval`. */
export async function resultOf(page) {
  for (const end = Date.now() + PATIENCE; Date.now() < end; await new Promise((done) => { setTimeout(done, 50); })) {
    if (await page.evaluate(() => document.title) === '') continue;
    const found = await page.evaluate(() => window.result);
    if (typeof found === 'string') throw new Error(found);
    return found;
  }
  throw new Error('The page never ended.');
}

const HTML = '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title></title><script type="module" src="page.js"></script>';

/**
 * Runs `body`, an async function's, that may use what `imports` brings; it returns an object. `files` and
 * the rest are the site's. `visits`: how often the page is opened; gives the last result.
 */
export async function inPage(browser, body, { imports = '', files = {}, visits = 1, ...options } = {}) {
  const script = `${imports}
const work = async () => {
${body}
};
work().then((result) => { window.result = result ?? {}; document.title = 'ok'; }, (error) => { window.result = String(error?.stack ?? error); document.title = 'failed'; });`;
  const pages = await site({ '/index.html': HTML, '/page.js': script, ...files }, options);
  const page = await browser.newPage();
  try {
    let result;
    for (let visit = 0; visit < visits; visit += 1) {
      await page.goto(`${pages.url}/index.html?${visit}`);
      result = await resultOf(page);
    }
    return { ...result, asked: pages.asked };
  } finally {
    await page.close();
    await pages.close();
  }
}
