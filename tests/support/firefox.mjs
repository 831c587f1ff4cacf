// In: nothing. Out: headless Firefox, the one on PATH, spoken to through WebDriver BiDi.
// puppeteer-core has the one BiDi client that is kept up; it downloads no browser.
// Must never reach beyond loopback, nor keep a profile between runs.
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import puppeteer from 'puppeteer-core';
import { temporary } from './package.mjs';

/** Close it when done. */
export function launchFirefox() {
  return puppeteer.launch({
    browser: 'firefox', executablePath: find(), headless: true, userDataDir: temporary('ranklet-firefox-'),
    extraPrefsFirefox: { 'network.captive-portal-service.enabled': false, 'network.connectivity-service.enabled': false, 'app.normandy.enabled': false, 'services.settings.server': 'http://127.0.0.1:9/' },
  });
}

function find() {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    for (const name of ['firefox-esr', 'firefox']) {
      const path = join(folder, name);
      try {
        accessSync(path, constants.X_OK);
        return path;
      } catch { /* not here */ }
    }
  }
  throw new Error('No Firefox on PATH: install the package `firefox-esr`.');
}
