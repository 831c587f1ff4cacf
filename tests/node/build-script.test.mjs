// In: build.sh and what it sources. Out: statements: all that a verb needs is installed or named before its work
// starts, what fails is not passed over, and the scripts hold to the bash and the tools that macOS ships.
// They run on a made-up machine: a PATH of stand-ins that write down how they were called.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const within = (folder, end) => readdirSync(join(ROOT, folder)).filter((name) => name.endsWith(end)).map((name) => `${folder}/${name}`);
const SCRIPTS = ['build.sh', '.ci/run', ...within('pkg/build', '.sh'), ...within('tests/run', '.sh')];
const read = (path) => readFileSync(join(ROOT, path), 'utf8');
const where = (program) => spawnSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).stdout.trim();
const bash = where('bash');

const folders = [];
after(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** What the scripts take from any system, besides the stand-ins. */
const SYSTEM = ['awk', 'basename', 'bash', 'cat', 'cmp', 'cp', 'cut', 'dirname', 'env', 'find', 'grep', 'mkdir', 'rm', 'sed', 'sha256sum', 'shasum', 'sort', 'tail', 'tee', 'timeout', 'touch', 'wc'];

/** What each need is taken away by, and how it is named when it is missing. */
const NEEDS = {
  cargo: 'cargo is not on PATH', node: 'node is not on PATH', npm: 'npm is not on PATH',
  git: 'no git', curl: 'no curl', linker: 'no C linker', shellcheck: 'no shellcheck', chromium: 'no Chromium', firefox: 'no Firefox',
  rust_tools: 'cargo fmt or cargo clippy is missing', wasm_target: 'wasm32-unknown-unknown', wasi_target: 'wasm32-wasip1',
  npm_tools: 'the npm tools of tests/', wasm_bindgen: 'wasm-bindgen-cli',
};
/** Of which program a need is, where its name is another. */
const PROGRAMS = { linker: 'cc', firefox: 'firefox-esr' };

/** Installs, or asks whether a thing is there. All else that cargo and node do is a verb's work. */
const INSTALL = /^(apt-get install|rustup (target|component) add|npm ci|cargo install wasm-bindgen-cli)/;
const WORK = /^cargo (?!install wasm-bindgen-cli|.*--version$)|^node (?!-p |tests\/run\/)|^npm pack/;

/**
 * A machine with stand-ins. `missing` are needs; `fresh` says that apt-get, rustup, npm and cargo install them,
 * else whatever is asked of those fails. `broken` is the start of a call that fails.
 */
function machine({ missing = [], fresh = false, broken = 'nothing' } = {}) {
  const root = mkdtempSync(join(tmpdir(), 'ranklet-build-'));
  folders.push(root);
  for (const file of [...SCRIPTS, ...within('tests/run', '.mjs'), 'Cargo.toml', 'Cargo.lock', 'src/wasm/Cargo.toml', 'tests/package-lock.json', 'pkg/package.json']) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    cpSync(join(ROOT, file), join(root, file));
  }
  for (const file of ['pkg/build/strip.mjs', 'src/core/x', 'src/stubs/x', 'tests/node/x.test.mjs', 'tests/packaging/x.test.mjs', 'tests/edge/x.test.mjs', 'tests/browser/x.test.mjs']) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), '');
  }
  const bin = join(root, 'bin');
  const rustlib = join(root, 'sysroot/lib/rustlib');
  mkdirSync(bin);
  for (const name of SYSTEM) if (where(name)) symlinkSync(where(name), join(bin, name));
  // One script under many names. What it must have left behind, it leaves behind.
  const put = (file, text) => {
    writeFileSync(file, `#!${bash}\n${text}`);
    chmodSync(file, 0o755);
  };
  put(join(root, 'stand-in'), `
name=\${0##*/}
printf '%s\\n' "$name $*" >>'${root}/calls'
[[ "$name $*" != '${broken}'* ]] || exit 1
installs() { ${fresh ? 'true' : 'exit 1'}; }
add() { cp '${root}/stand-in' "${bin}/$1"; }
after() { # the argument after the one named
  local flag=$1 argument
  shift
  for argument in "$@"; do
    if [[ $flag == found ]]; then printf '%s' "$argument"; return; fi
    [[ $argument != "$flag" ]] || flag=found
  done
}
case "$name $*" in
  'id '*) echo ${fresh ? 0 : 1000} ;;
  'apt-get install '*) installs
    for package in "$@"; do
      case $package in build-essential) add cc ;; [a-z]*) add "$package" ;; esac
    done ;;
  'rustup target add '*) installs; mkdir -p "${rustlib}/$3/lib" ;;
  'rustup component add '*) installs; : >'${root}/rust_tools' ;;
  'rustc --print sysroot') echo '${root}/sysroot' ;;
  'rustc '*) echo 'rustc 1.95.0 (x)' ;;
  'cargo fmt --version' | 'cargo clippy --version') [[ -f '${root}/rust_tools' ]] ;;
  'cargo install wasm-bindgen-cli '*) installs
    mkdir -p target/tools/bin
    cp '${root}/stand-in' target/tools/bin/wasm-bindgen
    cp '${root}/stand-in' target/tools/bin/wasm-bindgen-test-runner ;;
  'cargo '*) ;;
  'wasm-bindgen --version') echo "wasm-bindgen $(sed -n 's/^wasm-bindgen = .*"=\\([0-9.]*\\)".*/\\1/p' src/wasm/Cargo.toml)" ;;
  'wasm-bindgen '*) out=$(after --out-dir "$@"); mkdir -p "$out"; : >"$out/ranklet.js"; : >"$out/ranklet_bg.wasm" ;;
  'npm ci '*) installs; mkdir -p tests/node_modules; : >tests/node_modules/.package-lock.json ;;
  'node -p '*) echo 20.9.0 ;;
  'node tests/run/'*) exec '${process.execPath}' "$@" ;;
  'node '*) out=$(after -o "$@"); [[ -z $out ]] || : >"$out" ;;
esac
`);
  const there = (need) => !missing.includes(need);
  const always = ['rustc', 'id', 'rustup', ...(fresh ? ['apt-get'] : [])];
  const programs = ['cargo', 'node', 'npm', 'git', 'curl', 'linker', 'shellcheck', 'chromium', 'firefox'].filter(there).map((need) => PROGRAMS[need] ?? need);
  const bindgen = there('wasm_bindgen') ? ['wasm-bindgen', 'wasm-bindgen-test-runner'] : [];
  for (const name of [...always, ...programs, ...bindgen]) cpSync(join(root, 'stand-in'), join(bin, name));
  if (there('rust_tools')) writeFileSync(join(root, 'rust_tools'), '');
  if (there('wasm_target')) mkdirSync(join(rustlib, 'wasm32-unknown-unknown/lib'), { recursive: true });
  if (there('wasi_target')) mkdirSync(join(rustlib, 'wasm32-wasip1/lib'), { recursive: true });
  if (there('npm_tools')) {
    mkdirSync(join(root, 'tests/node_modules'));
    writeFileSync(join(root, 'tests/node_modules/.package-lock.json'), '');
  }
  return { root, bin };
}

/** Runs build.sh on such a machine: its exit code, what it printed, which tools it called, and its folder. */
function run(options, ...args) {
  const { root, bin } = machine(options);
  // Debian's compiler, which this machine may have, is a second way to the wasm target.
  const env = { PATH: bin, HOME: root, RANKLET_TOOLCHAIN: 'rustup' };
  const { status, stdout, stderr } = spawnSync(bash, ['build.sh', ...args], { cwd: root, encoding: 'utf8', env });
  const calls = existsSync(join(root, 'calls')) ? readFileSync(join(root, 'calls'), 'utf8').trim().split('\n') : [];
  return { status, said: stdout + stderr, stdout, calls, root };
}

const works = (calls) => calls.filter((call) => WORK.test(call));
const usage = read('build.sh').match(/<<'USAGE'\n(.*?)\nUSAGE/s)[1];
const VERBS = [...new Set([...usage.matchAll(/^ {2}([a-z]+) /gm)].map((match) => match[1]))];
const SUITES = read('build.sh').match(/^SUITES=\((.*)\)$/m)[1].split(' ');
const ENTRIES = [...read('tests/run/all.sh').matchAll(/^ {2}"(\w+): /gm)].map((match) => match[1]);

/** The rows of the table in needs.sh, as bash reads them. */
function rows(...names) {
  const script = '. pkg/build/say.sh; . pkg/build/needs.sh; for name in "$@"; do echo $(needs_in_order "$name"); done';
  const lines = execFileSync(bash, ['-euc', script, 'bash', ...names], { cwd: ROOT, encoding: 'utf8' }).split('\n');
  return Object.fromEntries(names.map((name, index) => [name, lines[index].split(' ').filter(Boolean)]));
}
const ROWS = rows(...VERBS, ...SUITES.map((suite) => `test_${suite}`), ...ENTRIES.map((entry) => `all_${entry}`));

test('every verb, every suite and every entry of `test --all` has its row of needs', () => {
  assert.ok(VERBS.length > 9 && SUITES.length > 5 && ENTRIES.length > 3);
  for (const [name, needs] of Object.entries(ROWS)) {
    if (name !== 'clean') assert.ok(needs.length > 0, name);
    for (const need of needs) assert.ok(need in NEEDS || need === 'build_std', `${name}: ${need} is not tested here`);
  }
  // None has lost what is known to be needed.
  const module = ['cargo', 'linker', 'node', 'npm', 'wasm_target', 'npm_tools', 'wasm_bindgen'];
  for (const verb of ['demo', 'wasm', 'npm', 'size', 'bench', 'edge', 'test_node', 'test_packaging', 'test_edge', 'test_browser']) {
    assert.deepEqual(module.filter((need) => !ROWS[verb].includes(need)), [], verb);
  }
  assert.ok(ROWS.bench.includes('chromium') && ROWS.test_native.includes('shellcheck'));
});

/** All modules of this repository that a file imports, itself included. */
function closure(file, found = new Set()) {
  if (found.has(file) || !existsSync(file)) return found;
  found.add(file);
  for (const [, path] of readFileSync(file, 'utf8').matchAll(/from '(\.[^']+)'/g)) closure(join(dirname(file), path), found);
  return found;
}

test('what a suite or bench starts is in its row: browsers, git, curl', () => {
  const starts = { chromium: /support\/browser\.mjs$/, firefox: /support\/firefox\.mjs$/, git: /support\/blocks\.mjs$/ };
  // It takes one function of tests/support/app.mjs, which can open Chromium as well.
  const imported = { test_edge: 'chromium' };
  const files = Object.fromEntries(SUITES.filter((suite) => existsSync(join(ROOT, 'tests', suite))).map((suite) => [`test_${suite}`, within(`tests/${suite}`, '.test.mjs')]));
  files.bench = ['tests/bench/bench.mjs'];
  files.edge = ['tests/bench/edge.mjs'];
  files.size = ['tests/bench/size.mjs'];
  for (const [name, own] of Object.entries(files)) {
    assert.ok(own.length > 0, name);
    const modules = own.flatMap((file) => [...closure(join(ROOT, file))]);
    for (const [need, pattern] of Object.entries(starts)) {
      if (imported[name] !== need && modules.some((file) => pattern.test(file))) assert.ok(ROWS[name].includes(need), `${name} starts ${need}`);
    }
  }
  // The walk through this page is a test of the packaging suite.
  if (/\bcurl\b/.test(read('www/start/README.md'))) assert.ok(ROWS.test_packaging.includes('curl'));
});

for (const verb of VERBS.filter((name) => name !== 'test')) {
  for (const need of ROWS[verb]) {
    test(`${verb} without ${need} names it with its mend, and does no work`, () => {
      const { status, said, calls } = run({ missing: [need] }, verb);
      assert.notEqual(status, 0, said);
      assert.ok(said.includes(NEEDS[need]) && said.includes('mend:'), said);
      assert.deepEqual(works(calls), []);
    });
  }
}

for (const need of Object.keys(NEEDS).filter((name) => name !== 'node')) {
  test(`the suites that need ${need} fail without it, named before the first suite; the others run`, () => {
    const { status, said, root } = run({ missing: [need] }, 'test');
    assert.notEqual(status, 0);
    const first = said.indexOf('suite: ');
    assert.ok(said.includes(NEEDS[need]) && said.indexOf(NEEDS[need]) < first && said.indexOf('mend:') < first, said);
    for (const suite of SUITES) {
      const log = readFileSync(join(root, `target/test/${suite}.log`), 'utf8');
      assert.equal(log.includes(`the suite ${suite} needs ${need}, which is missing`), ROWS[`test_${suite}`].includes(need), `${suite}: ${log}`);
    }
  });
}

test('without node no suite starts', () => {
  const { status, said, calls } = run({ missing: ['node'] }, 'test', 'native');
  assert.ok(status !== 0 && said.includes(NEEDS.node) && said.includes('mend:'), said);
  assert.deepEqual(works(calls), []);
});

test('what is too old is named with its mend', () => {
  const { root, bin } = machine();
  for (const [program, version, sentence] of [['rustc', 'rustc 1.90.0 (x)', 'Rust 1.90.0 is too old'], ['node', '18.20.1', 'Node 18.20.1 is too old']]) {
    writeFileSync(join(bin, program), `#!${bash}\necho '${version}'\n`);
    const { status, stderr } = spawnSync(bash, ['build.sh', program === 'node' ? 'test' : 'train'], { cwd: root, encoding: 'utf8', env: { PATH: bin, HOME: root } });
    assert.ok(status !== 0 && stderr.includes(sentence) && stderr.includes('mend:'), stderr);
  }
});

/** What a fresh machine has: cargo and Node as their sites install them, and apt-get as root. */
const FRESH = { fresh: true, missing: Object.keys(NEEDS).filter((need) => !['cargo', 'node', 'npm'].includes(need)) };

for (const args of [...VERBS.filter((name) => name !== 'clean').map((verb) => [verb]), ...SUITES.map((suite) => ['test', suite])]) {
  test(`on a fresh machine ./build.sh ${args.join(' ')} installs all it needs, then works`, () => {
    const { calls, said, status } = run(FRESH, ...args);
    if (args[0] !== 'test') assert.equal(status, 0, said); // stand-ins run no test, which is a failure
    assert.ok(!said.includes('mend:'), said);
    const kinds = calls.map((call) => (INSTALL.test(call) ? 'install' : WORK.test(call) ? 'work' : '')).filter(Boolean);
    assert.ok(kinds.includes('work'), said);
    assert.ok(kinds.lastIndexOf('install') < kinds.indexOf('work'), calls.join('\n'));
    // What can only be named comes before what takes minutes to install.
    assert.ok(calls.findLastIndex((call) => call.startsWith('apt-get install')) < (calls.findIndex((call) => call.startsWith('cargo install wasm-bindgen-cli')) + 1 || Infinity));
  });
}

for (const [suite, broken] of [['edge', 'cargo build'], ['browser', 'cargo rustc'], ['packaging', 'cargo test'], ['node', 'wasm-bindgen target']]) {
  test(`the suite ${suite} fails where "${broken}" does, and goes no further`, () => {
    const { status, calls, root } = run({ broken }, 'test', suite);
    assert.notEqual(status, 0);
    assert.match(readFileSync(join(root, `target/test/${suite}.exit`), 'utf8'), /^[1-9]/);
    assert.deepEqual(calls.filter((call) => call.startsWith('node --test')), []);
  });
}

test('the report says how long suites took beside their budget, and counts nothing as failed for it', () => {
  const { stdout } = run({}, 'test', 'native', 'wasm');
  assert.match(stdout, /native +0\.0 of 12 minutes\nwasm +0\.0 of +4 minutes\ntogether +0\.0 of 16 minutes/);
  assert.match(stdout, /\d+ passed, \d+ failed\n$/);
});

test('`test --all NAME` runs that entry alone and writes what became of it; what is no entry is refused', () => {
  const { status, said, calls, root } = run({}, 'test', '--all', 'blocks');
  assert.equal(status, 0, said);
  assert.deepEqual(calls.filter((call) => call.startsWith('node --test')), []);
  const all = JSON.parse(readFileSync(join(root, 'tests/all.json'), 'utf8'));
  assert.equal(all.versions.ranklet, JSON.parse(read('pkg/package.json')).version);
  assert.deepEqual(Object.keys(all.versions), ['ranklet', 'rustc', 'node', 'chromium']);
  assert.deepEqual(all.entries.map(({ name, passed, failed }) => [name, passed, failed]), [['blocks', 1, 0]]);

  const broken = run({ broken: 'cargo run' }, 'test', '--all', 'simulate');
  assert.notEqual(broken.status, 0);
  assert.deepEqual(JSON.parse(readFileSync(join(broken.root, 'tests/all.json'), 'utf8')).entries.map(({ passed, failed }) => [passed, failed]), [[0, 1]]);

  const refused = run({}, 'test', '--all', 'nothing');
  assert.ok(refused.status !== 0 && refused.said.includes("no entry 'nothing'"), refused.said);
  assert.equal(existsSync(join(refused.root, 'tests/all.json')), false);
});

/** What bash 3.2 or the tools of macOS do not have, each with an example. */
const FOREIGN = [
  ['mapfile, readarray', /\b(mapfile|readarray)\b/, 'mapfile -t a <b'],
  ['associative arrays, references', /\b(declare|local|typeset) -[a-zA-Z]*[Anlug]/, 'local -n a=b'],
  ['conversion of case, @ operators', /\$\{\w+(\[@\])?(,|\^|@[A-Za-z])/, 'echo ${a,,}'],
  ['negative indices', /\$\{\w+\[-\d/, 'echo ${a[-1]}'],
  ['|& and &>>', /\|&|&>>/, 'a |& b'],
  [';& in case', /;;?&/, 'case a in a) b ;;& esac'],
  ['[[ -v ]]', /\[\[ (! )?-v /, '[[ -v a ]]'],
  ['wait -n, coproc, globstar', /\bwait -n\b|\bcoproc\b|\bglobstar\b/, 'wait -n'],
  ['EPOCHSECONDS, BASHPID, printf %()T', /\bEPOCH(REAL)?SECONDS\b|\bBASHPID\b|%\([^)]*\)T/, 'echo $EPOCHSECONDS'],
  ['exec {name}>', /\{\w+\}[<>]/, 'exec {fd}>a'],
  ['sed -i, sed -r', /\bsed (-\w+ )*-\w*[ir]/, "sed -i 's/a/b/' c"],
  ['find -printf', /-printf\b|-regextype\b/, 'find . -printf x'],
  ['readlink -f, realpath, nproc, tac', /\breadlink -|\brealpath\b|\bnproc\b|\btac\b/, 'readlink -f a'],
  ['grep -P, sort -V, xargs -r', /\bgrep -\w*P|\bsort -\w*V|\bxargs (-\w+ )*-\w*[rd]/, 'grep -oP a b'],
  ['stat -c, date -d, cp --parents', /\bstat -\w*c|\bdate -\w*d|\bcp --/, 'stat -c %s a'],
  ['head -n -1, du -b, base64 -w', /\bhead -n -|\bdu -\w*b|\bbase64 -w/, 'head -n -1 a'],
  ['timeout outside of `limit`', /(^|[;&|(]\s*|\b(then|do|else|exec|!) )timeout\b/, 'timeout 5 a'],
];
/** Lines of code, without comments. */
const code = (text) => text.split('\n').map((line) => line.replace(/(^|\s)#.*/, '')).filter(Boolean);
const foreign = (text) => code(text).flatMap((line) => FOREIGN.filter(([, pattern]) => pattern.test(line)).map(([name]) => `${name}: ${line.trim()}`));
/** `limit` itself, which asks whether there is a timeout. */
const LIMIT = '  if command -v timeout >/dev/null; then timeout "$@"; else shift; "$@"; fi';

test('the scripts hold to bash 3.2 and to what macOS ships', () => {
  assert.ok(read('pkg/build/say.sh').includes(LIMIT));
  for (const script of SCRIPTS) assert.deepEqual(foreign(read(script).replace(LIMIT, '')), [], script);
});

test('the test before finds each of what it looks for, and no more', () => {
  for (const [name, , example] of FOREIGN) assert.deepEqual(foreign(example), [`${name}: ${example}`]);
});

/** Arrays that are expanded in a way in which bash 3.2 takes an empty one for an unset one. */
function bareExpansions(text) {
  const lines = code(text);
  const assigned = new Map();
  for (const line of lines) for (const [, name, value] of line.matchAll(/\b(\w+)\+?=\(\s*(\)?)/g)) assigned.set(name, (assigned.get(name) ?? false) || value === ')');
  const named = lines.flatMap((line) => [...line.replaceAll(/\$\{(\w+)\[@\]\+"\$\{\1\[@\]\}"\}/g, '').matchAll(/\$\{(\w+)\[[@*]\]\}/g)].map((match) => match[1]));
  // One that is declared without a value is empty too.
  const declared = new Set(lines.flatMap((line) => [...line.matchAll(/\b(?:local|declare) -a (\w+)/g)].map((match) => match[1])));
  return named.filter((name) => assigned.get(name) || declared.has(name));
}

test('an array that may be empty is expanded as `${a[@]+"${a[@]}"}`', () => {
  assert.deepEqual(bareExpansions(SCRIPTS.map(read).join('\n')), []);
  assert.deepEqual(bareExpansions('a=()\na+=(b)\nc "${a[@]}"'), ['a']);
  assert.deepEqual(bareExpansions('local -a a\nc "${a[@]}"'), ['a']);
  assert.deepEqual(bareExpansions('a=()\nc ${a[@]+"${a[@]}"} ${#a[@]}\nb=(c)\nd "${b[@]}"'), []);
});
