// In: `./build.sh edge` with a few requests. Out: that it counts the right process, and writes what scripts read.
// What it finds is for people who run it: a test that judged a time would judge the machine.
// Must never assert how fast anything is.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { children, cpuMs } from '../bench/cpu.mjs';
import { ROOT, temporary } from '../support/package.mjs';
import { run } from '../support/run.mjs';

/** A child that computes for so many milliseconds of CPU, says what it has used, and waits to be asked again. */
const CHILD = `
const used = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1000; };
while (used() < Number(process.argv[1]));
const say = () => process.stdout.write(used() + '\\n');
process.stdin.on('data', say);
say();`;

function child(ms) {
  const own = spawn(process.execPath, ['-e', CHILD, String(ms)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const next = () => new Promise((done, failed) => {
    own.stdout.once('data', (line) => done(Number(line)));
    own.once('error', failed);
  });
  return { pid: own.pid, first: next(), again() { const answer = next(); own.stdin.write('?'); return answer; }, end: () => own.kill() };
}

test('CPU time read from outside is what the process itself has used, and no other\'s', async () => {
  const [busy, idle] = [child(600), child(0)];
  try {
    for (const one of [busy, idle]) {
      const said = await one.first;
      await busy.first; // the other computes meanwhile
      const [seen, later] = [cpuMs(one.pid), await one.again()];
      // A thread that ended takes its time along: a few milliseconds of Node's start.
      assert.ok(seen >= said - 30 && seen <= later + 1, `${said}, seen ${seen}, ${later}`);
    }
    assert.ok(cpuMs(busy.pid) - cpuMs(idle.pid) > 300, 'each has its own');
    const named = readFileSync(`/proc/${busy.pid}/comm`, 'utf8').trim();
    assert.ok([busy.pid, idle.pid].every((pid) => children(named).includes(pid)));
    assert.ok(!children(named).includes(process.pid));
  } finally {
    busy.end();
    idle.end();
  }
});

test('./build.sh edge writes CPU of a request and requests a second of both workers, beside one that passes through', async () => {
  const json = join(temporary('ranklet-edge-'), 'edge.json');
  const script = ['--requests', '3', '--sizes', '20,200', '--bursts', '2', '--burst', '6', '--concurrency', '2', '--json', json];
  const said = await run(process.execPath, [join(ROOT, 'tests/bench/edge.mjs'), ...script]);
  const { peer, hosts, runs, events, rows, bar } = JSON.parse(readFileSync(json, 'utf8'));
  assert.match(peer.version, /^workerd 1\./);
  assert.deepEqual([runs, events, typeof hosts.workerd], [3, 20, 'string']);
  const named = (kind) => rows.filter((row) => row.case === kind).map(({ n, variant }) => `${variant} ${n}`);
  assert.deepEqual(named('cpu_per_request'), ['worker.js 20', 'worker-cookie.js 20', 'worker.js 200', 'worker-cookie.js 200']);
  assert.deepEqual(named('requests_per_second'), ['worker.js 200', 'worker-cookie.js 200']);
  for (const { case: kind, ours, peer: other, ratio, tiers } of rows) {
    for (const value of [...Object.values(ours), ...Object.values(other), ratio]) assert.ok(Number.isFinite(value) && value > 0, `${kind} ${value}`);
    if (kind !== 'cpu_per_request') continue;
    assert.ok(ours.median <= ours.p95 && ours.p95 <= ours.p99);
    assert.equal(Object.values(tiers).reduce((a, b) => a + b), 3, 'what became of each request');
  }
  assert.deepEqual([bar.cpu_p95_ms, bar.n, typeof bar.reached, bar.met], [10, 200, 'number', bar.reached <= 10]);
  assert.match(said, /bar: p95 of 10 ms of CPU at 200 candidates/);
});

test('./build.sh edge refuses what is no number', async () => {
  for (const args of [['--requests', 'many'], ['--sizes', '200,0'], ['--burst=-1']]) {
    await assert.rejects(run(process.execPath, [join(ROOT, 'tests/bench/edge.mjs'), ...args]), /is no whole number above 0/);
  }
});
