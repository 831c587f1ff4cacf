// In: both entries of the packed tarball, in Chromium. Out: that ranklet/relaxed gives the same bits.
// Chromium has relaxed SIMD since version 114. Must never pass because the plain module was loaded.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { launch } from '../support/browser.mjs';
import { layerModels } from '../support/layers.mjs';
import { ROOT } from '../support/package.mjs';
import { inPage } from '../support/page.mjs';

const read = (path) => readFileSync(join(ROOT, 'tests', path));
const orders = JSON.parse(read('golden/orders.json'));
let browser, files;

before(async () => {
  browser = await launch();
  const layers = (await layerModels()).map((bytes, i) => [`/layer${i}.onnx`, Buffer.from(bytes)]);
  files = {
    ...Object.fromEntries(layers),
    ...Object.fromEntries(['support/relaxed-answer.mjs', 'bench/dense.mjs', 'bench/onnx.mjs', 'bench/protobuf.mjs', 'golden/run.mjs', 'golden/requests.json', 'golden/fixture.onnx'].map((path) => [`/tests/${path}`, read(path)])),
  };
});
after(() => browser.close());

const answer = (entry) => inPage(browser, `
  const bytes = async (path) => new Uint8Array(await (await fetch(path)).arrayBuffer());
  const layers = await Promise.all([0, 1].map((i) => bytes('/layer' + i + '.onnx')));
  return relaxedAnswer(Ranker, await bytes('/tests/golden/fixture.onnx'), await (await fetch('/tests/golden/requests.json')).json(), layers);`, {
  imports: `import { Ranker } from '/node_modules/ranklet/${entry}';\nimport { relaxedAnswer } from '/tests/support/relaxed-answer.mjs';`, files,
});

test('chromium: ranklet/relaxed loads its own module, and gives the golden orders, and scores and layers to the bit', async () => {
  const [plain, relaxed] = [await answer('browser.js'), await answer('relaxed.js')];
  assert.equal(plain.simd, 'simd128');
  assert.ok(plain.asked.includes('/node_modules/ranklet/wasm/ranklet_bg.wasm'));
  // Which of the two depends on the processor: VNNI and ARM's dot product are exact.
  console.log(`chromium: ranklet/relaxed computes with ${relaxed.simd}`);
  assert.ok(['simd128', 'relaxed-simd'].includes(relaxed.simd), relaxed.simd);
  assert.ok(relaxed.asked.includes('/node_modules/ranklet/wasm/ranklet_relaxed_bg.wasm'));
  assert.ok(!relaxed.asked.includes('/node_modules/ranklet/wasm/ranklet_bg.wasm'), 'one module is fetched, not two');
  assert.deepEqual(relaxed.orders, orders);
  assert.deepEqual(relaxed.scores, plain.scores);
  assert.deepEqual(relaxed.layers, plain.layers);
});
