// In: the options of rank() and the events of observe(), whatever they are. Out: plain checked values.
// Options fall back to their default with a warning; an event that cannot be read is refused.
// Must never read a property twice.
import { bytesOf } from './bytes.js';
import { RankletError } from './errors.js';
import { WITHOUT } from './limits.js';
import { idText } from './pack.js';
import { readRules } from './rules.js';

/** Milliseconds: the slowest answer that still feels immediate after a click, on a slow phone. */
const BUDGET_MS = 30;
/** UTF-16 units of a type or id that are sent to wasm; its own limits are lower. */
const MOST_UNITS = 1_024;
/** Weights whose names are checked for typing errors. */
const MOST_WEIGHTS = 64;

/** Bytes of a snapshot that are sent to wasm; its own limit is lower. */
const MOST_SNAPSHOT_BYTES = 65_536;

/** What `postable` gave: a mark that no caller's object can bear. */
const POSTABLE = new WeakSet();

/** Whether it can be options, or none: an array, a string, a number or a function is a mistake. */
export function isOptions(given) {
  try {
    return given == null || (typeof given === 'object' && !Array.isArray(given));
  } catch {
    return true; // a revoked Proxy: reading its properties says what is wrong
  }
}

/** Options that were read, and what there was to say of them, as data that can be posted; `rank()` takes it for options. */
export function postable(options, heads) {
  const said = [];
  const values = readOptions(options, heads, { add: (...warning) => { said.push(warning); } });
  return arrived({ values, said });
}

/** Marks what `postable` gave on the other side of a `postMessage`. */
export function arrived(posted) {
  POSTABLE.add(posted);
  return posted;
}

/** Every option as plain data of our own: `weights` in the order of the model's heads, `rules` as JSON. */
export function readOptions(options, heads, warnings) {
  if (POSTABLE.has(options)) {
    for (const warning of options.said) warnings.add(...warning);
    return options.values;
  }
  if (!isOptions(options)) {
    warnings.add('rank/bad-option', 'options', 'The options are not an object; the defaults were used.');
    return readOptions(undefined, heads, warnings);
  }
  const read = (name) => {
    try { return options?.[name]; } catch { /* said below */ }
    warnings.add('rank/bad-option', `options.${name}`, 'Reading it threw; its default was used.');
    return undefined;
  };
  const limit = (name, standard, unit) => {
    const given = read(name);
    if (given === undefined) return standard;
    if (given === null || given === Infinity) return null;
    if (typeof given === 'number' && given >= 0) return given;
    warnings.add('rank/bad-option', `options.${name}`, `It is not a number of ${unit}, 0 or more; ${standard ?? 'no limit'} was used.`);
    return standard;
  };
  const values = {
    budgetMs: limit('budgetMs', BUDGET_MS, 'milliseconds'),
    budgetUnits: limit('budgetUnits', null, 'work units'),
    influence: limit('influence', null, 'units of score'),
    weights: read('weights'),
    rules: readRules(read('rules'), warnings),
    seed: readSeed(read('seed'), warnings),
    without: ids(read('without'), warnings),
    at: moment(read('at'), warnings),
    context: readContext(read('context'), warnings),
  };
  return { ...values, weights: readWeights(values.weights, heads, warnings) };
}

function readSeed(seed, warnings) {
  if (seed == null) return 0;
  if (Number.isSafeInteger(seed) && seed >= 0) return seed;
  warnings.add('rank/bad-option', 'options.seed', 'The seed is not a safe integer, 0 or more; 0 was used.');
  return 0;
}

function ids(given, warnings) {
  if (given == null) return [];
  const texts = [];
  let unread = 0;
  try {
    if (!Array.isArray(given)) throw new TypeError('not an array');
    if (given.length > WITHOUT) unread += given.length - WITHOUT;
    for (const id of given.slice(0, WITHOUT)) {
      const text = idText(id);
      if (text !== null && text.length <= MOST_UNITS) texts.push(text);
      else unread += 1;
    }
  } catch {
    warnings.add('rank/bad-option', 'options.without', 'It is not a readable array of event ids; what could not be read was left out.');
  }
  if (unread > 0) warnings.add('rank/bad-option', 'options.without', `${unread} entries are not ids of events, or beyond the first ${WITHOUT}, and were left out.`);
  return texts;
}

function moment(at, warnings) {
  const ms = at == null ? Date.now() : milliseconds(at);
  if (Number.isFinite(ms)) return ms;
  warnings.add('rank/bad-option', 'options.at', 'The time is not a Date or a number of milliseconds; now was used.');
  return Date.now();
}

function readContext(context, warnings) {
  const read = {};
  if (context == null) return read;
  if (typeof context !== 'object') {
    warnings.add('rank/context', 'options.context', 'The context is not an object and was left out.');
    return read;
  }
  for (const [name, type] of [['hour', 'number'], ['weekday', 'number'], ['locale', 'string'], ['device', 'string']]) {
    /** @type {any} */
    let value = null;
    try { value = context[name]; } catch { value = NaN; }
    if (value == null) continue;
    if (typeof value === type && (type === 'number' || value.length <= MOST_UNITS)) read[name] = value;
    else warnings.add('rank/context', `options.context.${name}`, `It is not a short ${type} and was left out.`);
  }
  return read;
}

/** Weights in the order of the model's heads, or null if the model's own stand. */
function readWeights(weights, heads, warnings) {
  if (weights == null) return null;
  if (typeof weights !== 'object') {
    warnings.add('rank/bad-weight', 'options.weights', 'The weights are not an object of numbers by head; the model\'s were used.');
    return null;
  }
  const unknown = (name) => !heads.some((head) => head.name === name);
  try {
    for (const name of Object.keys(weights).slice(0, MOST_WEIGHTS).filter(unknown)) {
      warnings.add('rank/unknown-head', `options.weights.${name.slice(0, 64)}`, `The model has no such head; it has ${heads.map((head) => head.name).join(', ')}.`);
    }
  } catch {
    warnings.add('rank/bad-weight', 'options.weights', 'The weights could not be listed.');
  }
  return heads.map(({ name, weight }) => {
    let value;
    try { value = Object.hasOwn(weights, name) ? weights[name] : undefined; } catch { value = NaN; }
    if (value == null) return weight;
    if (typeof value === 'number' && Number.isFinite(Math.fround(value))) return value;
    warnings.add('rank/bad-weight', `options.weights.${name}`, 'The weight is not a finite number; the model\'s was used.');
    return weight;
  });
}

/**
 * An event as wasm takes it: `id` '' and `value` NaN stand for absent.
 * `packItem(object)` gives `{ id, columns }` of a whole item, or null if it cannot be read.
 */
export function readEvent(event, packItem) {
  if (event === null || typeof event !== 'object') throw bad('unreadable', 'event', 'The event is not an object.');
  const type = read(event, 'type');
  if (typeof type !== 'string' || type.length > MOST_UNITS) {
    throw bad('unknown-type', 'event.type', 'The type is not the name of an action.');
  }
  const item = read(event, 'item');
  const known = typeof item === 'object' && item !== null ? packItem(item) : { id: idText(item), columns: null };
  if (known === null || known.id === null || known.id.length > MOST_UNITS) {
    throw bad('unknown-item', 'event.item', 'Give the id of a candidate, or the whole item with an id.');
  }
  return {
    type,
    itemId: known.id,
    item: known.columns,
    id: eventId(read(event, 'id')),
    at: time(read(event, 'at')),
    value: value(read(event, 'value')),
  };
}

function eventId(id) {
  if (id == null) return '';
  const text = idText(id);
  if (text === null || text.length > MOST_UNITS) throw bad('bad-id', 'event.id', 'The id is not a short string or a finite number.');
  return text;
}

/** `null` stands for now. */
function time(at) {
  if (at == null) return null;
  const ms = milliseconds(at);
  if (!Number.isFinite(ms)) throw bad('bad-time', 'event.at', 'The time is not a Date or a number of milliseconds.');
  return ms;
}

/** Of a Date, of another realm or subclass alike, or a number; NaN for anything else. */
export function milliseconds(at) {
  let ms = at;
  try { if (typeof at === 'object') ms = Date.prototype.getTime.call(at); } catch { ms = NaN; }
  return typeof ms === 'number' ? ms : NaN;
}

/** The id of an event to undo, as text. */
export function readEventId(id) {
  const text = idText(id);
  if (text === null || text.length > MOST_UNITS) throw bad('bad-id', 'eventId', 'The id is not a short string or a finite number.');
  return text;
}

/** Tags that a visitor said to like, those that wasm will read: an array of strings of our own. */
export function readTags(tags, limits) {
  if (tags == null) return [];
  try {
    if (!Array.isArray(tags)) throw new TypeError('not an array');
    // By place: a hole is no string, and the array's own methods are not to be trusted.
    const read = Array.from({ length: Math.min(tags.length, limits.tags) }, (_, i) => tags[i]);
    // wasm cuts at bytes; this keeps a huge string out of its memory.
    if (read.every((tag) => typeof tag === 'string')) return read.map((tag) => tag.slice(0, limits.tag_bytes));
  } catch { /* said below */ }
  throw new RankletError('prefer/unreadable', 'tags', 'The tags are not a readable array of strings.');
}

/** A snapshot's bytes, in a copy of our own. */
export function readSnapshot(bytes) {
  /** @type {Uint8Array | null} */
  let all = null;
  try {
    all = bytesOf(bytes);
  } catch { /* said below */ }
  if (all && all.length > MOST_SNAPSHOT_BYTES) throw new RankletError('snapshot/malformed', 'snapshot', `${all.length} bytes are no snapshot: one has less than 16 KiB.`);
  if (all) return all.slice();
  throw new RankletError('snapshot/not-bytes', 'snapshot', 'The snapshot is not a Uint8Array or another kind of bytes.');
}

/** The kind and the length of a typed array, whatever was done to it. */
const [typeOf, lengthOf] = [Symbol.toStringTag, 'length']
  .map((key) => /** @type {{ get(): any }} */ (Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), key)).get);

/** Rows of features as they are; `most` numbers. */
export function readFeatures(features, most) {
  if (ArrayBuffer.isView(features) && typeOf.call(features) === 'Float32Array') {
    if (lengthOf.call(features) <= most) return features;
    throw new RankletError('candidates/malformed', 'features', `${lengthOf.call(features)} numbers, at most ${most}: a list's rows.`);
  }
  throw new RankletError('candidates/malformed', 'features', 'Give the rows of features as one Float32Array.');
}

function value(given) {
  if (given == null) return NaN;
  if (typeof given !== 'number' || !Number.isFinite(given)) throw bad('bad-value', 'event.value', 'The value is not a finite number.');
  return given;
}

function read(event, key) {
  try {
    return event[key];
  } catch (cause) {
    throw bad('unreadable', `event.${key}`, 'Reading it threw.', cause);
  }
}

function bad(reason, path, message, cause) {
  return new RankletError(`event/${reason}`, path, message, cause);
}
