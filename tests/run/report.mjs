// Counts what the suites left in a folder (SUITE.log, SUITE.exit, SUITE.tap), prints a table for
// people that ends with `N passed, N failed`, and writes the same as JSON.
//
//   node report.mjs FOLDER [--json FILE] SUITE ...
//
// Exits 1 if a test failed, a suite ran no test, or a suite's command failed for any other reason
// (each of which counts as one failure). Skipped tests count as failed when CI=true.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

/** Runtimes whose tests are named `RUNTIME: what it shows`, in the order in which they are printed. */
const RUNTIMES = ['node20', 'node22', 'deno', 'bun', 'workerd', 'edge-runtime', 'chromium', 'firefox'];

/** Bundlers, likewise: `BUNDLER: what it shows`. */
const BUNDLERS = ['vite', 'webpack', 'esbuild', 'rollup', 'next'];

/** Minutes that suites may take in CI, from a clean clone on a quiet machine. Said, not enforced: machines differ. */
const BUDGET = [
  { suites: ['native'], minutes: 12 },
  { suites: ['wasm'], minutes: 4 },
  { suites: ['node', 'edge', 'browser'], minutes: 9 },
  { suites: ['packaging'], minutes: 8 },
  { suites: ['python'], minutes: 4 },
  { suites: ['fuzz'], minutes: 3 },
];

const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);
const count = () => ({ passed: 0, failed: 0, skipped: 0 });

/** Cargo's and wasm-bindgen-test-runner's `test result:` lines, and the `check NAME: ok` lines of build.sh. */
function countCargo(log) {
  const total = count();
  for (const line of stripVTControlCharacters(log).split('\n')) {
    const result = line.match(/^test result: \S+ (\d+) passed; (\d+) failed; (\d+) ignored/);
    const check = line.match(/^check \S+: (ok|FAILED)$/);
    if (result) {
      total.passed += Number(result[1]);
      total.failed += Number(result[2]);
      total.skipped += Number(result[3]);
    } else if (check) total[check[1] === 'ok' ? 'passed' : 'failed'] += 1;
  }
  return total;
}

/** The summary comments at the end of node's TAP; a test that was cancelled has failed, one to do was skipped. */
function countTap(tap) {
  const of = (key) => Number(tap.match(new RegExp(`^# ${key} (\\d+)$`, 'm'))?.[1] ?? 0);
  return { passed: of('pass'), failed: of('fail') + of('cancelled'), skipped: of('skipped') + of('todo') };
}

/** Names of the tests that passed: TAP's `ok 1 - name` at any depth, cargo's `test name ... ok`. */
function passedNames(text) {
  const names = [];
  for (const line of stripVTControlCharacters(text).split('\n')) {
    const tap = line.match(/^\s*ok \d+ - (.*?)(\s+#.*)?$/);
    const cargo = line.match(/^test (\S+) ?\.\.\. ok$/);
    if (tap && !/# (SKIP|TODO)/i.test(tap[2] ?? '')) names.push(tap[1]);
    else if (cargo) names.push(cargo[1]);
  }
  return names;
}

/** Passed tests of each runtime or bundler: those named `RUNTIME: …`. */
function countNamed(kinds, names) {
  return Object.fromEntries(kinds.map((r) => [r, names.filter((name) => name.startsWith(`${r}: `)).length]));
}

/**
 * Hostile cases after which the instance still ranked: tests with `hostile` in their name, or where one
 * test runs a table of them, the number in what it printed: `hostile models: 15`. Suites repeat each
 * other's cases on other hosts, so the largest counts.
 */
function countHostile(suites) {
  const largest = (kind, named) => Math.max(0, ...suites.flatMap(({ texts, names }) => [
    names.filter(named).length,
    ...texts.flatMap((text) => [...stripVTControlCharacters(text).matchAll(new RegExp(`hostile ${kind}: (\\d+)`, 'g'))].map((match) => Number(match[1]))),
  ]));
  const ofModel = (name) => /hostile\W?model/.test(name) || /^model::.*hostile/.test(name);
  return {
    models: largest('models', ofModel),
    objects: largest('objects', (name) => /hostile/.test(name) && !name.includes('::') && !ofModel(name)),
  };
}

/**
 * Laws that held, by the line that each prints: `law: NAME: 10000 cases`. Suites repeat each other's laws
 * on other hosts, some with a sample of the cases: the largest counts.
 */
function countLaws(texts) {
  const laws = new Map();
  for (const [, name, cases] of texts.flatMap((text) => [...stripVTControlCharacters(text).matchAll(/law: (.+?): (\d+) cases/g)])) {
    laws.set(name, Math.max(Number(cases), laws.get(name) ?? 0));
  }
  return [...laws].map(([name, cases]) => ({ name, cases })).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Requests whose order was the golden one, by the lines `golden orders on HOST: 200`. */
function countGolden(texts) {
  const hosts = {};
  for (const [, host, count] of texts.flatMap((text) => [...stripVTControlCharacters(text).matchAll(/golden orders on (\w+): (\d+)/g)])) {
    hosts[host] = Math.max(Number(count), hosts[host] ?? 0);
  }
  return { requests: Math.max(0, ...Object.values(hosts)), hosts };
}

function readSuite(folder, name, strict) {
  const read = (suffix) => (existsSync(join(folder, name + suffix)) ? readFileSync(join(folder, name + suffix), 'utf8') : '');
  const [log, tap] = [read('.log'), read('.tap')];
  const [exit, seconds] = read('.exit').split(' ').map(Number);
  const total = tap ? countTap(tap) : countCargo(log);
  const notes = [];
  if (strict && total.skipped > 0) {
    notes.push(`${total.skipped} skipped, which CI counts as failed`);
    total.failed += total.skipped;
  }
  if (total.passed + total.failed === 0) {
    notes.push('ran no test');
    total.failed += 1;
  } else if (exit !== 0 && total.failed === 0) {
    notes.push(`ended with exit code ${exit} although no test failed`);
    total.failed += 1;
  }
  return { name, ...total, seconds: seconds || 0, notes, texts: [log, tap], names: passedNames(tap || log) };
}

/** What the suites that ran took beside their budget, a line a group; the sum, where all of a group ran. */
function timeNotes(suites) {
  const ran = (name) => suites.find((suite) => suite.name === name);
  const line = (label, seconds, minutes) => {
    const over = seconds > minutes * 60 ? '  above it' : '';
    return `${label.padEnd(24)}${(seconds / 60).toFixed(1).padStart(5)} of ${String(minutes).padStart(2)} minutes${over}`;
  };
  const groups = BUDGET.filter((group) => group.suites.some(ran));
  const lines = groups.map((group) => line(group.suites.filter(ran).join(', '), sum(group.suites.map((name) => ran(name)?.seconds ?? 0)), group.minutes));
  if (groups.length > 1) lines.push(line('together', sum(suites.map((s) => s.seconds)), sum(groups.map(({ minutes }) => minutes))));
  return ['time, beside the budget from a clean clone on a quiet machine:', ...lines];
}

function main(argv) {
  const json = argv.includes('--json') ? argv.splice(argv.indexOf('--json'), 2)[1] : null;
  const [folder, ...names] = argv;
  const suites = names.map((name) => readSuite(folder, name, process.env.CI === 'true'));
  const passed = sum(suites.map((s) => s.passed));
  const failed = sum(suites.map((s) => s.failed));

  if (json) {
    // The suites whose tests install the packed tarball.
    const installed = suites.filter((s) => ['packaging', 'edge', 'browser'].includes(s.name)).flatMap((s) => s.names);
    const report = {
      passed,
      failed,
      seconds: sum(suites.map((s) => s.seconds)),
      suites: suites.map(({ name, passed, failed, skipped, seconds }) => ({ name, passed, failed, skipped, seconds })),
      laws: countLaws(suites.flatMap((s) => s.texts)),
      golden: countGolden(suites.flatMap((s) => s.texts)),
      runtimes: countNamed(RUNTIMES, installed),
      bundlers: countNamed(BUNDLERS, installed),
      hostile: countHostile(suites),
    };
    writeFileSync(json, JSON.stringify(report, null, 2) + '\n');
  }

  console.log(`\n${'suite'.padEnd(12)}${'passed'.padStart(8)}${'failed'.padStart(8)}${'skipped'.padStart(9)}${'seconds'.padStart(9)}`);
  for (const s of suites) {
    const row = s.name.padEnd(12) + [[s.passed, 8], [s.failed, 8], [s.skipped, 9], [s.seconds, 9]].map(([n, w]) => String(n).padStart(w)).join('');
    console.log(row + s.notes.map((note) => `  ${note}`).join(''));
  }
  console.log(`\n${timeNotes(suites).join('\n')}`);
  console.log(`\n${passed} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
}

main(process.argv.slice(2));
