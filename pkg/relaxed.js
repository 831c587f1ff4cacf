// In: nothing. Out: the package for browsers and bundlers, with the relaxed-simd wasm where it runs.
// Both literals `new URL(…, import.meta.url)` are what bundlers look for: keep each in one piece.
// Must never fetch or compile before `load` is called.
import { Ranker as Core, open } from './src/ranker.js';
import { hasRelaxedSimd } from './src/relaxed.js';

const relaxed = () => new URL('./wasm/ranklet_relaxed_bg.wasm', import.meta.url);
const plain = () => new URL('./wasm/ranklet_bg.wasm', import.meta.url);
const source = { wasm: () => (hasRelaxedSimd() ? relaxed() : plain()) };

export class Ranker extends Core {
  static load(model, options) {
    return open(Ranker, source, model, options);
  }
}
export { RankletError } from './src/errors.js';
export { version } from './src/instance.js';
