// In: nothing. Out: one script that ranks, as text, with its model and list as a module; and what must come of it.
// The same text runs in every runtime and goes through every bundler; all must give the order that Node gives.
// Must never need a permission: the model comes as text.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { filmList, modelBytes } from './films.mjs';
import { installed } from './package.mjs';
import { run } from './run.mjs';

export const SMOKE = `
import { Ranker, RankletError, version } from 'ranklet';
import { list, model } from './fixture.mjs';

export const bytes = () => Uint8Array.from(atob(model), (char) => char.charCodeAt(0));

export async function smoke(options) {
  const ranker = await Ranker.load(bytes(), options);
  const first = ranker.rank(list, { budgetMs: null });
  ranker.observe({ type: 'like', item: list[40].id, id: 'one', at: 1763000000000 });
  ranker.observe({ type: 'skip', item: list[3].id, at: 1763000001000 });
  const second = ranker.rank(undefined, { budgetMs: null });
  let refused = null;
  try { ranker.observe({ type: 'like', item: 'nobody' }); } catch (error) { refused = error instanceof RankletError && error.code; }
  let loud = null;
  try { await Ranker.load(new Uint8Array(100)); } catch (error) { loud = error instanceof RankletError; }
  ranker.dispose();
  return {
    version: version(), tiers: [first.tier, second.tier], scored: second.scored, refused, loud,
    first: first.items.map((item) => item.id), second: second.items.map((item) => item.id),
    after: ranker.rank(list).reason,
  };
}
`;
export const PRINT = "import { smoke } from './smoke.mjs';\nconsole.log(JSON.stringify(await smoke()));\n";
/** The inline entry's, and any other's. */
export const smokeOf = (entry) => SMOKE.replace("'ranklet'", `'${entry}'`);

const list = filmList(500);
let expected;

/** Writes smoke.mjs, fixture.mjs and print.mjs into a folder. */
export function writeSmoke(folder, entry = 'ranklet') {
  const model = Buffer.from(modelBytes()).toString('base64');
  writeFileSync(join(folder, 'fixture.mjs'), `export const list = ${JSON.stringify(list)};\nexport const model = '${model}';\n`);
  writeFileSync(join(folder, 'smoke.mjs'), smokeOf(entry));
  writeFileSync(join(folder, 'print.mjs'), PRINT);
}

/** What this Node gives in the empty project, once a process. */
export async function expectedSmoke() {
  if (expected) return expected;
  writeSmoke(installed());
  expected = JSON.parse(await run(process.execPath, ['print.mjs'], { cwd: installed() }));
  return expected;
}

/** Asserts that a result is a ranking with every part of it right, and the one that Node gives. */
export async function checkSmoke(result) {
  assert.deepEqual(result.tiers, ['full', 'full']);
  assert.equal(result.scored, list.length);
  assert.equal(result.refused, 'event/unknown-item');
  assert.equal(result.loud, true, 'a bad model is refused');
  assert.equal(result.after, 'ranker/disposed');
  assert.deepEqual(new Set(result.first), new Set(list.map((item) => item.id)));
  assert.notDeepEqual(result.second, result.first, 'the events moved something');
  assert.deepEqual(result, await expectedSmoke(), 'the same order as in Node');
}
