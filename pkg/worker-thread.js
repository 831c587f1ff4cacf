// In: messages of `WorkerRanker`: a compiled Module, the model's bytes, then calls. Out: their answers.
// The script of the worker itself; it fetches nothing and compiles nothing.
// Must never leave a call without an answer: the page waits for it.
import { arrived } from './src/arguments.js';
import { Ranker as Core, open } from './src/ranker.js';

class Ranker extends Core {}
/** @type {any} */
let ranker = null; // until the first call, which is `load`

const calls = {
  async load({ bytes, wasm }) {
    ranker = await open(Ranker, {}, bytes, { wasm });
    return { result: ranker.model };
  },
  rank(list, options) {
    const ranking = ranker.rank(list, arrived(options));
    delete ranking.items; // the page has the objects themselves
    for (const one of ranking.removed) delete one.item;
    return { result: ranking, transfer: [ranking.order.buffer, ranking.scores.buffer] };
  },
};

globalThis.addEventListener('message', async ({ data: { call, method, args } }) => {
  try {
    const { result, transfer = [] } = method in calls ? await calls[method](...args) : { result: ranker[method](...args) };
    globalThis.postMessage({ call, result }, transfer);
  } catch (error) {
    const { code = 'worker/fault', path = '', message } = error ?? {};
    globalThis.postMessage({ call, error: { code, path, message: String(message) } });
  }
});
globalThis.postMessage({ ready: true });
