// In: the committed model, its manifest's golden inputs. Out: that onnxruntime gives the golden outputs.
// One file, two runtimes: the ranker runs the same vectors at every load (model/self-test).
// Must never read the expected outputs from anything but the manifest.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as ort from 'onnxruntime-web';
import { metadata } from '../bench/onnx.mjs';
import { modelBytes } from '../support/films.mjs';

test('onnxruntime gives the golden scores of the committed model within 1e-4', async () => {
  const bytes = modelBytes();
  const manifest = JSON.parse(metadata(bytes, 'ranklet'));
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = 'error';
  const session = await ort.InferenceSession.create(bytes, { executionProviders: ['wasm'] });
  const feeds = {};
  for (const [name, { shape, data }] of Object.entries(manifest.golden.inputs)) {
    const ids = name === manifest.stages.encode.inputs.tokens;
    feeds[name] = ids
      ? new ort.Tensor('int64', BigInt64Array.from(data, BigInt), shape)
      : new ort.Tensor('float32', Float32Array.from(data), shape);
  }
  const outputs = await session.run(feeds);
  const names = Object.keys(manifest.golden.outputs);
  const { encode, score } = manifest.stages;
  assert.deepEqual(names.sort(), [encode.output, score.inputs.item, score.output].sort());
  for (const name of names) {
    const { shape, data } = manifest.golden.outputs[name];
    assert.deepEqual([...outputs[name].dims], shape);
    assert.ok(data.length > 0);
    data.forEach((want, i) => assert.ok(Math.abs(outputs[name].data[i] - want) <= 1e-4, `${name}[${i}]: ${outputs[name].data[i]}, recorded ${want}`));
  }
});
