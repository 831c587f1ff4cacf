// In: progress callbacks, integrity strings, runtimes without SIMD, answers of the wrong kind. Out: what load() says.
// What only a browser can refuse (a page's policy) is in tests/browser/policy.test.mjs.
// Must never leave a changed global behind.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { MODEL_FILE, assertRanks, filmList, modelBytes } from '../support/films.mjs';
import { importPackage, installed, packageFolder } from '../support/package.mjs';
import { run } from '../support/run.mjs';
import { server } from '../support/server.mjs';

const list = filmList(30);
const hash = (name, bytes = modelBytes()) => `${name}-${createHash(name).update(bytes).digest('base64')}`;
let Ranker;
let origin;

before(async () => {
  ({ Ranker } = await importPackage());
  origin = await server((request, response) => {
    const send = (type, body, more = {}) => response.writeHead(200, { 'content-type': type, ...more }).end(body);
    const model = readFileSync(MODEL_FILE);
    if (request.url === '/counted') send('application/octet-stream', model, { 'content-length': model.length });
    else if (request.url === '/uncounted') { response.writeHead(200, { 'content-type': 'application/octet-stream' }); response.write(model.subarray(0, 1000)); response.end(model.subarray(1000)); }
    else if (request.url === '/json') send('application/json', '{"error": "no such model"}');
    else if (request.url === '/typed-html') send('text/html; charset=utf-8', 'gone');
    else if (request.url === '/lfs') send('text/plain', 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 332722\n');
    else if (request.url === '/endless') { response.writeHead(200); const write = () => { while (!response.destroyed && response.write(Buffer.alloc(1 << 20))); }; response.on('drain', write); write(); }
    else response.writeHead(404).end();
  });
});
after(() => origin.close());

const ranks = async (loading) => {
  const ranker = await loading;
  assertRanks(ranker.rank(list, { budgetMs: null }), list, 'full');
  ranker.dispose();
};

test('progress counts the model\'s bytes up to their total', async () => {
  const seen = [];
  await ranks(Ranker.load(`${origin.url}/counted`, { onProgress: (progress) => seen.push(progress) }));
  const size = modelBytes().length;
  assert.ok(seen.length > 0);
  assert.deepEqual(seen.at(-1), { part: 'model', loaded: size, total: size });
  seen.reduce((before, { loaded }) => { assert.ok(loaded > before); return loaded; }, 0);
});

test('progress without a content-length has no total', async () => {
  const seen = [];
  await ranks(Ranker.load(`${origin.url}/uncounted`, { onProgress: (progress) => seen.push(progress) }));
  assert.deepEqual([seen.at(-1).loaded, seen.at(-1).total], [modelBytes().length, null]);
});

test('a progress callback that throws is ignored', () => ranks(Ranker.load(`${origin.url}/counted`, { onProgress() { throw new Error('no'); } })));

for (const name of ['sha256', 'sha384', 'sha512']) {
  test(`integrity: the right ${name} loads`, () => ranks(Ranker.load(`${origin.url}/counted`, { integrity: hash(name) })));
}

test('integrity: bytes that were passed are checked too', () => ranks(Ranker.load(modelBytes(), { integrity: hash('sha384') })));

test('integrity: one of several of the strongest must match, weaker ones do not count', async () => {
  const wrong = hash('sha512', Buffer.from('another'));
  await ranks(Ranker.load(modelBytes(), { integrity: `${wrong} ${hash('sha512')}` }));
  await assert.rejects(Ranker.load(modelBytes(), { integrity: `${wrong} ${hash('sha256')}` }), { code: 'model/integrity' });
});

test('integrity: another model is refused, and the message says what it is', async () => {
  await assert.rejects(Ranker.load(modelBytes(), { integrity: hash('sha256', Buffer.from('another')) }), (error) => {
    assert.equal(error.code, 'model/integrity');
    assert.ok(error.message.includes(hash('sha256')));
    return true;
  });
});

for (const integrity of ['md5-abc', '', 'sha256', 5, {}]) {
  test(`integrity: ${JSON.stringify(integrity)} is refused before anything is fetched`, async () => {
    await assert.rejects(Ranker.load(`${origin.url}/missing`, { integrity }), { code: 'load/bad-option', path: 'options.integrity' });
  });
}

test('a callback that is no function is refused', () => assert.rejects(Ranker.load(modelBytes(), { onProgress: 'yes' }), { code: 'load/bad-option' }));

test('load options that are no object, or hold no functions where one is called, are refused', async () => {
  for (const wrong of [7, 'x', '', true, () => {}, [], { clock: 5 }, { clock: {} }, { signal: 5 }, new Proxy({}, { get() { throw new Error('no'); } })]) {
    await assert.rejects(Ranker.load(modelBytes(), wrong), { code: 'load/bad-option', path: 'options' });
  }
  for (const none of [null, {}, { clock: null, signal: null, onProgress: null, integrity: null }]) await ranks(Ranker.load(modelBytes(), none));
});

const WRONG = { '/json': 'model/wrong-type', '/typed-html': 'model/wrong-type', '/lfs': 'model/lfs-pointer', '/endless': 'model/too-large' };
for (const [path, code] of Object.entries(WRONG)) {
  test(`what ${path} sends is refused as ${code}`, () => assert.rejects(Ranker.load(`${origin.url}${path}`), { code }));
}

/** Loads in a process of its own, in which `prelude` changed the runtime; gives the error's code. */
async function codeWhere(prelude, flags = []) {
  const script = `${prelude}
    const { Ranker } = await import(${JSON.stringify(join(packageFolder(), 'node.js'))});
    try { await Ranker.load(new Uint8Array(8)); console.log('loaded'); } catch (error) { console.log(error.code); }`;
  return (await run(process.execPath, [...flags, '--input-type=module', '-e', script], { cwd: installed() })).trim();
}

test('an engine without SIMD is told so before the wasm is read', async () => {
  assert.equal(await codeWhere('const own = WebAssembly.validate; WebAssembly.validate = (bytes) => !bytes.includes(253) && own(bytes);'), 'wasm/no-simd');
});

test('a processor without SSE4.1, on which V8 turns SIMD off, is told so', async (t) => {
  if (process.arch !== 'x64') return t.diagnostic('the flag exists on x64 alone');
  assert.equal(await codeWhere('', ['--no-enable-sse4-1']), 'wasm/no-simd');
});

test('a runtime without WebAssembly is told so', async () => {
  assert.equal(await codeWhere('delete globalThis.WebAssembly;'), 'wasm/unavailable');
});
