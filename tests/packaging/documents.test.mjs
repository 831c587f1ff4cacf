// In: the pages that people read. Out: that what they point to is there, and that each tick has its test.
// Commands and code are run elsewhere; here only names are followed.
// Must never pass a link to a place that is not in the repository.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../support/package.mjs';
import { run } from '../support/run.mjs';

const PAGES = ['README.md', 'src/README.md', 'tests/bench/FIGURES.md', 'pkg/README.md', 'pkg/CHANGELOG.md', 'www/edge/README.md', 'www/start/README.md', 'www/movies/README.md', 'www/movies/CARD.md'];
const read = (path) => readFileSync(join(ROOT, path), 'utf8');
const links = (text) => [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link);
/** A heading as GitHub makes an anchor of it. */
const anchor = (heading) => heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-');
const anchors = (text) => [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => anchor(heading));

for (const page of PAGES) {
  test(`${page}: every link within the repository leads somewhere`, () => {
    const text = read(page);
    for (const link of links(text).filter((one) => !/^[a-z]+:/.test(one))) {
      const [path, heading] = link.split('#');
      const target = path === '' ? page : relative(ROOT, join(ROOT, dirname(page), path));
      assert.ok(existsSync(join(ROOT, target)), link);
      if (heading) assert.ok(anchors(read(target)).includes(heading), link);
    }
  });
}

test('www/movies/README.md: each file of its folder has a row, and both models are made as the card says', () => {
  const text = read('www/movies/README.md');
  for (const name of readdirSync(join(ROOT, 'www/movies')).filter((one) => one !== 'README.md')) assert.ok(text.includes(`\n| \`${name}\` |`), name);
  const [, trained] = read('www/movies/CARD.md').match(/^\| command \| `([^`]+)`/m);
  const [, rounded] = read('www/movies/CARD.md').match(/rounded [\d-]+ by `([^`]+)`/);
  assert.ok(text.includes(`| \`${trained}\` |`), trained);
  assert.ok(text.includes(`| \`${rounded} --out`), rounded);
});

/** How tests of a row are named, by words of its first cell. */
const NAMES = { Chromium: 'chromium', Firefox: 'firefox', 'Node 20': 'node20', '22': 'node22', Deno: 'deno', Bun: 'bun', workerd: 'workerd', Vite: 'vite', webpack: 'webpack', esbuild: 'esbuild', rollup: 'rollup', 'Next.js': 'next', wrangler: 'workerd' };

test('README.md: each tick of the table of runtimes links to tests that name the runtime', () => {
  const [table] = read('README.md').match(/^## Where it runs[^#]*/m);
  const rows = table.split('\n').filter((line) => line.startsWith('|')).slice(2).map((line) => line.split('|').slice(1, -1).map((cell) => cell.trim()));
  const ticked = rows.filter(([, tick]) => tick.includes('✓'));
  assert.ok(ticked.length >= 12);
  for (const [host, tick, where] of ticked) {
    const files = links(where);
    assert.ok(files.length > 0, `${host} ${tick}`);
    const texts = files.map((path) => {
      assert.match(path, /^tests\//);
      return path.endsWith('.mjs') ? read(path) : '';
    }).join('\n');
    for (const [word, name] of Object.entries(NAMES)) {
      // As a test's name begins, or from a list of hosts.
      if (host.includes(word)) assert.match(texts, new RegExp(`\\b${name}: |['"]${name}['"]`), `${host}: no test of ${name} in ${where}`);
    }
  }
});

test('every ./build.sh verb that a page names is one', async () => {
  const usage = await run('./build.sh', ['help'], { cwd: ROOT });
  const verbs = [...usage.matchAll(/^ {2}(\w+) /gm)].map(([, verb]) => verb);
  assert.ok(verbs.length > 8);
  for (const page of PAGES) {
    for (const [, verb] of read(page).matchAll(/\.\/build\.sh (\w+)/g)) assert.ok(verbs.includes(verb), `${page}: ./build.sh ${verb}`);
  }
});
