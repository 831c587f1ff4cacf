// In: nothing. Out: the package for Node and Bun.
// Files are read: `fetch` refuses `file:` addresses there.
// Must never read before `load` is called.
import { readFile } from 'node:fs/promises';
import { Ranker as Core, open } from './src/ranker.js';

const source = {
  wasm: () => readFile(new URL('./wasm/ranklet_bg.wasm', import.meta.url)),
  file: (url) => readFile(url),
};

export class Ranker extends Core {
  static load(model, options) {
    return open(Ranker, source, model, options);
  }
}
export { RankletError } from './src/errors.js';
export { version } from './src/instance.js';
