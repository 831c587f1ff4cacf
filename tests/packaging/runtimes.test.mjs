// In: the packed tarball in an empty project. Out: the same ranking in Node, Deno, Bun, workerd and Chromium.
// One script runs everywhere; the model and the films come to it as a module, so that no host needs permissions.
// Must never skip a runtime: a missing one is a failed test.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { before, test } from 'node:test';
import { launch } from '../support/browser.mjs';
import { filmList, modelBytes } from '../support/films.mjs';
import { installed } from '../support/package.mjs';
import { run, tool } from '../support/run.mjs';
import { server } from '../support/server.mjs';
import { worker } from '../support/worker.mjs';

const SMOKE = `
import { Ranker, RankletError, version } from 'ranklet';
import { list, model } from './fixture.mjs';

export async function smoke() {
  const ranker = await Ranker.load(Uint8Array.from(atob(model), (char) => char.charCodeAt(0)));
  const first = ranker.rank(list, { budgetMs: null });
  ranker.observe({ type: 'like', item: list[40].id, id: 'one', at: 1763000000000 });
  ranker.observe({ type: 'skip', item: list[3].id, at: 1763000001000 });
  const second = ranker.rank(undefined, { budgetMs: null });
  let refused = null;
  try { ranker.observe({ type: 'like', item: 'nobody' }); } catch (error) { refused = error instanceof RankletError && error.code; }
  let loud = null;
  try { await Ranker.load(new Uint8Array(100)); } catch (error) { loud = error instanceof RankletError; }
  ranker.dispose();
  return {
    version: version(), tiers: [first.tier, second.tier], scored: second.scored, refused, loud,
    first: first.items.map((item) => item.id), second: second.items.map((item) => item.id),
    after: ranker.rank(list).reason,
  };
}
`;
const PRINT = "import { smoke } from './smoke.mjs';\nconsole.log(JSON.stringify(await smoke()));\n";
const PAGE = '<!doctype html><script type="module" src="page.js"></script>';
const list = filmList(500);
let folder;
let expected;

before(async () => {
  folder = installed();
  const model = Buffer.from(modelBytes()).toString('base64');
  writeFileSync(join(folder, 'fixture.mjs'), `export const list = ${JSON.stringify(list)};\nexport const model = '${model}';\n`);
  writeFileSync(join(folder, 'smoke.mjs'), SMOKE);
  writeFileSync(join(folder, 'print.mjs'), PRINT);
  expected = JSON.parse(await run(process.execPath, ['print.mjs'], { cwd: folder }));
});

function check(result) {
  assert.deepEqual(result.tiers, ['full', 'full']);
  assert.equal(result.scored, list.length);
  assert.equal(result.refused, 'event/unknown-item');
  assert.equal(result.loud, true, 'a bad model is refused');
  assert.equal(result.after, 'ranker/disposed');
  assert.deepEqual(new Set(result.first), new Set(list.map((item) => item.id)));
  assert.notDeepEqual(result.second, result.first, 'the events moved something');
  assert.deepEqual(result, expected, 'the same order as in Node');
}

test('node20: ranks from the tarball in an empty project', () => check(expected));

test('node20: `require` gets the same package', async () => {
  writeFileSync(join(folder, 'old.cjs'), "import('ranklet').then(({ Ranker }) => console.log(typeof Ranker.load));\n");
  assert.equal((await run(process.execPath, ['old.cjs'], { cwd: folder })).trim(), 'function');
});

test('deno: ranks from the tarball, without any permission', async () => {
  const out = await run(tool('deno'), ['run', '--no-prompt', '--node-modules-dir=manual', '--no-remote', 'print.mjs'], { cwd: folder });
  check(JSON.parse(out));
});

test('bun: ranks from the tarball', async () => {
  check(JSON.parse(await run(tool('bun'), ['run', 'print.mjs'], { cwd: folder })));
});

test('workerd: ranks from the tarball', async () => {
  const own = ['smoke.mjs', 'fixture.mjs'].map((path) => ({ type: 'ESModule', path, contents: readFileSync(join(folder, path), 'utf8') }));
  const main = {
    type: 'ESModule', path: 'main.mjs',
    contents: "import { smoke } from './smoke.mjs';\nexport default { async fetch() { return Response.json(await smoke()); } };\n",
  };
  const miniflare = await worker({ modules: [main, ...own] });
  try {
    check(await (await miniflare.dispatchFetch('http://worker/')).json());
  } finally {
    await miniflare.dispose();
  }
});

/** A page under a strict policy that ranks; `type` is what the server calls the wasm. */
async function inChromium(type) {
  const types = { '.js': 'text/javascript', '.mjs': 'text/javascript', '.html': 'text/html', '.wasm': type };
  const files = {
    '/index.html': PAGE,
    '/page.js': "import { smoke } from './smoke.mjs';\nsmoke().then((r) => { document.title = 'ok'; window.result = r; }, (e) => { document.title = 'failed'; window.result = String(e); });\n",
    '/smoke.mjs': SMOKE.replace("'ranklet'", "'/node_modules/ranklet/browser.js'"),
  };
  let fetches = 0;
  const site = await server((request, response) => {
    const headers = {
      'content-type': types[extname(request.url)] ?? 'text/plain',
      'content-security-policy': "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src data:",
    };
    try {
      if (request.url.endsWith('.wasm')) fetches += 1;
      response.writeHead(200, headers).end(files[request.url] ?? readFileSync(join(folder, request.url)));
    } catch {
      response.writeHead(404).end();
    }
  });
  const browser = await launch();
  try {
    const page = await browser.newPage();
    await page.goto(`${site.url}/index.html`);
    await page.waitForFunction(() => document.title !== '', undefined, { timeout: 60_000 });
    return { result: await page.evaluate(() => window.result), fetches };
  } finally {
    await browser.close();
    await site.close();
  }
}

test('chromium: ranks from the tarball under a policy that allows only own scripts and wasm', async () => {
  check((await inChromium('application/wasm')).result);
});

test('chromium: a wasm of the wrong type is compiled from its bytes, without a second fetch', async () => {
  const { result, fetches } = await inChromium('application/octet-stream');
  check(result);
  assert.equal(fetches, 1);
});
