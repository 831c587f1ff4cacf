// In: nothing. Out: headless Chromium, the one on PATH.
// Must never reach beyond loopback, nor keep a profile between runs.
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright-core';
import { temporary } from './package.mjs';

const ARGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
];

/** A browser context with a fresh profile; close it when done. */
export function launch(options = {}) {
  return chromium.launchPersistentContext(temporary('ranklet-chromium-'), {
    executablePath: find(), headless: true, args: ARGS, ...options,
  });
}

function find() {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    for (const name of ['chromium', 'chromium-browser', 'google-chrome']) {
      const path = join(folder, name);
      try {
        accessSync(path, constants.X_OK);
        return path;
      } catch { /* not here */ }
    }
  }
  throw new Error('No Chromium on PATH: install the package `chromium`.');
}
