// In: a thousand traps under a clock of our own. Out: as many lists in the order given, and as many normal calls after them.
// Each trap is thrown in place of wasm's answer, alternately in rank() and observe(); a tenth ruin wasm's memory.
// Must never wait for the clock on the wall.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { assertRanks, filmList, modelBytes } from '../support/films.mjs';
import { importGlue, importPackage } from '../support/package.mjs';

const NO_LIMIT = { budgetMs: null };
const TRAPS = 1_000;
const list = filmList(8);
let Ranker;
let glue;

before(async () => {
  ({ Ranker } = await importPackage());
  glue = await importGlue();
});

function trapping(method, call) {
  const own = glue.Engine.prototype[method];
  glue.Engine.prototype[method] = () => { throw new WebAssembly.RuntimeError('unreachable'); };
  try {
    return call();
  } finally {
    glue.Engine.prototype[method] = own;
  }
}

/** Whether a trap in `rank` was answered with the input order, said so, and was got over. */
function trapInRank(ranker, ruin) {
  if (ruin) new Uint8Array(glue.initSync({}).memory.buffer).fill(0xff);
  const answer = ruin ? ranker.rank(list, NO_LIMIT) : trapping('rank', () => ranker.rank(list, NO_LIMIT));
  assertRanks(answer, list, 'passthrough');
  return answer.reason === 'wasm/trap' && answer.order.every((at, i) => at === i);
}

function trapInObserve(ranker) {
  assert.throws(() => trapping('observe', () => ranker.observe({ type: 'like', item: list[1].id, id: 'lost' })), { code: 'wasm/trap' });
  return true;
}

test(`${TRAPS} of ${TRAPS} traps are got over: input order, then a normal call with the session as it was`, async () => {
  let now = 0;
  const ranker = await Ranker.load(modelBytes(), { clock: () => now });
  ranker.rank(list, NO_LIMIT);
  ranker.observe({ type: 'like', item: list[5].id, id: 'kept', at: 1763000000000 });
  const expected = [...ranker.rank(undefined, { ...NO_LIMIT, at: 1763000000000 }).order];
  let survived = 0;
  for (let i = 0; i < TRAPS; i += 1) {
    now += 20_001; // three rebuilds a minute at most
    const passed = i % 2 === 0 ? trapInRank(ranker, i % 20 === 0) : trapInObserve(ranker);
    const next = ranker.rank(undefined, { ...NO_LIMIT, at: 1763000000000 });
    assertRanks(next, list, 'full');
    assert.deepEqual([...next.order], expected);
    survived += Number(passed);
  }
  assert.equal(survived, TRAPS);
  assert.equal(ranker.observe({ type: 'like', item: list[5].id, id: 'kept' }), false, 'its id is still known');
  ranker.dispose();
});

test('the fourth rebuild within a minute is not made: lists pass through and say so, until the minute is over', async () => {
  let now = 0;
  const ranker = await Ranker.load(modelBytes(), { clock: () => now });
  for (let minute = 0; minute < 3; minute += 1) {
    for (let i = 0; i < 3; i += 1) {
      assert.ok(trapInRank(ranker, false));
      assertRanks(ranker.rank(list, NO_LIMIT), list, 'full');
    }
    assert.ok(trapInRank(ranker, false));
    for (let i = 0; i < 5; i += 1) {
      const answer = ranker.rank(list, NO_LIMIT);
      assertRanks(answer, list, 'passthrough');
      assert.equal(answer.reason, 'wasm/trap-limit');
      assert.ok(answer.warnings.some(({ code }) => code === 'wasm/trap-limit'));
      assert.throws(() => ranker.observe({ type: 'like', item: list[0].id }), { code: 'wasm/trap-limit' });
    }
    now += 60_001;
    assertRanks(ranker.rank(list, NO_LIMIT), list, 'full');
    now += 60_001;
  }
  ranker.dispose();
});

test('a trap while an instance is rebuilt is a trap of that call, and the next call is normal', async () => {
  let now = 0;
  const ranker = await Ranker.load(modelBytes(), { clock: () => now });
  ranker.rank(list, NO_LIMIT);
  ranker.observe({ type: 'like', item: list[5].id, id: 'kept' });
  assert.ok(trapInRank(ranker, false));
  const answer = trapping('set_candidates', () => ranker.rank(list.slice(), NO_LIMIT));
  assertRanks(answer, list, 'passthrough');
  now += 61_000;
  assertRanks(ranker.rank(list, NO_LIMIT), list, 'full');
  assert.equal(ranker.observe({ type: 'like', item: list[5].id, id: 'kept' }), false);
  ranker.dispose();
});
