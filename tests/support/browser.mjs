// In: nothing. Out: headless Chromium, the one on PATH.
// Must never reach beyond loopback, nor keep a profile between runs.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright-core';
import { needed, temporary } from './package.mjs';

const ARGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
];

/** Above this Chromium instantiates no module synchronously in a page; the module of the edit loop (`--quick`) is larger. */
const SYNC_BYTES = 8 << 20;

function ownArgs() {
  const { size } = statSync(needed('pkg/wasm/ranklet_bg.wasm', 'run `./build.sh wasm`.'));
  return size > SYNC_BYTES ? [...ARGS, '--enable-features=WebAssemblyUnlimitedSyncCompilation'] : ARGS;
}

/** Milliseconds that a browser gets to close by itself. */
const CLOSING = 10_000;

/** A browser context with a fresh profile; close it when done. */
export async function launch(options = {}) {
  const profile = temporary('ranklet-chromium-');
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: find(), headless: true, args: ownArgs(), ...options,
  });
  const close = context.close.bind(context);
  // Headless Chromium sometimes never ends after its last page: the test has its answer by then.
  context.close = async () => {
    const late = setTimeout(() => spawnSync('pkill', ['-9', '-f', profile]), CLOSING);
    await close().catch(() => {});
    clearTimeout(late);
  };
  return context;
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
