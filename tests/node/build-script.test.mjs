// build.sh installs or names all that a verb needs before any work starts, and is written for the bash and
// the tools that macOS ships. It runs here with stand-ins for every tool, which only say how they were called.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SCRIPTS = ['build.sh', '.ci/run', ...['pkg/build', 'tests/run'].flatMap((folder) =>
  readdirSync(join(ROOT, folder)).filter((name) => name.endsWith('.sh')).map((name) => `${folder}/${name}`))];

/** What the scripts take from the system, besides the tools that are stood in for. */
const SYSTEM = ['awk', 'basename', 'cat', 'cmp', 'cp', 'cut', 'dirname', 'env', 'find', 'grep', 'mkdir', 'rm', 'sed', 'sha256sum', 'sort', 'tail', 'tee', 'timeout', 'touch', 'tr', 'uname', 'wc'];
const bash = execFileSync('sh', ['-c', 'command -v bash'], { encoding: 'utf8' }).trim();

const folders = [];
after(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** A folder with the scripts, and a PATH of stand-ins without those that are `missing`. */
function machine(missing) {
  const root = mkdtempSync(join(tmpdir(), 'ranklet-build-'));
  folders.push(root);
  for (const script of SCRIPTS) cpSync(join(ROOT, script), join(root, script));
  for (const file of ['Cargo.toml', 'Cargo.lock', 'src/wasm/Cargo.toml', 'tests/package-lock.json']) {
    mkdirSync(join(root, file, '..'), { recursive: true });
    cpSync(join(ROOT, file), join(root, file));
  }
  const bin = join(root, 'bin');
  const rustlib = join(root, 'sysroot/lib/rustlib');
  mkdirSync(bin);
  for (const target of ['wasm32-unknown-unknown', 'wasm32-wasip1']) {
    if (!missing.includes(target)) mkdirSync(join(rustlib, target, 'lib'), { recursive: true });
  }
  for (const name of SYSTEM) {
    const path = spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).stdout.trim();
    if (path) symlinkSync(path, join(bin, name));
  }
  const answers = {
    rustc: `case "$*" in *sysroot*) echo '${join(root, 'sysroot')}' ;; *) echo 'rustc 1.95.0' ;; esac`,
    node: `case "$1" in -p) echo 20 ;; esac`,
    'wasm-bindgen': "echo 'wasm-bindgen 0.2.130'",
    'wasm-bindgen-test-runner': '',
    npm: `mkdir -p '${join(root, 'tests/node_modules')}'`,
    id: 'echo 1000',
    rustup: 'exit 1',
  };
  for (const name of ['cargo', 'chromium', 'firefox-esr', 'curl', 'shellcheck', ...Object.keys(answers)]) {
    if (missing.includes(name)) continue;
    const file = join(bin, name);
    writeFileSync(file, `#!${bash}\nprintf '%s\\n' "${name} $*" >>'${root}/calls'\n${answers[name] ?? ''}\n`);
    chmodSync(file, 0o755);
  }
  return { root, bin };
}

/** Runs build.sh there; gives its exit code, what it said, and which tools it called. */
function run(missing, ...args) {
  const { root, bin } = machine(missing);
  const { status, stdout, stderr } = spawnSync(bash, ['build.sh', ...args], { cwd: root, encoding: 'utf8', env: { PATH: bin, HOME: root } });
  const calls = existsSync(join(root, 'calls')) ? readFileSync(join(root, 'calls'), 'utf8').split('\n') : [];
  return { status, said: stdout + stderr, calls };
}

/** Calls that do a verb's work: compiling, measuring, testing, serving. */
const WORK = /^cargo (?!--version)|^node (tests|www|pkg)\//;
const MODULE = ['cargo', 'node', 'npm', 'wasm32-unknown-unknown'];
const NEEDS = {
  demo: MODULE, wasm: MODULE, npm: MODULE, size: MODULE, edge: MODULE,
  bench: [...MODULE, 'chromium'],
  train: ['cargo'], eval: ['cargo'], golden: ['cargo'], test: ['node'],
};
const NAMED = { cargo: 'cargo', node: 'node', npm: 'npm', chromium: 'Chromium', 'wasm32-unknown-unknown': 'wasm32-unknown-unknown' };

for (const [verb, needs] of Object.entries(NEEDS)) {
  for (const need of needs) {
    test(`${verb} without ${need} says so before any work, with its mend`, () => {
      const { status, said, calls } = run([need], verb);
      assert.notEqual(status, 0, said);
      assert.ok(said.includes(NAMED[need]) && said.includes('mend:'), said);
      assert.deepEqual(calls.filter((call) => WORK.test(call)), [], 'work was done');
    });
  }
}

test('every verb of the usage has a row here, and one in needs.sh', () => {
  const usage = readFileSync(join(ROOT, 'build.sh'), 'utf8').match(/<<'USAGE'\n(.*?)\nUSAGE/s)[1];
  const verbs = [...usage.matchAll(/^ {2}([a-z]+) /gm)].map((match) => match[1]);
  assert.deepEqual([...new Set(verbs)].sort(), [...Object.keys(NEEDS), 'clean'].sort());
  for (const verb of verbs) assert.equal(run([], verb, '--no-such-argument').said.includes('has no row'), false, verb);
});

for (const [suite, missing, named] of [['browser', 'firefox-esr', 'Firefox'], ['native', 'shellcheck', 'shellcheck'], ['edge', 'wasm32-wasip1', 'wasm32-wasip1']]) {
  test(`the suite ${suite} without ${missing} names it first, and does not run`, () => {
    const { said, calls } = run([missing], 'test', suite);
    assert.ok(said.indexOf(named) >= 0 && said.indexOf(named) < said.indexOf(`suite: ${suite}`), said);
    assert.deepEqual(calls.filter((call) => /^cargo |--test-concurrency/.test(call)), []);
  });
}

/** What bash 3.2 or the tools of macOS do not have. */
const FOREIGN = [
  ['mapfile and readarray', /\b(mapfile|readarray)\b/],
  ['associative arrays', /\bdeclare -A\b/],
  ['case conversion', /\$\{\w+(,,|\^\^)/],
  ['sed -i', /\bsed -i\b/],
  ['find -printf', /-printf\b/],
  ['readlink -f', /\breadlink -f\b/],
  ['|& and &>>', /\|&|&>>/],
  ['negative indices', /\$\{\w+\[-\d/],
  ['timeout outside of `limit`', /(^|[;&|]\s*|then )timeout /],
];
const foreign = (text) => text.split('\n').filter((line) => !/^\s*#/.test(line))
  .flatMap((line) => FOREIGN.filter(([, pattern]) => pattern.test(line)).map(([name]) => `${name}: ${line.trim()}`))
  .filter((found) => !found.includes('command -v timeout'));

test('the scripts hold to bash 3.2 and to what macOS ships', () => {
  for (const script of SCRIPTS) assert.deepEqual(foreign(readFileSync(join(ROOT, script), 'utf8')), [], script);
});

test('the test before finds each of what it looks for', () => {
  const bad = ['mapfile -t a <b', 'declare -A a', 'echo ${a,,}', "sed -i 's/a/b/' c", 'find . -printf x', 'readlink -f a', 'a |& b', 'echo ${a[-1]}', 'timeout 5 a'];
  for (const [index, line] of bad.entries()) assert.ok(foreign(line)[0]?.startsWith(FOREIGN[index][0]), line);
});

test('an array that may be empty is never expanded bare', () => {
  const text = SCRIPTS.map((script) => readFileSync(join(ROOT, script), 'utf8')).join('\n');
  const empty = [...text.matchAll(/\b(\w+)=\(\)/g)].map((match) => match[1]);
  for (const name of empty) {
    const bare = new RegExp(`(?<!\\+)"\\$\\{${name}\\[@\\]\\}"`, 'g');
    const filled = new RegExp(`\\(\\(\\$\\{#${name}\\[@\\]\\}\\)\\) \\|\\||${name}=\\([^)\\n]+\\)`);
    assert.ok(!bare.test(text) || filled.test(text), `${name} is expanded under set -u and may be empty`);
  }
});
