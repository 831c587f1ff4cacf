// In: the name of a fixture app. Out: a copy of it beside the installed tarball, as a person's project is.
// It lies below tests/, where bundlers find React and their own parts: tests/node_modules.
// Must never let the app see pkg/, nor leave its folder behind.
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { launch } from './browser.mjs';
import { filmList } from './films.mjs';
import { ROOT, install } from './package.mjs';
import { site } from './site.mjs';
import { writeSmoke } from './smoke.mjs';

const PARENT = join(ROOT, 'tests/.apps');
let project;
let copies = 0;

/** What bundlers may take for the root of everything that an app reads. */
export const APPS_ROOT = join(ROOT, 'tests');

/** An empty folder's path beside the installed tarball, for a copy of something. */
export function besideTarball(name) {
  if (!project) {
    mkdirSync(PARENT, { recursive: true });
    project = mkdtempSync(join(PARENT, 'project-'));
    process.on('exit', () => rmSync(project, { recursive: true, force: true }));
    install(project);
  }
  copies += 1;
  return join(project, `${name}-${copies}`);
}

/** The copy's folder; `entry`: what its smoke.mjs imports; `films`: how many its list.mjs holds. */
export function app(name, { entry, films = 60 } = {}) {
  const folder = besideTarball(name);
  cpSync(join(ROOT, 'tests/fixtures/apps', name), folder, { recursive: true });
  writeSmoke(folder, entry);
  writeFileSync(join(folder, 'list.mjs'), `export const films = ${JSON.stringify(filmList(films))};\n`);
  return folder;
}

/** Opens a built app in Chromium under the strictest policy; gives what it left in `window.result`, and what was fetched. */
export async function opened(folder, options) {
  const pages = await site({}, { root: folder, ...options });
  const browser = await launch();
  try {
    const page = await browser.newPage();
    const errors = [];
    page.on('console', (message) => { if (message.type() === 'error') errors.push(message.text()); });
    await page.goto(`${pages.url}/index.html`);
    await page.waitForFunction(() => document.title !== '', undefined, { timeout: 60_000 });
    const result = await page.evaluate(() => window.result);
    if (typeof result === 'string') throw new Error([result, ...errors].join('\n'));
    return { ...result, asked: pages.asked };
  } finally {
    await browser.close();
    await pages.close();
  }
}
