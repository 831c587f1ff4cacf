// In: pages whose policy, server or impatience keeps ranklet from loading. Out: a coded error that names the cause.
// Each browser words its refusals differently: what is read out of them is tested in both.
// Must never load under a policy that the README does not name.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { BROWSERS, browsers } from '../support/browsers.mjs';
import { modelBytes } from '../support/films.mjs';

const model = Buffer.from(modelBytes());
const hash = (bytes) => `sha384-${createHash('sha384').update(bytes).digest('base64')}`;
const files = {
  '/movies.onnx': model,
  '/page.onnx': '<!doctype html><title>Not here</title>',
  '/slow.onnx': (request, response) => { response.writeHead(200, { 'content-length': model.length }); response.write(model.subarray(0, 1_000)); },
  '/counted.onnx': (request, response) => { response.writeHead(200, { 'content-length': model.length, 'content-type': 'application/octet-stream' }); response.end(model); },
};
const imports = `
import { Ranker, RankletError } from '/node_modules/ranklet/browser.js';
const refusal = async (...args) => {
  try { await Ranker.load(...args); } catch (error) { return { own: error instanceof RankletError, code: error.code, message: error.message }; }
  return { code: 'loaded' };
};`;
const run = browsers({ imports, files });
const SELF = "default-src 'self'; img-src data:";

for (const name of BROWSERS) {
  test(`${name}: a policy without 'wasm-unsafe-eval' is named, with the directive`, async () => {
    for (const [policy, directive] of [[`${SELF}; script-src 'self'`, 'script-src'], [SELF, '(script|default)-src']]) {
      const { own, code, message } = await run(name, "return refusal('/movies.onnx');", { policy });
      assert.deepEqual([own, code], [true, 'wasm/csp'], message);
      assert.match(message, /add 'wasm-unsafe-eval' to script-src/);
      assert.match(message, new RegExp(`\\(${directive} refused it\\)`));
    }
  });

  test(`${name}: a policy that forbids fetching the model is named, with the directive`, async () => {
    const policy = `${SELF}; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'`;
    const { own, code, message } = await run(name, "return refusal('https://elsewhere.invalid/movies.onnx');", { policy });
    assert.deepEqual([own, code], [true, 'model/csp'], message);
    assert.match(message, /connect-src/);
    const wasm = await run(name, "return refusal('/movies.onnx', { wasm: 'https://elsewhere.invalid/ranklet.wasm' });", { policy });
    assert.equal(wasm.code, 'wasm/csp');
    assert.match(wasm.message, /connect-src/);
  });

  test(`${name}: an address that is down is not taken for a policy`, async () => {
    assert.equal((await run(name, "return refusal('https://127.0.0.1:9/movies.onnx');", { policy: '' })).code, 'model/fetch');
  });

  test(`${name}: what a server sends instead of a model or wasm is told apart`, async () => {
    const { codes } = await run(name, `
      const codes = [];
      for (const [model, options] of [['/movies.onnx', { wasm: '/missing.wasm' }], ['/movies.onnx', { wasm: '/page.onnx' }], ['/missing.onnx'], ['/page.onnx']]) codes.push((await refusal(model, options)).code);
      return { codes };`);
    assert.deepEqual(codes, ['wasm/http', 'wasm/html', 'model/http', 'model/html']);
  });

  test(`${name}: a load that was aborted rejects at once, and the next one loads`, async () => {
    const result = await run(name, `
      const controller = new AbortController();
      const loading = refusal('/slow.onnx', { signal: controller.signal });
      setTimeout(() => controller.abort(), 100);
      const { code } = await loading;
      return { code, next: (await refusal('/movies.onnx')).code };`);
    assert.deepEqual([result.code, result.next], ['load/aborted', 'loaded']);
  });

  test(`${name}: integrity holds or refuses; progress counts to the total`, async () => {
    const result = await run(name, `
      const seen = [];
      const good = await refusal('/counted.onnx', { integrity: '${hash(model)}', onProgress: (progress) => seen.push(progress) });
      const bad = await refusal('/counted.onnx', { integrity: '${hash('another')}' });
      const last = (part) => seen.filter((one) => one.part === part).at(-1);
      return { good: good.code, bad: bad.code, model: last('model'), wasm: last('wasm').loaded, parts: [...new Set(seen.map((one) => one.part))].sort() };`);
    assert.deepEqual([result.good, result.bad], ['loaded', 'model/integrity']);
    assert.deepEqual(result.model, { part: 'model', loaded: model.length, total: model.length });
    assert.ok(result.wasm > 1_000_000);
    assert.deepEqual(result.parts, ['model', 'wasm']);
  });

  test(`${name}: loads that overlap share one wasm`, async () => {
    const { asked } = await run(name, "await Promise.all(Array.from({ length: 8 }, () => Ranker.load('/movies.onnx')));");
    assert.equal(asked.filter((path) => path.endsWith('.wasm')).length, 1);
  });
}
