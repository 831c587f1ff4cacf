// In: nothing. Out: the package for workerd, which compiles the .wasm when the worker is uploaded.
// Compiling from bytes is forbidden there, hence the static import.
// Must never instantiate before `load` is called.
import module from './wasm/ranklet_bg.wasm';
import { Ranker as Core, open } from './src/ranker.js';

const source = { wasm: () => module };

export class Ranker extends Core {
  static load(model, options) {
    return open(Ranker, source, model, options);
  }
}
export { RankletError } from './src/errors.js';
export { version } from './src/instance.js';
