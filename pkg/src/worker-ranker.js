// In: the calls of a `WorkerRanker`. Out: promises of what the ranker in the worker answered.
// Where workers are blocked, or when one is lost, the same ranker goes on in this thread with the same session.
// `rank()` must never reject; all that cannot be posted to a worker is read here first.
import { postable, readEventId, readFeatures, readSnapshot } from './arguments.js';
import { RankletError, Warnings } from './errors.js';
import { Journal } from './journal.js';
import { EVENTS } from './limits.js';
import { compile, modelBytes } from './load.js';
import { copyList, idText } from './pack.js';
import { cloneableCandidate, cloneableEvent, cloneableItems, cloneableTags } from './cloneable.js';
import { Ranker as Core, abortable, open, readLoadOptions, unranked } from './ranker.js';
import { WorkerRpc } from './worker-rpc.js';

const SECRET = Symbol('load');

/** @typedef {Omit<import('../worker.js').WorkerRanker, typeof Symbol.dispose>} Declared */

/**
 * A list's items, and their copies as the worker has them: null for what is no list.
 *
 * @typedef {{ items: any[], copies?: any[] | null }} List
 */

/**
 * The list of who gave none.
 *
 * @type {List}
 */
const NO_LIST = { items: [], copies: [] };

class Local extends Core {}

/** @implements {Declared} */
export class WorkerRanker {
  /** @type {WorkerRpc | null} */
  #thread = null;
  /** @type {Core | Promise<Core> | null} */
  #ranker = null; // in this thread
  #revive;
  #model;
  #disposed = false;
  #given; // the array as last given
  #list = NO_LIST; // of that array
  #listHere = NO_LIST; // the list that the ranker in this thread has
  #waiting = new Set(); // calls without an answer, in their order
  #working = false;
  #journal = new Journal(EVENTS); // of the calls that the worker answered; a session keeps no more events
  #folding = false;
  #latest = -Infinity; // of the times that events were given by default

  constructor(secret, { thread, ranker, model, revive }) {
    if (secret !== SECRET) throw new RankletError('ranker/use-load', '', 'Make a ranker with `await WorkerRanker.load(model)`.');
    this.#thread = thread ?? null;
    this.#ranker = ranker ?? null;
    this.#revive = revive;
    this.#model = Object.freeze(model);
  }

  get model() {
    return this.#model;
  }

  /** Where it runs: `'worker'`, or `'main'` where workers are blocked or the worker was lost. */
  get thread() {
    return this.#thread && !this.#thread.lost ? 'worker' : 'main';
  }

  async setCandidates(candidates) {
    this.#alive();
    await this.#call('setCandidates', [this.#take(candidates).copies]);
  }

  async rank(candidates, options) {
    let list = this.#list;
    try {
      if (this.#disposed && candidates !== undefined) list = { items: copyList(candidates, new Warnings()) };
      this.#alive();
      const read = postable(options, this.#model.heads); // before the list: a getter may make a call of its own
      const changed = candidates !== undefined && !this.#isCurrent(candidates);
      list = changed ? this.#take(candidates) : this.#list;
      const ranking = await this.#call('rank', [changed ? list.copies : undefined, read]);
      ranking.items = Array.from(ranking.order, (i) => list.items[i]);
      for (const one of ranking.removed) one.item = list.items[one.position];
      return ranking;
    } catch (error) {
      const { code = 'ranker/fault', path = '', message } = error;
      return unranked(list.items, code, [{ code, path, message: String(message) }]);
    }
  }

  async observe(event) {
    this.#alive();
    const plain = cloneableEvent(event, this.#model);
    if (plain === null) return this.#call('observe', [plain]);
    // Here, not in the worker: when it is repeated it must still be of the moment at which it happened.
    if (plain.at == null) plain.at = this.#latest = Math.max(this.#latest, Date.now());
    const whole = { ...plain, item: this.#whole(plain.item) };
    return this.#call('observe', [plain], (accepted) => { if (accepted) this.#keep('observe', [whole]); });
  }

  async forget() {
    this.#latest = -Infinity;
    await this.#call('forget', [], () => this.#journal.clear());
  }

  async undo(eventId) {
    this.#alive();
    const id = readEventId(eventId);
    return this.#call('undo', [id], (undone) => { if (undone) this.#keep('undo', [id]); });
  }

  async prefer(tags, items) {
    this.#alive();
    const stated = cloneableItems(items, this.#model);
    const args = [cloneableTags(tags), Array.isArray(stated) ? stated.map((item) => this.#whole(item)) : stated];
    await this.#call('prefer', args, () => this.#keep('prefer', args));
  }

  async probabilities(head) {
    return this.#call('probabilities', [typeof head === 'string' ? head : '']);
  }

  async scoreBatch(features) {
    this.#alive();
    return this.#call('scoreBatch', [readFeatures(features, this.#model.limits.candidates * this.#model.features.length)]);
  }

  async explain(itemId) {
    return this.#call('explain', [['number', 'string'].includes(typeof itemId) ? itemId : '']);
  }

  async restore(bytes) {
    this.#alive();
    const args = [readSnapshot(bytes)];
    return this.#call('restore', args, () => this.#journal.restartFrom(args[0]));
  }

  async snapshot(options) {
    this.#alive();
    return this.#call('snapshot', [{ compact: options?.compact === true }]);
  }

  dispose() {
    this.#disposed = true;
    this.#thread?.end();
    Promise.resolve(this.#ranker).then((ranker) => ranker?.dispose(), () => {});
    this.#refuse(disposed());
    this.#journal.clear();
  }

  [Symbol.dispose ?? Symbol.for('Symbol.dispose')]() {
    this.dispose();
  }

  #alive() {
    if (this.#disposed) throw disposed();
  }

  #isCurrent(candidates) {
    try {
      return candidates === this.#given && candidates.length === this.#list.items.length;
    } catch {
      return false;
    }
  }

  /** Reads a list here, where its objects are. All of it before it counts: a getter may make a call of its own. */
  #take(candidates) {
    const items = copyList(candidates, new Warnings());
    const most = this.#model.limits.candidates;
    // No copies of what is no list: the ranker says what is wrong with it.
    const copies = isArray(candidates) ? items.map((item, i) => (i < most ? cloneableCandidate(item, this.#model) : null)) : null;
    this.#given = candidates;
    this.#list = { items, copies };
    return this.#list;
  }

  /** The item that an id means now: the list may be another when the call is repeated. */
  #whole(item) {
    const id = idText(item);
    return (id !== null && this.#list.copies?.find((copy) => copy !== null && idText(copy.id) === id)) || item;
  }

  /** A full journal becomes a snapshot of the session: what came first counts no less than what came last. */
  #keep(method, args) {
    const isFull = this.#journal.add((ranker) => ranker[method](...args));
    if (!isFull || this.#folding) return;
    this.#folding = true;
    // Its answer comes after those of all calls that it holds, and before those of all others.
    this.#call('snapshot', [{ compact: false }], (bytes) => this.#journal.restartFrom(bytes))
      .catch(() => {}) // the calls stand, and are folded later
      .finally(() => { this.#folding = false; });
  }

  /** `answered` hears the worker's answer, in the order of the calls, before the caller does. */
  #call(method, args, answered) {
    return new Promise((resolve, reject) => {
      this.#alive();
      const call = { method, args, list: this.#list, resolve, reject };
      this.#waiting.add(call);
      if (this.thread === 'main') {
        this.#work();
        return;
      }
      this.#thread?.call(method, args).then((result) => {
        if (!this.#waiting.delete(call)) return;
        answered?.(result);
        resolve(result);
      }, (error) => {
        if (error.code === 'worker/lost') this.#work();
        else if (this.#waiting.delete(call)) reject(error);
      });
    });
  }

  /** Answers in this thread what waits, a lost worker's calls first: each in its turn, on the list of its moment. */
  async #work() {
    if (this.#working) return;
    this.#working = true;
    try {
      const ranker = await (this.#ranker ??= this.#moved());
      for (const call of this.#waiting) {
        this.#waiting.delete(call);
        try {
          call.resolve(this.#answer(ranker, call));
        } catch (error) {
          call.reject(error);
        }
      }
    } catch (error) {
      this.#refuse(error);
    }
    this.#working = false;
  }

  #answer(ranker, { method, args, list }) {
    if (list !== this.#listHere) {
      ranker.setCandidates(list.copies);
      this.#listHere = list;
    }
    return method === 'setCandidates' ? undefined : ranker[method](...args);
  }

  #refuse(error) {
    for (const { reject } of this.#waiting) reject(error);
    this.#waiting.clear();
  }

  /** The session again, in this thread. */
  async #moved() {
    const ranker = await this.#revive();
    // All were accepted once; a snapshot since then may not hold what one of them names.
    this.#journal.replay(ranker, () => true);
    this.#journal.clear();
    return ranker;
  }
}

/** What `WorkerRanker.load` does in a page. */
export async function openInWorker(Class, source, model, options) {
  const { wasm, signal, integrity, onProgress, worker } = readLoadOptions(options);
  return abortable(signal, async () => {
    const starting = WorkerRpc.start(typeof worker === 'function' ? worker : source.thread).catch(() => null);
    /** @type {WorkerRpc | null} */
    let thread = null;
    try {
      const [bytes, module] = await Promise.all([
        modelBytes(model, { signal, integrity, onProgress }),
        compile(wasm === undefined ? source.wasm() : wasm, { onProgress }),
      ]);
      const revive = () => open(Local, {}, bytes, { wasm: module });
      thread = await starting;
      try {
        if (signal?.aborted) throw new RankletError('load/aborted', '', 'Loading was aborted.');
        const info = await thread?.call('load', [{ bytes, wasm: module }]);
        if (info) return new Class(SECRET, { thread, model: info, revive });
      } catch (error) {
        thread?.end();
        if (/^(model|load)\//.test(error.code)) throw error; // no thread could take it
      }
      const ranker = await revive();
      return new Class(SECRET, { ranker, model: ranker.model, revive });
    } catch (error) {
      starting.then((late) => late?.end());
      throw error;
    }
  });
}

/** What `WorkerRanker.load` does where there is no page. */
export async function openHere(Class, Ranker, model, options) {
  const ranker = await Ranker.load(model, options);
  return new Class(SECRET, { ranker, model: ranker.model });
}

function isArray(value) {
  try {
    return Array.isArray(value);
  } catch {
    return false;
  }
}

function disposed() {
  return new RankletError('ranker/disposed', '', 'The ranker was disposed; load another.');
}
