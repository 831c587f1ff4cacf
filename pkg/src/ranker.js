// In: a model, lists, events. Out: rankings of the caller's own objects.
// rank() always answers; bad events and a bad model are what throws, as RankletError.
// Must never enter wasm before everything of the caller's was read into plain columns.
import { isOptions, readEvent, readEventId, readFeatures, readOptions, readSnapshot, readTags } from './arguments.js';
import { GuardedEngine } from './engine.js';
import { RankletError, Warnings } from './errors.js';
import { start } from './instance.js';
import { parseIntegrity } from './integrity.js';
import { modelBytes } from './load.js';
import { Packer, copyList, fieldRows, idText, keep } from './pack.js';
import { explained } from './sentences.js';

/** @typedef {Omit<import('../index.js').Ranker, typeof Symbol.dispose>} Declared */

const SECRET = Symbol('load');

/** @implements {Declared} */
export class Ranker {
  #engine;
  #model;
  #clock;
  #packer; // of the list: its columns stay in use until the next list
  #eventPacker;
  #busy = false;
  #disposed = false;
  #list = null;
  #listLength = 0;
  #items = [];
  #packed = 0;
  #ids = []; // of the list, null where there is none
  #listWarnings = new Warnings();
  #repeatsSaid = true;
  #latest = -Infinity; // of the times that events were given by default
  #ruleFields = '[]'; // names of the fields that were read for rules, as JSON

  constructor(secret, model, clock) {
    if (secret !== SECRET) throw new RankletError('ranker/use-load', '', 'Make a ranker with `await Ranker.load(model)`.');
    this.#clock = clock;
    this.#engine = new GuardedEngine(model, clock ?? Date.now);
    this.#model = frozen(this.#engine.info());
    this.#packer = new Packer(this.#model.limits, this.#model.fields, this.#model.vectors);
    this.#eventPacker = new Packer(this.#model.limits, this.#model.fields, this.#model.vectors);
  }

  get model() {
    return this.#model;
  }

  setCandidates(candidates) {
    this.#alone(() => this.#setCandidates(candidates));
  }

  rank(candidates, options) {
    if (this.#busy || this.#disposed) {
      // Busy: called back by a getter or clock, in the middle of another call.
      const warnings = new Warnings();
      const items = candidates === undefined ? this.#items : copyList(candidates, warnings);
      return unranked(items, this.#busy ? 'ranker/busy' : 'ranker/disposed', warnings.with([]));
    }
    const warnings = new Warnings();
    try {
      return this.#alone(() => {
        if (candidates !== undefined && !this.#isCurrent(candidates)) this.#setCandidates(candidates);
        return this.#rank(readOptions(options, this.#model.heads, warnings), warnings);
      });
    } catch (error) {
      const { code = 'ranker/fault', path = '', message } = error;
      warnings.add(code, path, String(message));
      return unranked(this.#items, code, this.#listWarnings.with(warnings.with([])));
    }
  }

  scoreBatch(features) {
    const rows = readFeatures(features, this.#model.limits.candidates * this.#model.features.length);
    return this.#alone(() => this.#engine.scoreBatch(rows));
  }

  observe(event) {
    return this.#alone(() => {
      const read = readEvent(event, (item) => {
        const columns = this.#eventPacker.pack([item], 1, new Warnings(), () => 'event.item');
        return columns.ids[0] === null ? null : { id: columns.ids[0], columns: keep(columns) };
      });
      if (this.#disposed) throw disposed(); // by a getter of the event
      // A clock that was set back must not let what came first count as what came last.
      if (read.at === null) read.at = this.#latest = Math.max(this.#latest, Date.now());
      const accepted = this.#engine.observe(read);
      if (accepted) {
        const own = read.item ? undefined : this.#item(read.itemId);
        if (own !== undefined) read.item = keep(this.#eventPacker.pack([own], 1, new Warnings()));
        this.#engine.record(read);
      }
      return accepted;
    });
  }

  undo(eventId) {
    return this.#alone(() => this.#engine.undo(readEventId(eventId)));
  }

  prefer(tags, items) {
    this.#alone(() => {
      const read = readTags(tags, this.#model.limits);
      const warnings = new Warnings();
      const given = items == null ? [] : copyList(items, warnings).slice(0, this.#model.limits.stated);
      const whole = given.map((item) => (typeof item === 'object' ? item : this.#item(idText(item))));
      const columns = this.#eventPacker.pack(whole, whole.length, warnings, (i) => `items[${i}]`);
      if (columns.ids.includes(null) || warnings.with([]).some(({ code }) => code.startsWith('candidates/'))) {
        throw new RankletError('prefer/unreadable', 'items', 'Give an array of candidates, or of ids in the current list.');
      }
      if (this.#disposed) throw disposed(); // by a getter of an item
      this.#engine.prefer(read, keep(columns));
    });
  }

  snapshot(options) {
    return this.#alone(() => {
      let compact = false;
      try { compact = options?.compact === true; } catch { /* the full one is the default */ }
      return this.#engine.snapshot(compact);
    });
  }

  restore(bytes) {
    this.#alone(() => this.#engine.restore(readSnapshot(bytes)));
  }

  probabilities(head) {
    return this.#alone(() => {
      const at = this.#model.heads.findIndex(({ name }) => name === head);
      if (at < 0) throw new RankletError('rank/unknown-head', 'head', `The model has no such head; it has ${this.#model.heads.map(({ name }) => name).join(', ')}.`);
      const found = this.#engine.probabilities(at);
      const all = new Float32Array(this.#items.length).fill(NaN);
      all.set(found.subarray(0, all.length));
      return all;
    });
  }

  explain(itemId) {
    return this.#alone(() => {
      const id = idText(itemId);
      if (this.#item(id) === undefined) throw new RankletError('candidate/id', 'itemId', 'No candidate of the current list has this id.');
      return explained(this.#engine.explain(id), (about) => this.#title(about));
    });
  }

  forget() {
    this.#alone(() => {
      this.#latest = -Infinity;
      this.#engine.forget();
    });
  }

  /** What people call an item: its title where it is known, else its id. */
  #title(id) {
    try {
      const { title } = this.#item(id) ?? {};
      if (typeof title === 'string' && title !== '') return title;
    } catch { /* its id will do */ }
    return id;
  }

  dispose() {
    this.#disposed = true;
    if (!this.#busy) this.#engine.dispose();
  }

  [Symbol.dispose ?? Symbol.for('Symbol.dispose')]() {
    this.dispose();
  }

  /** Runs one call at a time; a `dispose()` from inside it is carried out at its end. */
  #alone(call) {
    if (this.#disposed) throw disposed();
    if (this.#busy) throw new RankletError('ranker/busy', '', 'The ranker was called from inside one of its own calls.');
    this.#busy = true;
    try {
      return call();
    } finally {
      this.#busy = false;
      if (this.#disposed) this.#engine.dispose();
    }
  }

  #isCurrent(candidates) {
    try {
      return candidates === this.#list && candidates.length === this.#listLength;
    } catch {
      return false;
    }
  }

  #setCandidates(candidates) {
    const warnings = new Warnings();
    const items = copyList(candidates, warnings);
    const most = this.#model.limits.candidates;
    const packed = Math.min(items.length, most);
    if (packed < items.length) {
      warnings.add('candidates/too-many', 'candidates', `The first ${most} of ${items.length} candidates are ranked; the rest follow in the order given.`);
    }
    const columns = this.#packer.pack(items, packed, warnings);
    this.#ids = columns.ids;
    this.#repeatsSaid = false;
    this.#list = candidates;
    this.#listLength = items.length;
    this.#items = items;
    this.#packed = packed;
    this.#listWarnings = warnings;
    this.#ruleFields = '[]';
    this.#engine.setList(columns);
  }

  /** The candidate of an id; of equal ones the first. A scan: events and questions are rare. */
  #item(id) {
    return id === null ? undefined : this.#items[this.#ids.indexOf(id)];
  }

  /** Once a list, when wasm has read it. */
  #sayRepeated(positions) {
    if (this.#repeatsSaid) return;
    this.#repeatsSaid = true;
    for (const i of positions) this.#listWarnings.add('candidate/duplicate-id', `candidates[${i}].id`, 'An earlier candidate has the same id; both stay, and events count for both.');
  }

  /** Sends rules, and what they read of the list beyond what the model reads. */
  #setRules(json, warnings) {
    let names = [];
    try {
      names = this.#engine.setRules(json);
    } catch (error) {
      if (!error.code?.startsWith('rules/')) throw error;
      warnings.add(error.code, error.path, `${error.message} No rule applied.`);
    }
    const key = JSON.stringify(names);
    if (key === this.#ruleFields) return;
    this.#engine.setRuleFields(names, fieldRows(this.#items, this.#packed, names, warnings));
    this.#ruleFields = key;
    if (this.#disposed) throw disposed(); // by a getter of a candidate
  }

  #rank({ rules, ...options }, warnings) {
    const items = this.#items;
    this.#setRules(rules, warnings);
    const { report, order, scores, propensities, repeated } = this.#engine.rank(options, this.#clock);
    if (order.length + report.removed.length !== this.#packed || scores.length !== this.#packed) {
      throw new RankletError('wasm/bad-answer', '', 'The answer of wasm does not fit the list.');
    }
    this.#sayRepeated(repeated);
    const all = this.#listWarnings.with([...warnings.with([]), ...report.warnings]);
    const rest = items.length - this.#packed;
    const ranking = { tier: report.tier, reason: report.reason, scored: report.scored, total: items.length, ms: report.ms, units: report.units, more: report.more, warnings: all };
    if (rest > 0 && ranking.tier === 'full') ranking.tier = 'partial';
    if (rest > 0) ranking.reason ??= 'candidates/too-many';
    ranking.order = rest > 0 ? extended(order, order.length + rest, (i) => i + report.removed.length) : order;
    ranking.scores = rest > 0 ? extended(scores, items.length, () => NaN) : scores;
    ranking.items = picked(items, ranking.order);
    ranking.rules = report.rules;
    ranking.removed = report.removed.map(({ position, rule }) => ({ item: items[position], position, rule }));
    ranking.propensities = propensities;
    return ranking;
  }
}

/** What every entry's `load` does; `source` says where the wasm is and how `file:` is read. */
export async function open(Class, source, model, options) {
  const { wasm, clock, signal, integrity, onProgress } = readLoadOptions(options);
  // Another load may be faster, and this promise never looked at: its failure is no crash.
  if (wasm instanceof Promise) wasm.catch(() => {});
  return abortable(signal, async () => {
    const [bytes] = await Promise.all([
      modelBytes(model, { signal, file: source.file, integrity, onProgress }),
      start(wasm === undefined ? source.wasm : () => wasm, { onProgress }),
    ]);
    if (signal?.aborted) return undefined; // nobody waits for it any more
    return new Class(SECRET, bytes, typeof clock === 'function' ? steady(clock) : null);
  });
}

export function readLoadOptions(options) {
  let given;
  try {
    const { wasm, clock, signal, integrity, onProgress, worker } = options ?? {};
    const callable = [clock, onProgress].every((one) => one == null || typeof one === 'function');
    const fit = isOptions(options) && callable && (signal == null || typeof signal.addEventListener === 'function');
    if (fit) given = { wasm, clock, signal, integrity, onProgress, worker };
  } catch { /* said below */ }
  if (!given) {
    throw new RankletError('load/bad-option', 'options', 'Give { wasm, clock, signal, integrity, onProgress } with an AbortSignal and functions, or nothing.');
  }
  if (given.integrity != null) given.integrity = parseIntegrity(given.integrity);
  return given;
}

/** What comes after the signal fired is nobody's: it is disposed of. */
export function abortable(signal, work) {
  if (!signal) return work();
  return new Promise((resolve, reject) => {
    let stopped = false;
    const stop = () => {
      stopped = true;
      reject(new RankletError('load/aborted', '', 'Loading was aborted.', signal.reason));
    };
    if (signal.aborted) {
      stop();
      return;
    }
    signal.addEventListener('abort', stop, { once: true });
    work().then((made) => (stopped ? made?.dispose() : resolve(made)), reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

/** A clock that wasm may call: one that throws or answers nonsense stands still. */
function steady(clock) {
  let last = 0;
  return () => {
    try {
      const now = clock();
      if (Number.isFinite(now)) last = now;
    } catch { /* the last reading stands */ }
    return last;
  };
}

function disposed() {
  return new RankletError('ranker/disposed', '', 'The ranker was disposed; load another.');
}

/** The order given, untouched. */
export function unranked(items, reason, warnings) {
  return {
    items: items.slice(),
    order: Uint32Array.from(items, (_, i) => i),
    scores: new Float32Array(items.length).fill(NaN),
    tier: 'passthrough',
    reason,
    scored: 0,
    total: items.length,
    ms: { prepare: 0, score: 0, order: 0, rules: 0, total: 0 },
    units: { granted: null, spent: 0 },
    more: null,
    rules: [],
    removed: [],
    propensities: new Float32Array(0),
    warnings,
  };
}

function picked(items, order) {
  const chosen = new Array(order.length);
  for (let i = 0; i < order.length; i += 1) chosen[i] = items[order[i]];
  return chosen;
}

function extended(column, length, at) {
  const longer = new column.constructor(length);
  longer.set(column);
  for (let i = column.length; i < length; i += 1) longer[i] = at(i);
  return longer;
}

function frozen(value) {
  if (value !== null && typeof value === 'object') Object.values(value).forEach(frozen);
  return Object.freeze(value);
}
