// In: the packed tarball. Out: statements about its files, its manifest and its types.
// Must never let a model, films or tests into the tarball.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { installed, packageFolder, packed } from '../support/package.mjs';
import { run, tool } from '../support/run.mjs';

/** Everything that the package is: a new file is added here on purpose, or is a mistake. */
const FILES = [
  'LICENSE-APACHE', 'LICENSE-MIT', 'README.md', 'package.json', 'wasm/ranklet.js', 'wasm/ranklet_bg.wasm', 'wasm/ranklet_inline.js',
  ...['adapters', 'edge', 'index', 'inline', 'observe', 'persist', 'react', 'worker'].map((name) => `${name}.d.ts`),
  ...['adapters', 'browser', 'deno', 'edge', 'edge-light', 'inline', 'node', 'observe', 'persist', 'react', 'worker', 'worker-local', 'worker-thread', 'workerd'].map((name) => `${name}.js`),
  ...['arguments', 'engine', 'errors', 'host', 'integrity', 'load', 'pack', 'plain', 'ranker', 'refusals', 'remote', 'rules', 'sentences', 'stopwatch', 'store', 'thread', 'transfer', 'unpack', 'watched'].map((name) => `src/${name}.js`),
  ...['adapter', 'algolia', 'array', 'elasticsearch', 'metarank', 'qdrant', 'vespa'].map((name) => `src/adapters/${name}.js`),
  ...['candidate', 'load', 'ranking', 'rules'].map((name) => `types/${name}.d.ts`),
  ...['cookie', 'faults', 'feedback', 'handler', 'limits', 'object', 'origin', 'request', 'session', 'stores'].map((name) => `src/edge/${name}.js`),
].sort();
const manifest = () => JSON.parse(readFileSync(join(packageFolder(), 'package.json'), 'utf8'));

test('the tarball holds these files and no other: no model, no films', async () => {
  const listed = (await run('tar', ['-tzf', packed()])).trim().split('\n').map((path) => path.replace(/^package\//, ''));
  assert.deepEqual(listed.sort(), FILES);
});

test('the exports are in the order in which runtimes must find them', () => {
  assert.deepEqual(Object.keys(manifest().exports['.']), ['types', 'workerd', 'edge-light', 'deno', 'bun', 'node', 'browser', 'default']);
});

test('the package has no dependency and no install script', () => {
  const { dependencies, peerDependencies, peerDependenciesMeta, scripts, sideEffects, type, license } = manifest();
  assert.deepEqual({ dependencies, scripts }, { dependencies: undefined, scripts: undefined });
  assert.deepEqual({ peerDependencies, peerDependenciesMeta }, { peerDependencies: { react: '>=18' }, peerDependenciesMeta: { react: { optional: true } } });
  assert.deepEqual({ sideEffects, type, license }, { sideEffects: ['./worker-thread.js'], type: 'module', license: 'MIT OR Apache-2.0' });
});

test('every entry is 5 to 15 lines', () => {
  for (const file of ['browser', 'deno', 'edge-light', 'inline', 'node', 'workerd'].map((name) => `${name}.js`)) {
    const lines = readFileSync(join(packageFolder(), file), 'utf8').split('\n').filter((line) => line.trim() && !line.startsWith('//'));
    assert.ok(lines.length >= 5 && lines.length <= 15, `${file}: ${lines.length}`);
  }
});

test('importing does nothing: no fetch, no file, no wasm', async () => {
  const script = `
    for (const name of ['fetch', 'performance']) Object.defineProperty(globalThis, name, { get() { throw new Error(name); } });
    for (const name of ['compile', 'instantiate', 'Module', 'Instance']) WebAssembly[name] = () => { throw new Error(name); };
    for (const entry of ['./node_modules/ranklet/node.js', './node_modules/ranklet/browser.js', './node_modules/ranklet/inline.js']) {
      const { version } = await import(entry);
      if (version() !== null) throw new Error('started');
    }
    console.log('quiet');`;
  const folder = installed();
  writeFileSync(join(folder, 'quiet.mjs'), script);
  assert.equal((await run(process.execPath, ['quiet.mjs'], { cwd: folder })).trim(), 'quiet');
});

const USAGE = `
import { Ranker, RankletError, version, type Candidate, type Ranking, type RankletEvent, type Tier } from 'ranklet';

interface Film extends Candidate { id: string; year: number }
const films: Film[] = [{ id: '1', title: 'Heat', tags: ['Crime'], score: 4.1, fields: { year: 1995 }, year: 1995 }];

export async function use(bytes: Uint8Array, signal: AbortSignal): Promise<number> {
  using ranker: Ranker = await Ranker.load(bytes, { signal, clock: () => Date.now() });
  await Ranker.load(fetch('/movies.onnx'));
  await Ranker.load(new URL('https://example.com/movies.onnx'), { wasm: new WebAssembly.Module(bytes.slice().buffer) });
  const ranking: Ranking<Film> = ranker.rank(films, { budgetMs: null, weights: { engage: 2 } });
  const year: number = ranking.items[0]!.year;
  const tier: Tier = ranking.tier;
  const event: RankletEvent = { type: 'dwell', item: films[0]!, id: 'e1', at: new Date(), value: 12 };
  const fresh: boolean = ranker.observe(event);
  ranker.observe({ type: 'like', item: 7 });
  ranker.setCandidates(films);
  ranker.forget();
  try { ranker.dispose(); } catch (error) { if (error instanceof RankletError) console.log(error.code, error.path, error.cause); }
  const order: Uint32Array = ranking.order;
  const text: string | null = version();
  // @ts-expect-error a ranker is made by load
  new Ranker();
  // @ts-expect-error an id is needed
  ranker.rank([{ title: 'Heat' }]);
  // @ts-expect-error the model cannot be changed
  ranker.model.fields.push('x');
  // @ts-expect-error a budget is a number
  ranker.rank(films, { budgetMs: '30' });
  // @ts-expect-error an event needs an item
  ranker.observe({ type: 'like' });
  return year + order.length + Number(fresh) + tier.length + ranking.ms.total + (text?.length ?? 0);
}
`;

for (const [module, resolution] of [['nodenext', 'nodenext'], ['esnext', 'bundler']]) {
  test(`the types hold under strict and ${resolution}, library checks included`, async () => {
    const folder = installed();
    writeFileSync(join(folder, 'usage.ts'), USAGE);
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({
      compilerOptions: {
        strict: true, noEmit: true, module, moduleResolution: resolution, target: 'es2022', lib: ['es2022', 'dom'],
        exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, skipLibCheck: false, types: [],
      },
      files: ['usage.ts'],
    }));
    await run(tool('tsc'), ['--project', 'tsconfig.json'], { cwd: folder });
  });
}
