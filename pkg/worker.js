// In: nothing. Out: `WorkerRanker` for browsers and bundlers: the ranker off the main thread.
// The literal `new URL(…, import.meta.url)`s are what bundlers look for: keep each in one piece.
// Must never start a worker, fetch or compile before `load` is called.
import { WorkerRanker as Core, openInWorker } from './src/worker-ranker.js';

const source = {
  wasm: () => new URL('./wasm/ranklet_bg.wasm', import.meta.url),
  thread: () => new Worker(new URL('./worker-thread.js', import.meta.url), { type: 'module', name: 'ranklet' }),
};

export class WorkerRanker extends Core {
  static load(model, options) {
    return openInWorker(WorkerRanker, source, model, options);
  }
}
export { RankletError } from './src/errors.js';
