// In: nothing. Out: `WorkerRanker` as a page has it, in Node, with workers that a test can lose.
// They run the package's own script in a thread, behind the few words that a page's worker has.
// Must never leave a thread running after its test.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { modelBytes } from './films.mjs';
import { packageFolder } from './package.mjs';

const SCRIPT = `
const { parentPort, workerData } = require('node:worker_threads');
globalThis.postMessage = (message, transfer) => parentPort.postMessage(message, transfer);
globalThis.addEventListener = (type, listener) => parentPort.on(type, (data) => listener({ data }));
import(workerData);`;

/** A page's `Worker`. `heard` lists the methods that were posted; `onHeard` is called as one is. */
class PageWorker extends EventTarget {
  heard = [];
  #thread = new Worker(SCRIPT, { eval: true, workerData: String(pathToFileURL(join(packageFolder(), 'worker-thread.js'))) });

  constructor(onHeard) {
    super();
    this.onHeard = onHeard;
    this.#thread.on('message', (data) => {
      if (this.#thread) this.dispatchEvent(Object.assign(new Event('message'), { data }));
    });
  }

  get ended() {
    return this.#thread === null;
  }

  postMessage(message, transfer) {
    this.#thread.postMessage(message, transfer);
    this.heard.push(message.method);
    this.onHeard?.(message.method);
  }

  terminate() {
    this.#thread?.terminate();
    this.#thread = null;
  }

  /** What a worker does that runs out of memory. */
  lose() {
    this.dispatchEvent(new Event('error', { cancelable: true }));
  }
}

/** The entry of a page. */
export async function importWorkerRanker() {
  return (await import(pathToFileURL(join(packageFolder(), 'worker.js')))).WorkerRanker;
}

/** What `load` needs where nothing can be fetched; `workers` gets what was started. */
export function pageOptions(t, { onHeard, ...options } = {}) {
  const workers = [];
  t.after(() => workers.forEach((one) => one.terminate()));
  const worker = () => {
    workers.push(new PageWorker(onHeard));
    return workers.at(-1);
  };
  return { workers, options: { wasm: readFileSync(join(packageFolder(), 'wasm/ranklet_bg.wasm')), worker, ...options } };
}

/** A ranker in a worker, and a function that loses that worker. */
export async function inWorker(t) {
  const { workers, options } = pageOptions(t);
  const ranker = await (await importWorkerRanker()).load(modelBytes(), options);
  t.after(() => ranker.dispose());
  return { ranker, worker: workers[0], lose: () => workers[0].lose() };
}

/** A ranker where workers are blocked. */
export async function inPage(t) {
  const { options } = pageOptions(t, { worker: () => { throw new Error('blocked'); } });
  const ranker = await (await importWorkerRanker()).load(modelBytes(), options);
  t.after(() => ranker.dispose());
  return { ranker };
}
