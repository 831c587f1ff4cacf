// In: nothing. Out: the package with the wasm inside the script, for bundlers that copy no files.
// Larger, and never cached apart from the page's own script: the default entry is the better one.
// Must never decode or compile before `load` is called.
import { Ranker as Core, open } from './src/ranker.js';
import { unpacked } from './src/unpack.js';
import packed from './wasm/ranklet_inline.js';

export class Ranker extends Core {
  static load(model, options) {
    return open(Ranker, { wasm: () => unpacked(packed) }, model, options);
  }
}
export { RankletError } from './src/errors.js';
export { version } from './src/instance.js';
