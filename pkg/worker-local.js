// In: nothing. Out: `WorkerRanker` for servers: the same API on the thread that calls it.
// Nothing waits for a frame there; code shared with a page runs unchanged.
// Must never start a worker, nor do anything before `load` is called.
import { Ranker } from '#host';
import { Remote, openLocal } from './src/remote.js';

export class WorkerRanker extends Remote {
  static load(model, options) {
    return openLocal(WorkerRanker, Ranker, model, options);
  }
}
export { RankletError } from './src/errors.js';
