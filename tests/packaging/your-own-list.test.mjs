// In: www/start/README.md. Out: that its commands, run in order as they stand there, lead from JSON to a page and an edge.
// A copy of the folder, with the tool on PATH: what a person has who follows it.
// Must never run a command that the README does not show, nor leave one of its servers behind.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, readFileSync } from 'node:fs';
import { basename, delimiter, join } from 'node:path';
import { after, test } from 'node:test';
import { launch } from '../support/browser.mjs';
import { ROOT, needed, packed, temporary } from '../support/package.mjs';
import { site } from '../support/site.mjs';

const START = join(ROOT, 'www/start');
const README = readFileSync(join(START, 'README.md'), 'utf8');
/** The commands of each section, as they stand there: what one block starts another may end. */
const steps = [...README.matchAll(/^## (\d)\. (.*?)(?=^## |(?![^]))/gms)]
  .map(([, number, section]) => ({ number, commands: [...section.matchAll(/^```sh\n(.*?)```/gms)].map(([, block]) => block).join('') }));
const folder = temporary('ranklet-start-');
const tool = join(ROOT, 'target/debug');
/** Milliseconds that a section's commands may take. */
const PATIENCE = 240_000;

cpSync(START, folder, { recursive: true, filter: (path) => !/node_modules|dist|public/.test(path.slice(START.length)) });
cpSync(join(ROOT, 'www/edge'), join(folder, 'edge'), { recursive: true });
copyFileSync(packed(), join(folder, basename(packed())));

const groups = [];
const endAll = () => {
  for (const pid of groups.splice(0)) {
    try {
      process.kill(-pid, 'SIGKILL');
    } catch { /* ended */ }
  }
};
after(endAll);
process.on('exit', endAll);

/** Runs a section's commands in one shell; gives what they printed. Servers that they start go on. */
function follow(number) {
  const { commands } = steps.find((step) => step.number === number);
  // Output goes to a file: a server that goes on would hold a pipe open.
  const log = join(folder, `step-${number}.txt`);
  const shell = spawn('bash', ['-e', '-c', `exec >'${log}' 2>&1\n${commands}`], {
    cwd: folder, detached: true, stdio: 'ignore',
    env: { ...process.env, PATH: [tool, process.env.PATH].join(delimiter), BUDGET_MS: '60000', npm_config_prefer_offline: 'true', npm_config_audit: 'false', npm_config_fund: 'false', npm_config_update_notifier: 'false' },
  });
  groups.push(shell.pid);
  return new Promise((done, failed) => {
    const late = setTimeout(endAll, PATIENCE);
    shell.once('error', failed);
    shell.once('exit', (code) => {
      clearTimeout(late);
      const said = existsSync(log) ? readFileSync(log, 'utf8') : '';
      if (code === 0) done(said);
      else failed(new Error(`section ${number} ended with ${code ?? 'a signal'}:\n${said}`));
    });
  });
}

test('from zero: the README has four sections of commands, and names the tarball that is packed', () => {
  assert.deepEqual(steps.map(({ number }) => number), ['1', '2', '3', '4']);
  for (const [name] of README.matchAll(/ranklet-[\d.]+\.tgz/g)) assert.equal(name, basename(packed()));
});

test('from zero, 1: JSON becomes a log, and a list of candidates', async () => {
  assert.match(await follow('1'), /log\.jsonl: 5900 lines/);
  const shown = [...README.matchAll(/^\{"event".*$/gm)].map(([line]) => JSON.parse(line));
  const written = readFileSync(join(folder, 'log.jsonl'), 'utf8').trim().split('\n').map((line) => JSON.parse(line));
  for (const line of shown) {
    const like = written.find(({ event }) => event === line.event);
    const shape = ({ fields = [], ...rest }) => [Object.keys(rest).sort(), fields.map(({ name }) => name)];
    assert.deepEqual(shape(line), shape(like), 'the README shows lines as they are written');
  }
});

test('from zero, 2: the log becomes a model that loads, with its manifest', { timeout: PATIENCE }, async () => {
  needed('target/debug/ranklet', 'run `./build.sh test packaging`.');
  const said = await follow('2');
  assert.match(said, /hash, vetting and golden vectors hold/);
  assert.match(said, /recipes/);
});

test('from zero, 3: the page ranks in a browser, and again after a like', { timeout: PATIENCE }, async () => {
  await follow('3');
  const pages = await site({}, { root: join(folder, 'dist') });
  const browser = await launch();
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(60_000);
    const errors = [];
    page.on('pageerror', (error) => errors.push(String(error)));
    // Its clock stands still, so that no tier depends on how fast this machine is.
    await page.addInitScript(() => { performance.now = () => 0; });
    await page.goto(`${pages.url}/index.html`);
    await page.waitForSelector('#list li button'); // before, it is the server's list
    const order = () => page.$$eval('#list li', (lines) => lines.map((line) => line.dataset.id).join());
    const state = () => page.textContent('#state');
    const first = await order();
    assert.equal(first.split(',').length, 20);
    assert.match(await state(), /^full: 200 of 200 scored/);
    await page.click('#list li:nth-child(7) button');
    assert.notEqual(await order(), first, 'a like moves something');
    assert.deepEqual(errors, []);
  } finally {
    await browser.close();
    await pages.close();
  }
});

test('from zero, 4: the edge answers with the page\'s list, ranked, and both servers end', { timeout: PATIENCE }, async () => {
  const ports = [...new Set([...steps[3].commands.matchAll(/127\.0\.0\.1:(\d+)/g)].map(([, port]) => port))];
  assert.equal(ports.length, 2);
  const closed = (port) => fetch(`http://127.0.0.1:${port}/`).then(() => false, () => true);
  for (const port of ports) assert.ok(await closed(port), `another server listens on port ${port}`);
  try {
    const said = await follow('4');
    const [, json] = said.match(/^.*?(\{"items":.*"ranklet":\{[^\n]*\}\})/ms);
    const { items, ranklet } = JSON.parse(json);
    const sent = JSON.parse(readFileSync(join(folder, 'public/candidates.json'), 'utf8')).items;
    assert.deepEqual([ranklet.tier, ranklet.scored], ['full', sent.length]);
    assert.deepEqual(items.map(({ id }) => id).sort(), sent.map(({ id }) => id).sort());
    assert.notDeepEqual(items, sent);
    for (const end = Date.now() + 10_000; Date.now() < end && !(await Promise.all(ports.map(closed))).every(Boolean);) await new Promise((done) => { setTimeout(done, 100); });
    for (const port of ports) assert.ok(await closed(port), `a server goes on at port ${port}`);
  } finally {
    endAll();
  }
});
