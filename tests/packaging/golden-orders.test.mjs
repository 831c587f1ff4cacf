// In: tests/golden/ and the packed tarball. Out: that every host gives the golden orders, and one host's scores to the bit.
// One script runs everywhere; native runs the same requests in tests/core/golden_orders.rs.
// Must never write what it compares with: `./build.sh golden` does, natively.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { launch } from '../support/browser.mjs';
import { ROOT, installed } from '../support/package.mjs';
import { run } from '../support/run.mjs';
import { site } from '../support/site.mjs';
import { worker } from '../support/worker.mjs';

const read = (name) => readFileSync(join(ROOT, 'tests/golden', name));
const orders = JSON.parse(read('orders.json'));
const RUN = read('run.mjs').toString();
const FIXTURE = `export const file = ${read('requests.json')};\nexport const model = Uint8Array.from(atob('${read('fixture.onnx').toString('base64')}'), (char) => char.charCodeAt(0));\n`;
const HERE = (ranklet) => `import { Ranker } from '${ranklet}';\nimport { file, model } from './golden-fixture.mjs';\nimport { golden } from './golden-run.mjs';\nexport const answer = () => golden(Ranker, model, file);\n`;
const files = (ranklet) => ({ 'golden-run.mjs': RUN, 'golden-fixture.mjs': FIXTURE, 'golden-here.mjs': HERE(ranklet) });
let inNode;

before(async () => {
  const folder = installed();
  for (const [name, text] of Object.entries(files('ranklet'))) writeFileSync(join(folder, name), text);
  writeFileSync(join(folder, 'golden-print.mjs'), "import { answer } from './golden-here.mjs';\nconsole.log(JSON.stringify(await answer()));\n");
  inNode = JSON.parse(await run(process.execPath, ['golden-print.mjs'], { cwd: folder }));
});

function check(host, answer) {
  assert.equal(orders.length, 200);
  assert.equal(answer.warnings, 0);
  const wrong = orders.flatMap((order, i) => (JSON.stringify(order) === JSON.stringify(answer.orders[i]) ? [] : [i]));
  assert.deepEqual(wrong, [], 'requests whose order is another one');
  const bits = orders.flatMap((_, i) => (answer.scores[i] === inNode.scores[i] ? [] : [i]));
  assert.deepEqual(bits, [], 'requests whose scores differ from Node\'s in some bit');
  console.log(`golden orders on ${host}: ${answer.orders.length}`);
}

test('node20: the golden orders', () => {
  assert.ok(inNode.scores.every((text) => text.length > 0));
  check('node', inNode);
});

test('workerd: the golden orders, and the scores to the bit', async () => {
  const miniflare = await worker({
    source: "import { answer } from './golden-here.mjs';\nexport default { async fetch() { return Response.json(await answer()); } };\n",
    files: files('ranklet'),
  });
  try {
    check('workerd', await (await miniflare.dispatchFetch('http://worker/')).json());
  } finally {
    await miniflare.dispose();
  }
});

test('chromium: the golden orders, and the scores to the bit', async () => {
  const texts = Object.entries(files('/node_modules/ranklet/browser.js')).map(([name, text]) => [`/${name}`, text]);
  const pages = await site({
    ...Object.fromEntries(texts),
    '/index.html': '<!doctype html><link rel="icon" href="data:,"><title></title><script type="module" src="page.js"></script>',
    '/page.js': "import { answer } from './golden-here.mjs';\nanswer().then((a) => { window.result = a; document.title = 'ok'; }, (e) => { window.result = String(e); document.title = 'failed'; });\n",
  });
  const browser = await launch();
  try {
    const page = await browser.newPage();
    await page.goto(`${pages.url}/index.html`);
    await page.waitForFunction(() => document.title !== '', undefined, { timeout: 120_000 });
    const answer = await page.evaluate(() => window.result);
    assert.equal(typeof answer, 'object', answer);
    check('chromium', answer);
  } finally {
    await browser.close();
    await pages.close();
  }
});
