// In: what every script of a suite may use. Out: a function that runs scripts in Chromium or Firefox.
// The browsers open before the suite's first test and close after its last.
// Must never share a page between tests.
import { after, before } from 'node:test';
import { launch } from './browser.mjs';
import { launchFirefox } from './firefox.mjs';
import { inPage } from './page.mjs';

const OPEN = { chromium: launch, firefox: launchFirefox };

/** Browsers that a suite's statements are made about. */
export const BROWSERS = Object.keys(OPEN);

/** Gives `run(browser, body, options)`, as `inPage`; call it at a suite's top level. */
export function browsers({ imports, files }) {
  const opened = {};
  before(async () => {
    for (const [name, open] of Object.entries(OPEN)) opened[name] = await open();
  });
  after(async () => {
    for (const browser of Object.values(opened)) await browser.close();
  });
  return (name, body, options) => inPage(opened[name], body, { imports, files, ...options });
}
