// In: a function that starts a worker. Out: that worker as numbered calls with promised answers.
// A worker that is blocked, crashes or is ended rejects every waiting call with `worker/lost`, so that each has an answer.
import { RankletError } from './errors.js';

/** Milliseconds until a worker that neither started nor failed counts as blocked. */
const START_MS = 10_000;

export class WorkerRpc {
  lost = false;
  #worker;
  #waiting = new Map();
  #calls = 0;

  /** Resolves when the worker runs, rejects when it is blocked. */
  static start(make) {
    return new Promise((resolve, reject) => {
      const rpc = new WorkerRpc();
      const worker = make(); // a policy may throw here, or fire `error` later
      rpc.#worker = worker;
      const late = setTimeout(() => { rpc.end(); reject(new Error('the worker did not start')); }, START_MS);
      worker.addEventListener('error', (event) => {
        event.preventDefault?.();
        clearTimeout(late);
        rpc.end();
        reject(new Error('the worker is blocked'));
      });
      worker.addEventListener('messageerror', () => rpc.end());
      worker.addEventListener('message', ({ data }) => {
        if (data.ready) {
          clearTimeout(late);
          resolve(rpc);
        } else rpc.#answered(data);
      });
    });
  }

  call(method, args, transfer = []) {
    return new Promise((resolve, reject) => {
      if (this.lost) { reject(lost()); return; }
      this.#calls += 1;
      const call = this.#calls;
      this.#worker.postMessage({ call, method, args }, transfer);
      this.#waiting.set(call, { resolve, reject });
    });
  }

  end() {
    this.lost = true;
    this.#worker?.terminate();
    for (const { reject } of this.#waiting.values()) reject(lost());
    this.#waiting.clear();
  }

  #answered({ call, result, error }) {
    const waiting = this.#waiting.get(call);
    this.#waiting.delete(call);
    if (!error) { waiting?.resolve(result); return; }
    const own = new RankletError(error.code, error.path, '');
    own.message = error.message;
    waiting?.reject(own);
  }
}

function lost() {
  return new RankletError('worker/lost', '', 'The worker stopped; the ranker goes on in this thread.');
}
