// In: the JSON of `./build.sh bench --json FILE`. Out: the table of FIGURES.md, in place of the one there.
//
//   node tests/bench/figures.mjs FILE [FIGURES.md]
//
// Must never print a figure that is not in the file.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const [START, END] = ['<!-- bench: node tests/bench/figures.mjs FILE -->', '<!-- /bench -->'];
const NAMES = {
  rank_full: 'full `rank()`: objects to ordered list',
  rank_full_throttle4: 'full `rank()`, Chromium slowed down 4 times',
  rank_full_throttle20: 'full `rank()`, Chromium slowed down 20 times',
  rerank_event: 'again after an event, peer scores anew',
  rerank_event_cached: 'again after an event, peer caches stages',
  model_only: 'model alone',
  rules: 'ten rules, one of each kind and more',
  dense_f32_s: 'layers 64-128-64-1, f32',
  dense_f32_m: 'layers 128-256-128-64-1, f32',
  dense_int8_qdq_s: 'layers 64-128-64-1, int8 QDQ',
  dense_int8_qdq_m: 'layers 128-256-128-64-1, int8 QDQ',
  dense_int8_dyn_s: 'layers 64-128-64-1, dynamic int8',
  dense_int8_dyn_m: 'layers 128-256-128-64-1, dynamic int8',
  load_first_rank: 'load: bytes to first ranking',
  load_cached_module: 'load with a compiled module',
};
/** Of the cases that are measured at three sizes, the middle one is enough for people. */
const AT_500 = /^(dense|rerank_event_cached)/;

const [file, readme = fileURLToPath(new URL('FIGURES.md', import.meta.url))] = process.argv.slice(2);
const report = JSON.parse(readFileSync(file, 'utf8'));
const names = { node: 'Node', node22: 'Node', chromium: 'Chromium' };
const columns = ['node', 'chromium'];
const sides = (host) => (host === 'node22' ? 'node' : host);

const rows = new Map();
for (const row of report.rows) {
  if (!NAMES[row.case] || (AT_500.test(row.case) && row.n !== 500)) continue;
  const relaxed = row.variant === 'relaxed-simd';
  if (relaxed && row.simd !== 'relaxed-simd') continue; // no exact dot product there: the plain kernel ran
  const key = `${NAMES[row.case]}${relaxed ? ', relaxed-simd' : ''} | ${row.n.toLocaleString('en')}`;
  if (!rows.has(key)) rows.set(key, {});
  rows.get(key)[sides(row.host)] = row;
}
const ms = (value) => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));
const cell = (row) => {
  if (!row) return ' | ';
  const ours = `${ms(row.ours.median)} (${ms(row.ours.p99)})`;
  return row.peer ? `${ours} | ${row.ratio.toFixed(2)}` : `${ours} | `;
};
const hosts = Object.entries(report.hosts).map(([host, version]) => `${names[host]} ${version.split('.')[0]}`).join(', ');
const growth = report.growth.map(({ host, ratio }) => `${ratio.toFixed(2)} in ${names[host]}`).join(', ');
const memory = report.memory.map(({ host, bytes }) => `${(bytes / 2 ** 20).toFixed(1)} MiB in ${names[host]}`).join(', ');
const text = `${START}
Milliseconds (p99), and the median ratio to ${report.peer.name} ${report.peer.version} over ${report.runs} interleaved pairs; ${hosts}.

| what | candidates | ${columns.map((host) => `${names[host]} | ratio`).join(' | ')} |
|---|---|${columns.map(() => '---|---|').join('')}
${[...rows].map(([key, row]) => `| ${key} | ${columns.map((host) => cell(row[host])).join(' | ')} |`).join('\n')}

A candidate of 10,000 costs ${growth || 'what was not measured'} times one of 500. Linear memory after 1,000 candidates: ${memory || 'not measured'}.
${END}`;
const before = readFileSync(readme, 'utf8');
const [from, to] = [before.indexOf(START), before.indexOf(END)];
if (from < 0 || to < from) throw new Error(`${readme} has no ${START} … ${END}`);
writeFileSync(readme, before.slice(0, from) + text + before.slice(to + END.length));
