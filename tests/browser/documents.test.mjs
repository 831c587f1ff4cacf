// In: every JavaScript block of README.md, the other documents, and the `@example`s of the .d.ts. Out: that it runs.
// Pages' blocks run in Chromium on the installed tarball, bundled by esbuild; workers' in workerd. What their comments state is asserted.
// Must never leave a block out.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { SCRIPTS, blocks, claims, program } from '../support/blocks.mjs';
import { launch } from '../support/browser.mjs';
import { filmList, modelBytes } from '../support/films.mjs';
import { ROOT, installed, packageFolder } from '../support/package.mjs';
import { resultOf } from '../support/page.mjs';
import { server } from '../support/server.mjs';
import { site } from '../support/site.mjs';
import { worker } from '../support/worker.mjs';

const ALL = blocks();
const RUN = ALL.filter(({ language }) => SCRIPTS[language]);
const isWorker = ({ code }) => /\.onnx'/.test(code.match(/^import .*/gm)?.join('\n') ?? '');
const SIZE = 100;
const SECRET = 'sixteen random bytes';

/**
 * What a block finds in its page: the names that documents use without making them. `show` is the reader's
 * own function; `ranker` has ranked `candidates`; `id`, `title` and `tags` are those of one of them.
 */
const SURROUNDINGS = `
import { Ranker as Loaded } from 'ranklet';
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
globalThis.result = { claims: 0, shown: [], faults: [] };
globalThis.claim = (given, value, line) => {
  result.claims += 1;
  if (!same(given, value)) result.faults.push(line + ' but it is ' + JSON.stringify(given));
};
const requests = [];
const ask = globalThis.fetch;
globalThis.fetch = (...given) => { const answer = ask(...given); requests.push(answer); return answer; };
globalThis.candidates = await (await ask('/api/candidates')).json();
globalThis.ranker = await Loaded.load('/movies.onnx');
ranker.rank(candidates, { budgetMs: null });
globalThis.show = (items) => {
  result.shown.push(items.map((item) => item.id));
  list.replaceChildren(...items.map((item) => { const row = document.createElement('li'); row.dataset.id = item.id; row.textContent = item.title; return row; }));
};
show(candidates);
result.shown.length = 0;
Object.assign(globalThis, candidates[7]);
globalThis.left = ({ ranking, candidates }) => {
  if (ranking) Object.assign(result, { tier: ranking.tier, order: [...ranking.order], own: ranking.items.every((item, i) => item === candidates[ranking.order[i]]) });
};
globalThis.answers = async () => (await Promise.all(requests)).map((answer) => answer.url + ' ' + answer.status);
`;
const PAGE = `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title></title>
<ol id="list"></ol><div id="root"></div><video id="film"></video><script type="module" src="/node_modules/ranklet/block.js"></script>`;

let browser;
let origin;
before(async () => {
  browser = await launch();
  origin = await server((request, response) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ items: filmList(SIZE) })));
});
after(async () => {
  await browser?.close();
  await origin?.close();
});

test('documents: there are blocks in each, and every one has its runner', () => {
  for (const file of ['README.md', 'pkg/README.md', 'www/edge/README.md', 'pkg/index.d.ts']) {
    assert.ok(RUN.some((block) => block.file === file), `${file} has no block that runs`);
  }
  for (const { name, language, code } of ALL) {
    if (language === 'json') assert.doesNotThrow(() => JSON.parse(code), name);
    if (!SCRIPTS[language]) assert.equal(claims(code), 0, `${name}: nothing checks what it states`);
  }
});

test('documents: a block that throws, or states what is not so or is never reached, fails', async () => {
  for (const [code, why] of [['1 + 1; // → 3', /but it is 2/], ['nobody.knows();', /nobody is not defined/], ['if (false) {\n  1; // → 1\n}', /everything stated was reached/]]) {
    await assert.rejects(() => inPage({ name: 'wrong', language: 'js', code }), why);
  }
});

for (const block of RUN) {
  test(`documents: ${block.name} runs`, () => (isWorker(block) ? inWorker(block) : inPage(block)));
}

/** One script; at the package's own place, so that it finds the wasm and the worker as the package does. */
async function bundled(block) {
  const folder = join(installed(), 'blocks');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'surroundings.js'), SURROUNDINGS);
  writeFileSync(join(folder, `block.${SCRIPTS[block.language]}`), program(block));
  writeFileSync(join(folder, 'entry.js'), `import './surroundings.js';
import('./block.${SCRIPTS[block.language]}').then(answers).then((requests) => { result.requests = requests; document.title = 'ok'; },
  (error) => { result = String(error?.stack ?? error); document.title = 'failed'; });`);
  const { outputFiles: [{ text }] } = await build({
    entryPoints: [join(folder, 'entry.js')], bundle: true, write: false, format: 'esm', target: 'es2022', jsx: 'automatic', conditions: ['browser'],
    define: { 'process.env.NODE_ENV': '"production"' }, nodePaths: [join(ROOT, 'tests/node_modules')], logLevel: 'silent',
  });
  return text;
}

async function inPage(block) {
  const pages = await site({
    '/index.html': PAGE, '/node_modules/ranklet/block.js': await bundled(block), '/movies.onnx': Buffer.from(modelBytes()),
    '/api/candidates': JSON.stringify(filmList(SIZE)), '/ranklet/feedback': feedback,
  });
  const page = await browser.newPage();
  const errors = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => { if (message.type() === 'error') errors.push(message.text()); });
  try {
    await page.goto(`${pages.url}/index.html`);
    const result = await resultOf(page);
    assert.deepEqual(result.faults, []);
    assert.equal(result.claims, claims(block.code), 'everything stated was reached');
    for (const shown of result.shown) assert.equal(new Set(shown).size, SIZE, 'what is shown is the whole list');
    for (const request of result.requests) assert.match(request, / 2\d\d$/);
    if (result.order) {
      assert.ok(['full', 'partial'].includes(result.tier));
      assert.ok(result.own, 'the same objects');
      const first = result.shown.at(0);
      if (first && /observe\(/.test(block.code)) assert.notDeepEqual(result.order.map((at) => filmList(SIZE)[at].id), first, 'ranked again, otherwise');
    }
    if (/createRoot/.test(block.code)) await page.waitForFunction((size) => document.querySelectorAll('#root li').length === size, SIZE, { timeout: 15_000 });
    assert.deepEqual(errors, []);
  } finally {
    await page.close();
    await pages.close();
  }
}

/** The edge's own handler answers what a page posts; an event that does not count is a failure. */
async function feedback(request, response, sent) {
  const { createEdgeHandler, cookieProfile } = await import(pathToFileURL(join(packageFolder(), 'edge.js')));
  const edge = createEdgeHandler({ model: modelBytes(), origin: origin.url, profile: cookieProfile({ secret: SECRET }) });
  const answer = await edge.fetch(new Request(`http://edge${request.url}`, { method: request.method, body: sent }));
  const text = await answer.text();
  const { accepted } = answer.ok ? JSON.parse(text) : {};
  response.writeHead(answer.ok && !accepted ? 500 : answer.status).end(text);
}

async function inWorker({ name, code }) {
  assert.equal(claims(code), 0, `${name}: nothing checks what it states`);
  const edge = await worker({ source: code, bindings: { ORIGIN: origin.url, PROFILE_SECRET: SECRET } });
  try {
    const answer = await edge.dispatchFetch('http://edge/films');
    assert.match(answer.headers.get('x-ranklet'), /^(full|partial|passthrough; budget)/); // by how fast this machine is
    assert.equal((await answer.json()).items.length, SIZE);
  } finally {
    await edge.dispose();
  }
}
