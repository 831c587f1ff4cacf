// In: a Next.js app beside the packed tarball. Out: what its server sends, and what Chromium makes of it.
// Built with both of the framework's bundlers. Its pages carry inline scripts, so the strictest policy is not theirs.
// Must never reach the framework's own servers.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { APPS_ROOT, app } from '../support/app.mjs';
import { launch } from '../support/browser.mjs';
import { MODEL_FILE, filmList } from '../support/films.mjs';
import { packageFolder } from '../support/package.mjs';
import { run, tool } from '../support/run.mjs';

const list = filmList(60);
const ENV = { APPS_ROOT, NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' };

async function freePort() {
  const server = createServer();
  await new Promise((done) => { server.listen(0, '127.0.0.1', done); });
  const { port } = server.address();
  await new Promise((done) => { server.close(done); });
  return port;
}

/** The built app, served; `stop` ends it. */
async function started(folder, env) {
  const port = await freePort();
  const child = spawn(process.execPath, [tool('next'), 'start', '--hostname', '127.0.0.1', '--port', String(port)], { cwd: folder, env: { ...process.env, ...ENV, ...env }, stdio: 'ignore' });
  const url = `http://127.0.0.1:${port}`;
  const stop = () => child.kill('SIGKILL');
  for (const end = Date.now() + 60_000; ; await new Promise((done) => { setTimeout(done, 100); })) {
    if (await fetch(url).then((answer) => answer.ok, () => false)) return { url, stop };
    if (Date.now() > end || child.exitCode !== null) { stop(); throw new Error('next start gave no page within a minute'); }
  }
}

/** What a route of the server must be told. */
const ROUTE = { turbopack: {}, webpack: { WASM: join(packageFolder(), 'wasm/ranklet_bg.wasm') } };

for (const [bundler, env] of Object.entries(ROUTE)) {
  test(`next: with ${bundler}: rendered on the server in the order given, ranked in the browser, and by a route of the server`, async () => {
    const folder = app('next');
    mkdirSync(join(folder, 'public'));
    copyFileSync(MODEL_FILE, join(folder, 'public/movies.onnx'));
    await run(process.execPath, [tool('next'), 'build', `--${bundler}`], { cwd: folder, env: ENV, seconds: 240 });
    const server = await started(folder, env);
    const browser = await launch();
    try {
      const html = await (await fetch(server.url)).text();
      assert.match(html, /data-version="null"/, 'importing on the server loads nothing');
      assert.match(html, /data-state="pending"/);
      assert.deepEqual([...html.matchAll(/data-id="([^"]+)"/g)].map(([, id]) => id), list.map((film) => film.id));

      const { tier, ids } = await (await fetch(`${server.url}/api/order`)).json();
      assert.equal(tier, 'full');
      assert.notDeepEqual(ids, list.map((film) => film.id));

      const page = await browser.newPage();
      const errors = [];
      page.on('console', (message) => { if (message.type() === 'error') errors.push(message.text()); });
      page.on('pageerror', (error) => errors.push(String(error)));
      await page.goto(server.url);
      await page.waitForSelector('#films[data-state="ranked"]', { timeout: 60_000 });
      const shown = () => page.$$eval('#films li', (items) => items.map((item) => item.dataset.id));
      assert.deepEqual(await shown(), ids, 'the browser and the server give the same order');
      await page.click('#films li:nth-child(20) button');
      await page.waitForFunction((before) => JSON.stringify([...document.querySelectorAll('#films li')].map((item) => item.dataset.id)) !== before, JSON.stringify(ids), { timeout: 10_000 });
      assert.deepEqual((await shown()).sort(), [...ids].sort());
      assert.deepEqual(errors, [], 'nothing mismatched');
    } finally {
      await browser.close();
      server.stop();
    }
  });
}
