// In: the calls of a `WorkerRanker`. Out: promises of what the ranker in the worker answered.
// Where workers are blocked, or when one is lost, the same ranker goes on in this thread.
// Must never reject `rank()`, nor lose the visitor's events with a worker.
import { readEventId, readFeatures, readSnapshot } from './arguments.js';
import { RankletError, Warnings } from './errors.js';
import { compile, modelBytes } from './load.js';
import { snapshot } from './pack.js';
import { plainCandidate, plainEvent, plainItems, plainTags } from './plain.js';
import { Ranker as Core, abortable, open, readLoadOptions, unranked } from './ranker.js';
import { Thread } from './thread.js';

const SECRET = Symbol('load');
/** Calls that changed the session, kept to repeat them if the worker is lost; a session keeps no more events. */
const MOST_KEPT = 256;

class Local extends Core {}

export class Remote {
  #thread = null;
  #ranker = null; // in this thread
  #revive;
  #model;
  #disposed = false;
  #list; // as last given
  #length = -1;
  #items = [];
  #copies = []; // of the items, as the worker has them
  #kept = [];

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
    await this.#call('setCandidates', [this.#take(candidates)]);
  }

  async rank(candidates, options) {
    const changed = candidates !== undefined && !this.#isCurrent(candidates);
    const list = this.#disposed && candidates !== undefined ? snapshot(candidates, new Warnings()) : null;
    const copies = changed && !this.#disposed ? this.#take(candidates) : undefined;
    const items = list ?? this.#items; // of this very call: another may come before its answer
    try {
      this.#alive();
      const ranking = await this.#call('rank', [copies, plainOptions(options)]);
      ranking.items = Array.from(ranking.order, (i) => items[i]);
      for (const one of ranking.removed) one.item = items[one.position];
      return ranking;
    } catch (error) {
      const { code = 'ranker/fault', path = '', message } = error;
      return unranked(items, code, [{ code, path, message: String(message) }]);
    }
  }

  async observe(event) {
    this.#alive();
    const plain = plainEvent(event, this.#model);
    const accepted = await this.#call('observe', [plain]);
    // With its item, which may be in no list by the time that it is repeated.
    if (accepted) this.#keep('observe', [{ ...plain, item: this.#copies.find((copy) => copy && String(copy.id) === String(plain.item)) ?? plain.item }]);
    return accepted;
  }

  async forget() {
    this.#alive();
    this.#kept = [];
    await this.#call('forget', []);
  }

  async undo(eventId) {
    this.#alive();
    const id = readEventId(eventId);
    const undone = await this.#call('undo', [id]);
    if (undone) this.#keep('undo', [id]);
    return undone;
  }

  async prefer(tags, items) {
    this.#alive();
    const args = [plainTags(tags), plainItems(items, this.#model)];
    await this.#call('prefer', args);
    this.#keep('prefer', args);
  }

  async probabilities(head) {
    this.#alive();
    return this.#call('probabilities', [typeof head === 'string' ? head : '']);
  }

  async scoreBatch(features) {
    this.#alive();
    return this.#call('scoreBatch', [readFeatures(features, this.#model.limits.candidates * this.#model.features.length)]);
  }

  async explain(itemId) {
    this.#alive();
    return this.#call('explain', [['number', 'string'].includes(typeof itemId) ? itemId : '']);
  }

  async restore(bytes) {
    this.#alive();
    const copy = readSnapshot(bytes);
    const result = await this.#call('restore', [copy]);
    this.#kept = [{ method: 'restore', args: [copy] }];
    return result;
  }

  async snapshot(options) {
    this.#alive();
    return this.#call('snapshot', [{ compact: options?.compact === true }]);
  }

  dispose() {
    this.#disposed = true;
    this.#thread?.end();
    Promise.resolve(this.#ranker).then((ranker) => ranker?.dispose(), () => {});
    this.#kept = [];
  }

  [Symbol.dispose ?? Symbol.for('Symbol.dispose')]() {
    this.dispose();
  }

  #alive() {
    if (this.#disposed) throw new RankletError('ranker/disposed', '', 'The ranker was disposed; load another.');
  }

  #isCurrent(candidates) {
    try {
      return candidates === this.#list && candidates.length === this.#length;
    } catch {
      return false;
    }
  }

  /** Reads a list here, where its objects are; gives what the worker is sent. */
  #take(candidates) {
    this.#items = snapshot(candidates, new Warnings());
    this.#list = candidates;
    this.#length = this.#items.length;
    this.#copies = [];
    if (!Array.isArray(candidates)) return null; // the ranker says what is wrong with it
    this.#copies = this.#items.map((item, i) => (i < this.#model.limits.candidates ? plainCandidate(item, this.#model) : null));
    return this.#copies;
  }

  #keep(method, args) {
    this.#kept.push({ method, args });
    if (this.#kept.length > MOST_KEPT) this.#kept.shift();
  }

  async #call(method, args) {
    if (this.#thread && !this.#thread.lost) {
      try {
        return await this.#thread.call(method, args);
      } catch (error) {
        if (error.code !== 'worker/lost') throw error;
      }
      this.#alive();
    }
    this.#ranker ??= this.#moved();
    const ranker = await this.#ranker;
    this.#alive();
    return ranker[method](...args);
  }

  /** The session again, in this thread. */
  async #moved() {
    const ranker = await this.#revive();
    ranker.setCandidates(this.#items);
    for (const { method, args } of this.#kept) {
      try { ranker[method](...args); } catch { /* it was accepted once; what it lacks now is its item's list */ }
    }
    return ranker;
  }
}

/** What `WorkerRanker.load` does in a page. */
export function openRemote(Class, source, model, options) {
  return abortable(readLoadOptions(options).signal, async () => {
    const { wasm, signal, integrity, onProgress, worker } = { ...readLoadOptions(options), worker: options?.worker };
    const starting = Thread.start(typeof worker === 'function' ? worker : source.thread).catch(() => null);
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
export async function openLocal(Class, Ranker, model, options) {
  const ranker = await Ranker.load(model, options);
  return new Class(SECRET, { ranker, model: ranker.model });
}

/** Options that can be posted; what is wrong with them is said by the ranker. */
function plainOptions(options) {
  try {
    return options === undefined ? undefined : structuredClone(options);
  } catch {
    return undefined;
  }
}
