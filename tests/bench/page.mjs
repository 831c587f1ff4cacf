// In: a job from chromium.mjs. Out: rows, or the milliseconds of one load. Runs in a page.
// Must never be loaded twice for a load sample: each has a page of its own.
import { candidates } from '/www/demo/catalogue.js';
import * as ort from 'onnxruntime-web';
import { Peer } from './peer.mjs';
import { measure } from './steps.mjs';

const ORT_WASM = '/tests/node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.wasm';
const bytesOf = async (path) => new Uint8Array(await (await fetch(path)).arrayBuffer());
const jsonOf = async (path) => (await fetch(path)).json();

/** The plain module, or the one of `ranklet/relaxed`: a page can have one. */
const rankerOf = async (variant) => (await import(variant === 'relaxed-simd' ? '/pkg/relaxed.js' : '/pkg/browser.js')).Ranker;

globalThis.bench = {
  async measure({ model, films, host, ...job }) {
    const Ranker = await rankerOf(job.variant);
    return measure({
      Ranker, model: await bytesOf(model), films: await jsonOf(films), host, ...job,
      report: (row) => console.log(`row ${row.case} ${row.n}: ${row.ours.median} ms, ratio ${row.ratio ?? '-'}`),
    });
  },

  /** Bytes in memory → first ranking; `ours_cached` has its module compiled before. */
  async load({ side, model, films }) {
    const [bytes, list] = [await bytesOf(model), candidates(await jsonOf(films), 100)];
    const wasm = await bytesOf(side === 'peer' ? ORT_WASM : '/pkg/wasm/ranklet_bg.wasm');
    const given = side === 'ours_cached' ? await WebAssembly.compile(wasm) : wasm;
    if (side === 'peer') ort.env.wasm.wasmBinary = wasm.buffer;
    const Ranker = side === 'peer' ? null : await rankerOf();
    const start = performance.now();
    if (side === 'peer') await (await Peer.load(bytes)).rank(list);
    else (await Ranker.load(bytes, { wasm: given })).rank(list, { budgetMs: null });
    return performance.now() - start;
  },
};
