// In: packed columns and checked events. Out: what wasm answers, and a working engine after a trap.
// Keeps what rebuilding needs: the model's bytes, the list, and the events that the session accepted.
// Must never see a caller's object: a getter that throws inside wasm leaves the engine borrowed for good.
import { RankletError, fromWasm, isReported } from './errors.js';
import { createEngine, currentGeneration, poison } from './host.js';

/** A model or list that traps again and again must not turn each call into a rebuild. */
const REBUILDS = 3;
const REBUILD_WINDOW_MS = 60_000;

export class GuardedEngine {
  #model;
  #now;
  #engine = null;
  #generation = 0;
  #rebuilds = [];
  #list = null;
  #listSent = false;
  #journal = [];
  #mostEvents = 256;

  /** Throws the model's fault; `now` counts milliseconds. */
  constructor(model, now) {
    this.#model = model;
    this.#now = now;
    this.#attempt(() => this.#create());
  }

  info() {
    const info = this.#attempt(() => this.#engine.info());
    this.#mostEvents = Math.min(this.#mostEvents, info.limits.events);
    return info;
  }

  /** Columns that stay valid until the next list. */
  setList(columns) {
    this.#list = columns;
    this.#listSent = false;
  }

  rank(options, clock) {
    return this.#run((engine) => {
      const report = engine.rank(options, clock);
      return { report, order: engine.order(), scores: engine.scores() };
    });
  }

  scoreBatch(rows) {
    return this.#run((engine) => engine.score_batch(rows));
  }

  /** `event.item` holds the item's columns, or null if wasm must know the id already. */
  observe(event) {
    return this.#run((engine) => apply(engine, event));
  }

  /** Keeps an accepted event for replay after a trap. */
  record(event) {
    event.item ??= this.#journal.findLast((past) => past.itemId === event.itemId)?.item ?? null;
    this.#journal.push(event);
    if (this.#journal.length > this.#mostEvents) this.#journal.shift();
  }

  forget() {
    this.#journal = [];
    if (!this.#isLive()) return;
    try {
      this.#attempt(() => this.#engine.forget());
    } catch { /* the session is lost with its instance: just as empty */ }
  }

  dispose() {
    if (this.#isLive()) {
      try { this.#engine.free(); } catch { poison(this.#generation); }
    }
    this.#engine = this.#list = this.#model = null;
    this.#journal = [];
  }

  #isLive() {
    return this.#engine !== null && this.#generation === currentGeneration();
  }

  #run(call) {
    if (!this.#isLive()) this.#rebuild();
    return this.#attempt(() => {
      if (!this.#listSent && this.#list) {
        const { text, lengths, tagCounts, scores, fields } = this.#list;
        this.#engine.set_candidates(text, lengths, tagCounts, scores, fields);
        this.#listSent = true;
      }
      return call(this.#engine);
    });
  }

  #attempt(call) {
    try {
      return call();
    } catch (error) {
      if (isReported(error)) throw fromWasm(error);
      poison(this.#generation);
      this.#engine = null;
      throw new RankletError('wasm/trap', '', 'The wasm instance stopped; it is rebuilt before the next call.', error);
    }
  }

  #create() {
    this.#generation = currentGeneration(); // first: a trap in the next line poisons this one
    this.#engine = createEngine(this.#model);
    this.#listSent = false;
  }

  #rebuild() {
    const now = this.#now();
    this.#rebuilds = this.#rebuilds.filter((then) => Math.abs(now - then) < REBUILD_WINDOW_MS);
    if (this.#rebuilds.length >= REBUILDS) {
      throw new RankletError('wasm/trap-limit', '', `The wasm instance stopped more than ${REBUILDS} times in a minute; it is left alone until the minute is over.`);
    }
    this.#rebuilds.push(now);
    const journal = this.#journal;
    this.#journal = []; // if an event of it is what traps, the next rebuild starts without
    this.#attempt(() => {
      this.#create();
      for (const event of journal) {
        try {
          apply(this.#engine, event);
        } catch (error) {
          if (!isReported(error)) throw error;
        }
      }
    });
    this.#journal = journal;
  }
}

function apply(engine, { type, itemId, id, at, value, item }) {
  engine.check(type, id, at, value); // first: a refused event must not leave its item behind
  if (item) engine.remember(item.text, item.lengths, item.tagCounts, item.scores, item.fields);
  return engine.observe(type, itemId, id, at, value);
}
