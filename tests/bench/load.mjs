// Times one load in a process of its own: bytes in memory → first ranking. Prints milliseconds as JSON.
//
//   node load.mjs ours|peer MODEL FILMS
//
// `first`: from bytes; `cached`: a second load that reuses the compiled module (ranklet alone can).
import { readFileSync } from 'node:fs';
import { candidates } from '../../www/demo/catalogue.js';

const [side, modelFile, filmsFile] = process.argv.slice(2);
const model = readFileSync(modelFile);
const list = candidates(JSON.parse(readFileSync(filmsFile, 'utf8')), 100);
const clocked = async (run) => {
  const start = performance.now();
  await run();
  return performance.now() - start;
};

const sides = {
  async ours() {
    const wasm = readFileSync(new URL('../../pkg/wasm/ranklet_bg.wasm', import.meta.url));
    const { Ranker } = await import('../../pkg/node.js');
    const first = await clocked(async () => (await Ranker.load(model, { wasm })).rank(list, { budgetMs: null }));
    return { first, memory: process.memoryUsage().rss };
  },
  async ours_cached() {
    const compiled = await WebAssembly.compile(readFileSync(new URL('../../pkg/wasm/ranklet_bg.wasm', import.meta.url)));
    const { Ranker } = await import('../../pkg/node.js');
    return { first: await clocked(async () => (await Ranker.load(model, { wasm: compiled })).rank(list, { budgetMs: null })) };
  },
  async peer() {
    const { Peer } = await import('./peer.mjs');
    return { first: await clocked(async () => (await Peer.load(model)).rank(list)), memory: process.memoryUsage().rss };
  },
};
console.log(JSON.stringify(await sides[side]()));
