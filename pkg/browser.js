// In: nothing. Out: the package for browsers and bundlers; the .wasm is fetched beside this file.
// The literal `new URL(…, import.meta.url)` is what bundlers look for: keep it in one piece.
// Must never fetch or compile before `load` is called.
import { Ranker as Core, open } from './src/ranker.js';

const source = { wasm: () => new URL('./wasm/ranklet_bg.wasm', import.meta.url) };

export class Ranker extends Core {
  static load(model, options) {
    return open(Ranker, source, model, options);
  }
}
export { RankletError } from './src/errors.js';
export { version } from './src/instance.js';
