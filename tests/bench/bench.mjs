// Measures rank() in Node beside onnxruntime-web (wasm, one thread, SIMD): the same model file, the same
// candidates and events, one process, turn by turn. Run it through `./build.sh bench`.
//
//   node bench.mjs --model FILE [--films FILE] [--json FILE] [--runs 300] [--sizes 100,500,1000]
//
// A case is measured only after both sides gave the same scores (within 1e-3) on its input.
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { Ranker } from '../../pkg/node.js';
import { candidates } from '../../www/demo/catalogue.js';
import { Peer } from './peer.mjs';
import { interleave, ratio, summary } from './statistics.mjs';

const TOLERANCE = 1e-3;
const WARMUP = 60;

const { values: options } = parseArgs({
  options: {
    model: { type: 'string' },
    films: { type: 'string' },
    json: { type: 'string' },
    runs: { type: 'string', default: '300' },
    sizes: { type: 'string', default: '100,500,1000' },
  },
});
const runs = Number(options.runs);
const sizes = options.sizes.split(',').map(Number);

const model = await readFile(options.model);
const films = JSON.parse(await readFile(options.films ?? join(dirname(options.model), 'films.json'), 'utf8'));
const ranker = await Ranker.load(model);
const peer = await Peer.load(model);
await takeInEvents();

const rows = [];
const agreement = [];
for (const n of sizes) {
  const list = candidates(films, n);
  agreement.push(await compare(list));
  const times = await interleave({
    runs,
    warmup: WARMUP,
    prepare: (i) => fresh(list, i),
    ours: (input) => ranker.rank(input, { budgetMs: null }),
    peer: (input) => peer.rank(input),
  });
  rows.push({
    case: 'rank_full', n, host: 'node', variant: 'simd128',
    ours: summary(times.ours), peer: summary(times.peer), ratio: ratio(times.ours, times.peer),
  });
}
const report = {
  peer: { name: 'onnxruntime-web', version: await peerVersion() },
  hosts: { node: process.versions.node },
  runs,
  rows,
  agreement,
  memory: [],
};
print(report);
if (options.json) await writeFile(options.json, JSON.stringify(report, null, 2) + '\n');

/** A short session: likes, a dislike and a dwell, spread over the catalogue. */
async function takeInEvents() {
  const list = candidates(films, Math.min(films.length, 300));
  const kinds = ['like', 'click', 'like', 'dislike', 'impression', 'like', 'skip', 'dwell'].filter((kind) => ranker.model.actions.includes(kind));
  for (const [i, type] of kinds.entries()) {
    const event = { type, item: list[(i * 37) % list.length], at: 1_700_000_000_000 + i * 1000, ...(type === 'dwell' && { value: 20 }) };
    ranker.observe(event);
    await peer.observe(event);
  }
}

/** The same list as new objects under new ids, so that nothing remembered of an earlier run helps. */
function fresh(list, run) {
  return list.map(({ id, title, tags, score, fields }) => ({ id: `${id}/${run}`, title, tags, score, fields }));
}

/** How far both agree on a list; ends the process if they do not. */
async function compare(list) {
  const [ours, theirs] = [ranker.rank(list, { budgetMs: null }), await peer.rank(list)];
  if (ours.tier !== 'full') throw new Error(`ranklet answered '${ours.tier}': ${ours.reason}`);
  let difference = 0;
  for (let i = 0; i < list.length; i += 1) {
    const d = Math.abs(ours.scores[i] - theirs.scores[i]);
    if (!(d <= difference)) difference = d; // NaN stays
  }
  if (!(difference <= TOLERANCE)) throw new Error(`scores of ${list.length} candidates differ by ${difference}, at most ${TOLERANCE}`);
  const same = ours.order.reduce((sum, position, place) => sum + (position === theirs.order[place]), 0);
  return { n: list.length, max_abs_diff: difference, same_places: same };
}

async function peerVersion() {
  return JSON.parse(await readFile(new URL('../node_modules/onnxruntime-web/package.json', import.meta.url), 'utf8')).version;
}

function print({ peer: { name, version }, hosts }) {
  const cells = (values) => values.map((value, i) => String(value)[i < 1 ? 'padEnd' : 'padStart']([14, 6, 12, 12, 12, 12, 9][i])).join('');
  const ms = (value) => value.toFixed(3);
  console.log(`\nrank() in Node ${hosts.node} beside ${name} ${version}, milliseconds, ${runs} interleaved runs\n`);
  console.log(cells(['case', 'n', 'ours', 'p99', 'peer', 'p99', 'ratio']));
  for (const r of rows) console.log(cells([r.case, r.n, ms(r.ours.median), ms(r.ours.p99), ms(r.peer.median), ms(r.peer.p99), r.ratio.toFixed(2)]));
  console.log('\nratio: median over pairs of ours / peer; below 1 ranklet is faster');
  for (const a of agreement) console.log(`n = ${a.n}: scores differ by at most ${a.max_abs_diff.toExponential(1)}; ${a.same_places} of ${a.n} places are the same`);
}
