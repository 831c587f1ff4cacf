// In: nothing. Out: `WorkerRanker` for servers: the same API on the thread that calls it.
// Nothing waits for a frame there; code shared with a page runs unchanged.
// Must never start a worker, nor do anything before `load` is called.
import { Ranker } from '#host';
import { WorkerRanker as Core, openHere } from './src/worker-ranker.js';

export class WorkerRanker extends Core {
  static load(model, options) {
    return openHere(WorkerRanker, Ranker, model, options);
  }
}
export { RankletError } from './src/errors.js';
