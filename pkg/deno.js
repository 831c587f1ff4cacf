// In: nothing. Out: the package for Deno.
// A source-phase import needs no read permission.
// Must never instantiate before `load` is called.
import source module from './wasm/ranklet_bg.wasm';
import { Ranker as Core, open } from './src/ranker.js';

const supply = { wasm: () => module };

export class Ranker extends Core {
  static load(model, options) {
    return open(Ranker, supply, model, options);
  }
}
export { RankletError } from './src/errors.js';
export { version } from './src/instance.js';
