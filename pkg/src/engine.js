// In: packed columns and checked events. Out: what wasm answers, and a working engine after a trap.
// Keeps what rebuilding needs: the model's bytes, the list, the rules and the journal of the session.
// Callers' objects are read before: a getter that throws inside wasm would leave the engine borrowed for good.
import { RankletError, fromWasm, isReported } from './errors.js';
import { createEngine, currentGeneration, poison } from './instance.js';
import { Journal } from './journal.js';

/** Rebuilds within that time after which calls fail instead: a model or list that always traps must not turn each call into one. */
const REBUILDS = 3;
const REBUILD_WINDOW_MS = 60_000;
/** Steps kept one by one before a snapshot replaces them: replaying them must stay quick. */
const MOST_STEPS = 64;

/** @typedef {import('../wasm/ranklet.js').Engine} Engine */

export class GuardedEngine {
  #model;
  #now;
  /** @type {Engine | null} */
  #engine = null;
  #generation = 0;
  #rebuilds = [];
  #list = null;
  #listSent = false;
  /** @type {Uint32Array} */
  #repeated = new Uint32Array(0);
  #rules = { json: '[]', fields: [] };
  #rulesSent = true;
  /** @type {{ names: string[], values: Float32Array } | null} */
  #ruleFields = null;
  #ruleFieldsSent = true;
  #journal = new Journal(MOST_STEPS);

  /** Throws the model's fault; `now` counts milliseconds. */
  constructor(model, now) {
    this.#model = model;
    this.#now = now;
    this.#attempt(() => this.#create());
  }

  info() {
    return this.#attempt((engine) => engine.info());
  }

  /** Columns that stay valid until the next list. */
  setList(columns) {
    this.#list = columns;
    this.#listSent = false;
    this.#ruleFields = null; // they are of the list before
  }

  /** `repeated` are the positions of the list whose id an earlier one has. */
  rank(options, clock) {
    return this.#run((engine) => {
      const report = engine.rank(options, clock);
      return { report, order: engine.order(), scores: engine.scores(), propensities: engine.propensities(), repeated: this.#repeated };
    });
  }

  /**
   * Takes the rules of the next rankings; gives the names of the fields that they read and the model
   * does not. Throws `rules/…` if they are no ruleset: then there are none.
   */
  setRules(json) {
    if (json !== this.#rules.json) {
      this.#rules = { json: '[]', fields: [] };
      this.#rulesSent = false;
      const fields = this.#run((engine) => engine.set_rules(json));
      this.#rules = { json, fields };
    }
    return this.#rules.fields;
  }

  /** Values of such fields for the current list, one row a candidate. */
  setRuleFields(names, values) {
    this.#ruleFields = { names, values };
    this.#ruleFieldsSent = false;
  }

  scoreBatch(rows) {
    return this.#run((engine) => engine.score_batch(rows));
  }

  /** What the last ranking says of a head, by position; empty if there is none. */
  probabilities(head) {
    return this.#run((engine) => engine.probabilities(head));
  }

  explain(itemId) {
    return this.#run((engine) => engine.explain(itemId));
  }

  /** `event.item` holds the item's columns, or null if wasm must know the id already. */
  observe(event) {
    return this.#run((engine) => observe(engine, event));
  }

  /** Keeps an accepted event for replay after a trap. */
  record(event) {
    this.#keep((engine) => observe(engine, event));
  }

  undo(eventId) {
    const undone = this.#run((engine) => engine.undo(eventId));
    if (undone) this.#keep((engine) => engine.undo(eventId));
    return undone;
  }

  /** `items` are columns that stay valid. */
  prefer(tags, columns) {
    const step = (engine) => engine.prefer(tags, ...inOrder(columns));
    this.#run(step);
    this.#keep(step);
  }

  snapshot(compact) {
    return this.#run((engine) => engine.snapshot(compact));
  }

  restore(bytes) {
    this.#run((engine) => engine.restore(bytes));
    this.#journal.restartFrom(bytes);
  }

  forget() {
    this.#journal.clear();
    if (!this.#isLive()) return;
    try {
      this.#attempt((engine) => engine.forget());
    } catch { /* the session is lost with its instance: just as empty */ }
  }

  #keep(step) {
    if (!this.#journal.add(step)) return;
    try {
      this.#journal.restartFrom(this.snapshot(false));
    } catch { /* a trap: the steps stand, and are folded later */ }
  }

  dispose() {
    if (this.#isLive()) {
      try { this.#engine?.free(); } catch { poison(this.#generation); }
    }
    this.#engine = this.#list = this.#ruleFields = this.#model = null;
    this.#journal.clear();
  }

  #isLive() {
    return this.#engine !== null && this.#generation === currentGeneration();
  }

  #run(call) {
    if (!this.#isLive()) this.#rebuild();
    return this.#attempt((engine) => {
      if (!this.#listSent && this.#list) {
        this.#repeated = engine.set_candidates(...inOrder(this.#list));
        this.#listSent = true;
        this.#ruleFieldsSent = false;
      }
      if (!this.#rulesSent) {
        engine.set_rules(this.#rules.json);
        this.#rulesSent = true;
      }
      if (!this.#ruleFieldsSent && this.#ruleFields) {
        engine.set_rule_fields(this.#ruleFields.names, this.#ruleFields.values);
      }
      this.#ruleFieldsSent = true;
      return call(engine);
    });
  }

  /**
   * @template T
   * @param {(engine: Engine) => T} call
   */
  #attempt(call) {
    try {
      return call(/** @type {Engine} */ (this.#engine));
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
    this.#listSent = this.#rulesSent = false;
    return this.#engine;
  }

  #rebuild() {
    const now = this.#now();
    this.#rebuilds = this.#rebuilds.filter((then) => Math.abs(now - then) < REBUILD_WINDOW_MS);
    if (this.#rebuilds.length >= REBUILDS) {
      throw new RankletError('wasm/trap-limit', '', `The wasm instance stopped more than ${REBUILDS} times in a minute; it is left alone until the minute is over.`);
    }
    this.#rebuilds.push(now);
    this.#attempt(() => this.#journal.replay(this.#create(), isReported));
  }
}

/**
 * One crossing: an event that wasm refuses leaves nothing of its item behind.
 *
 * @param {Engine} engine
 */
function observe(engine, { type, itemId, id, at, value, item }) {
  if (item) return engine.observe_item(type, itemId, id, at, value, ...inOrder(item));
  return engine.observe(type, itemId, id, at, value);
}

/**
 * Columns as the engine's calls take them.
 *
 * @returns {[Uint8Array, Uint32Array, Uint32Array, Uint32Array, Float32Array, Float32Array, Int8Array, Uint8Array]}
 */
function inOrder({ text, lengths, tags, tagCounts, scores, fields, vectors, given }) {
  return [text, lengths, tags, tagCounts, scores, fields, vectors, given];
}
