// In: a compiled module. Out: engines in the one wasm instance that the generated glue holds.
// After a trap nothing in that instance can be trusted: it is replaced before the next engine is made.
// Must never share a promise between two requests of a worker: one cancelled request would hang the other.
import * as glue from '../wasm/ranklet.js';
import { compile, requireWasm } from './load.js';

let live = false;
/** @type {Promise<WebAssembly.Module> | null} */
let pending = null;
let poisoned = false;
let generation = 0;

/** Instantiates once; `supply` gives a Module (used as it is), a URL, a Response or bytes. */
export async function start(supply, /** @type {import('./transfer.js').Reading} */ { onProgress } = {}) {
  if (live) return;
  requireWasm();
  if (pending === null) {
    const given = supply(); // only now: what is not needed must not be read, nor its failure go unheard
    if (given instanceof WebAssembly.Module) {
      instantiate(given);
      return;
    }
    pending = compile(given, { onProgress }).finally(() => { pending = null; });
  }
  instantiate(await pending);
}

/** In one step and once: an instance that took another's place would be handed its engines' pointers. */
function instantiate(module) {
  if (live) return;
  glue.initSync({ module });
  live = true;
}

/** Which instance is in use; an engine of an earlier one is a dangling pointer. */
export function currentGeneration() {
  return generation;
}

/** Gives up the instance `seen`: every engine in it is lost. */
export function poison(seen) {
  if (seen !== generation) return;
  generation += 1;
  poisoned = true;
}

/** A new engine; throws what wasm throws. */
export function createEngine(model) {
  if (poisoned) {
    glue.__wbg_reset_state();
    poisoned = false;
  }
  return new glue.Engine(model);
}

/** The version of the wasm; known once a ranker was loaded. */
export function version() {
  return live ? glue.version() : null;
}
