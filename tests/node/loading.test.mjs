// In: models from addresses, Responses, bytes and promises, good and bad. Out: rankers, or coded errors.
// The server is on loopback.
// Must never take a page for a model.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { MODEL_FILE, assertRanks, filmList, modelBytes } from '../support/films.mjs';
import { importPackage } from '../support/package.mjs';
import { server } from '../support/server.mjs';

const list = filmList(40);
let Ranker;
let origin;

before(async () => {
  ({ Ranker } = await importPackage());
  origin = await server((request, response) => {
    if (request.url === '/movies.onnx') response.end(readFileSync(MODEL_FILE));
    else if (request.url === '/page') response.end('\n  <!doctype html><title>App</title>');
    else if (request.url === '/slow') setTimeout(() => response.end(), 5_000).unref();
    else response.writeHead(404).end('<h1>Not found</h1>');
  });
});
after(() => origin.close());

const GOOD = {
  'bytes': () => modelBytes(),
  'an ArrayBuffer': () => modelBytes().buffer,
  'a view in the middle of a buffer': () => {
    const bytes = modelBytes();
    const padded = new Uint8Array(bytes.length + 20);
    padded.set(bytes, 10);
    return padded.subarray(10, 10 + bytes.length);
  },
  'a promise of bytes': async () => modelBytes(),
  'an address': () => `${origin.url}/movies.onnx`,
  'a URL': () => new URL(`${origin.url}/movies.onnx`),
  'a file: URL': () => pathToFileURL(MODEL_FILE),
  'a Response': () => fetch(`${origin.url}/movies.onnx`),
  'a Blob': () => new Blob([modelBytes()]),
};

for (const [name, source] of Object.entries(GOOD)) {
  test(`node20: loads from ${name}`, async () => {
    const ranker = await Ranker.load(source());
    assertRanks(ranker.rank(list, { budgetMs: null }), list, 'full');
    ranker.dispose();
  });
}

const BAD = {
  'a missing address': [() => `${origin.url}/missing`, 'model/http'],
  'a page in place of the model': [() => `${origin.url}/page`, 'model/html'],
  'an unreachable host': [() => 'http://127.0.0.1:1/movies.onnx', 'model/fetch'],
  'no address at all': [() => 'movies.onnx', 'model/fetch'],
  'a missing file': [() => new URL('missing.onnx', pathToFileURL(MODEL_FILE)), 'model/fetch'],
  'a promise that rejects': [() => Promise.reject(new Error('no')), 'model/fetch'],
  'a thenable that throws': [() => ({ then() { throw new Error('no'); } }), 'model/fetch'],
  'nothing': [() => undefined, 'model/not-bytes'],
  'a number': [() => 5, 'model/not-bytes'],
  'a Symbol': [() => Symbol('model'), 'model/not-bytes'],
  'no bytes': [() => new Uint8Array(0), /^model\//],
  'random bytes': [() => Uint8Array.from({ length: 4096 }, (_, i) => (i * 2654435761) >>> 24), /^model\//],
  'half a model': [() => modelBytes().subarray(0, modelBytes().length >> 1), /^model\//],
  'a model with a flipped bit': [() => { const bytes = modelBytes(); bytes[bytes.length >> 1] ^= 1; return bytes; }, /^model\//],
  'nine megabytes': [() => new Uint8Array(9 << 20), 'model/too-large'],
};

for (const [name, [source, code]] of Object.entries(BAD)) {
  test(`refuses with a code, and loads afterwards: ${name}`, async () => {
    await assert.rejects(Ranker.load(source()), (error) => {
      assert.equal(error.name, 'RankletError');
      if (code instanceof RegExp) assert.match(error.code, code);
      else assert.equal(error.code, code);
      assert.ok(error.message.length > 20, 'it says how to mend it');
      return true;
    });
    const ranker = await Ranker.load(modelBytes());
    assertRanks(ranker.rank(list, { budgetMs: null }), list, 'full');
    ranker.dispose();
  });
}

for (const path of ['/movies.onnx', './movies.onnx', 'movies.onnx', MODEL_FILE, 'C:\\models\\movies.onnx']) {
  test(`a path is no address outside a page, and it is said how to give a file: ${path.replace(MODEL_FILE, 'a whole one')}`, async () => {
    await assert.rejects(Ranker.load(path), (error) => {
      assert.deepEqual([error.code, error.path], ['model/fetch', 'model']);
      assert.match(error.message, /file: URL.*new URL\('\.\/movies\.onnx', import\.meta\.url\).*readFile/);
      assert.doesNotMatch(error.message, /CORS/);
      return true;
    });
  });
}

test('what else cannot be fetched is said as it is: a host, a file', async () => {
  await assert.rejects(Ranker.load('http://127.0.0.1:1/movies.onnx'), { code: 'model/fetch', message: /network/ });
  await assert.rejects(Ranker.load(new URL('missing.onnx', pathToFileURL(MODEL_FILE))), { code: 'model/fetch', message: /could not be read: check its path/ });
});

test('an aborted load rejects at once with load/aborted', async () => {
  const controller = new AbortController();
  const loading = Ranker.load(`${origin.url}/slow`, { signal: controller.signal });
  setTimeout(() => controller.abort(), 20);
  await assert.rejects(loading, { code: 'load/aborted' });
  await assert.rejects(Ranker.load(modelBytes(), { signal: AbortSignal.abort() }), { code: 'load/aborted' });
});

test('a signal that never fires leaves nothing behind', async () => {
  const { signal } = new AbortController();
  const ranker = await Ranker.load(modelBytes(), { signal });
  assertRanks(ranker.rank(list, { budgetMs: null }), list, 'full');
});

test('the model is copied: changing the bytes afterwards changes nothing', async () => {
  const bytes = modelBytes();
  const ranker = await Ranker.load(bytes);
  bytes.fill(0);
  assertRanks(ranker.rank(list, { budgetMs: null }), list, 'full');
});
