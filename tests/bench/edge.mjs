// Measures the edge template in real workerd beside a worker that passes the origin's list through: the CPU time
// of each request, read from outside, and requests a second. Run it through `./build.sh edge`.
// Each worker is a process of its own; they take turns, so that all see the same machine.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import { filmList, ofGenre } from '../support/films.mjs';
import { fire } from '../support/fire.mjs';
import { server } from '../support/server.mjs';
import { template, worker } from '../support/worker.mjs';
import { children, cpuMs } from './cpu.mjs';
import { median, quantile, ratio, round } from './statistics.mjs';

const HELP = `usage: ./build.sh edge [--json FILE] [--requests 300] [--sizes 100,200,500,1000] [--bursts 9] [--burst 300]
                     [--concurrency 16] [--events 20]

CPU milliseconds of a request (all of workerd: HTTP, profile, JSON, ranking; median, p95, p99) for lists of
--sizes candidates and a visitor with --events likes; then requests a second at 200 candidates, in --bursts
bursts of --burst requests. About two minutes on two cores. Linux only: it reads /proc.
`;
const { values: given } = parseArgs({
  options: {
    json: { type: 'string' }, requests: { type: 'string', default: '300' }, sizes: { type: 'string', default: '100,200,500,1000' },
    bursts: { type: 'string', default: '9' }, burst: { type: 'string', default: '300' }, concurrency: { type: 'string', default: '16' },
    events: { type: 'string', default: '20' }, help: { type: 'boolean' },
  },
});
if (given.help) {
  process.stdout.write(HELP);
  process.exit(0);
}
if (process.platform !== 'linux') throw new Error('CPU time is read from /proc: run this on Linux.');
const [requests, bursts, burst, concurrency, likes] = ['requests', 'bursts', 'burst', 'concurrency', 'events'].map((name) => positive(name, given[name]));
const sizes = given.sizes.split(',').map((size) => positive('sizes', size));

/** What the issue of plans with 10 ms of CPU a request asks for. */
const BAR = { cpu_p95_ms: 10, n: 200 };
/** Unmeasured turns before: compilers of the host are done by then. */
const WARM_UP = 40;

const PASS_THROUGH = `
export default {
  fetch(request, env) {
    const { pathname, search } = new URL(request.url);
    return fetch(new Request(new URL(pathname + search, env.ORIGIN), request));
  },
};`;
const WORKERS = {
  'pass-through': { source: PASS_THROUGH },
  'worker.js': { source: template('worker.js'), durableObjects: { PROFILE: { className: 'Profile', useSQLite: true } } },
  'worker-cookie.js': { source: template('worker-cookie.js') },
};
const PEER = 'pass-through';

const lists = new Map();
const listOf = (n) => {
  if (!lists.has(n)) lists.set(n, JSON.stringify({ items: filmList(n) }));
  return lists.get(n);
};
const origin = await server((request, response) => {
  response.writeHead(200, { 'content-type': 'application/json' }).end(listOf(Number(request.url.slice(1))));
});
const running = [];
try {
  for (const [name, options] of Object.entries(WORKERS)) running.push(await start(name, options));
  const report = {
    peer: { name: 'a worker that passes through', version: `workerd ${version('workerd')}` },
    hosts: { workerd: version('workerd') }, cpus: availableParallelism(), runs: requests, events: likes, rows: [],
  };
  for (const n of sizes) report.rows.push(...await cpuRows(n));
  report.rows.push(...await loadRows(BAR.n));
  const worst = report.rows.filter((row) => row.case === 'cpu_per_request' && row.n === BAR.n).map((row) => row.ours.p95);
  if (worst.length > 0) report.bar = { ...BAR, reached: Math.max(...worst), met: Math.max(...worst) <= BAR.cpu_p95_ms };
  print(report);
  if (given.json) await writeFile(given.json, JSON.stringify(report, null, 2) + '\n');
} finally {
  for (const { edge } of running) await edge.dispose();
  await origin.close();
}

function positive(name, text) {
  const value = Number(text);
  if (!(Number.isInteger(value) && value > 0)) throw new Error(`--${name}: '${text}' is no whole number above 0`);
  return value;
}

function version(name) {
  return createRequire(import.meta.url)(`${name}/package.json`).version;
}

/** A worker in a process of its own, past the development server's proxy, and its visitor. */
async function start(name, options) {
  const before = new Set(children('workerd'));
  const edge = await worker({
    ...options, bindings: { ORIGIN: origin.url, PROFILE_SECRET: 'a secret of more than 16 bytes' },
    unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }],
  });
  const [pid, ...more] = children('workerd').filter((id) => !before.has(id));
  assert.ok(pid && more.length === 0, 'one workerd process a worker');
  const url = String(await edge.unsafeGetDirectURL());
  let cookie = '';
  if (name !== PEER) {
    // The visitor is known before any event: a first answer gives the id, the events' answer the profile.
    for (const body of [[], events()]) {
      const answer = await fetch(new URL('/ranklet/feedback', url), { method: 'POST', headers: { cookie }, body: JSON.stringify({ events: body }) });
      const { accepted } = await answer.json();
      assert.equal(accepted, body.length, 'the profile holds every event');
      cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? cookie;
    }
  }
  return { name, edge, pid, url, cookie };
}

/** Likes of films that lists may hold. */
function events() {
  const liked = ofGenre(filmList(400), 'Drama').slice(0, likes);
  return liked.map((item, i) => ({ id: `like-${i}`, type: 'like', at: Date.now() - 60_000 * i, item }));
}

/** Asks one list; what became of it: the answer's own report, or that it passed through. */
async function ask({ name, url, cookie }, n) {
  const answer = await fetch(new URL(`/${n}`, url), { headers: cookie ? { cookie } : {} });
  const { items, ranklet } = await answer.json();
  assert.equal(items.length, n, `${name} loses no candidate`);
  if (name === PEER) return null;
  // On a busy machine the budget of the template may be over before the first block.
  if (!ranklet) assert.equal(answer.headers.get('x-ranklet'), 'passthrough; budget', name);
  return ranklet ?? { tier: 'passthrough' };
}

/** In turns; what a process does after its answer counts too, as it does up to its next turn. */
async function cpuRows(n) {
  const used = new Map(running.map(({ name }) => [name, []]));
  const seen = new Map(running.map(({ name }) => [name, []]));
  const marks = new Map();
  for (let i = -WARM_UP; i <= requests; i += 1) {
    for (let turn = 0; turn < running.length; turn += 1) {
      const one = running[(turn + i + WARM_UP) % running.length];
      const now = cpuMs(one.pid);
      if (i > 0) used.get(one.name).push(now - marks.get(one.name));
      marks.set(one.name, now);
      if (i === requests) continue;
      const outcome = await ask(one, n);
      if (i >= 0) seen.get(one.name).push(outcome);
    }
  }
  const peer = used.get(PEER);
  return running.filter(({ name }) => name !== PEER).map(({ name }) => {
    const tiers = {};
    for (const { tier } of seen.get(name)) tiers[tier] = (tiers[tier] ?? 0) + 1;
    // Sums: local workerd's clock counts whole milliseconds.
    const sum = (of) => seen.get(name).filter(({ ms }) => ms).reduce((total, ranklet) => total + of(ranklet), 0);
    const took = sum(({ ms }) => ms.score);
    const unitsPerMs = took > 0 ? round(sum(({ units }) => units.spent) / took) : null;
    return { case: 'cpu_per_request', n, host: 'workerd', variant: name, ours: spread(used.get(name)), peer: spread(peer), ratio: ratio(used.get(name), peer), tiers, units_per_ms: unitsPerMs };
  });
}

function spread(ms) {
  return { median: round(median(ms)), p95: round(quantile(ms, 0.95)), p99: round(quantile(ms, 0.99)), mean: round(ms.reduce((a, b) => a + b, 0) / ms.length) };
}

/** In bursts by turns. Client and origin share the machine: absolute rates are theirs too. */
async function loadRows(n) {
  const rates = new Map(running.map(({ name }) => [name, []]));
  for (let i = -1; i < bursts; i += 1) {
    for (const { name, url, cookie } of running) {
      const { seconds } = await fire(url, {
        requests: burst, concurrency,
        make: () => ({ path: `/${n}`, headers: cookie ? { cookie } : {} }),
        take: (at, { status, headers }) => {
          assert.equal(status, 200, `${name}: request ${at}`);
          assert.doesNotMatch(headers['x-ranklet'] ?? '', /fault/);
        },
      });
      if (i >= 0) rates.get(name).push(burst / seconds);
    }
  }
  const peer = rates.get(PEER);
  return running.filter(({ name }) => name !== PEER).map(({ name }) => ({
    case: 'requests_per_second', n, host: 'workerd', variant: name,
    ours: { median: round(median(rates.get(name))) }, peer: { median: round(median(peer)) }, ratio: ratio(rates.get(name), peer),
  }));
}

function print({ rows, bar, peer, cpus, events: known }) {
  const line = (cells, widths = [17, 6]) => console.log(cells.map((cell, i) => String(cell)[i === 0 ? 'padEnd' : 'padStart'](widths[i] ?? 11)).join(''));
  console.log(`${peer.version}, ${cpus} CPUs; a visitor with ${known} likes\n\nCPU milliseconds a request, all of workerd`);
  line(['', 'n', 'median', 'p95', 'p99', 'passing', 'ratio', 'tiers']);
  for (const { case: kind, n, variant, ours, peer: other, ratio: times, tiers } of rows) {
    if (kind === 'cpu_per_request') line([variant, n, ours.median, ours.p95, ours.p99, other.median, times, `  ${Object.entries(tiers).map((pair) => pair.join(' ')).join(', ')}`]);
  }
  console.log('\nrequests a second, client and origin on the same machine');
  line(['', 'n', 'median', 'passing', 'ratio']);
  for (const { case: kind, n, variant, ours, peer: other, ratio: times } of rows) {
    if (kind === 'requests_per_second') line([variant, n, ours.median, other.median, times]);
  }
  if (bar) console.log(`\nbar: p95 of ${bar.cpu_p95_ms} ms of CPU at ${bar.n} candidates: ${bar.reached} ms, ${bar.met ? 'met' : 'MISSED'}`);
}
