// In: the options of rank() and the events of observe(), whatever they are. Out: plain checked values.
// Options fall back to their default with a warning; an event that cannot be read is refused.
// Must never read a property twice.
import { RankletError } from './errors.js';
import { idText } from './pack.js';

/** Milliseconds: the slowest answer that still feels immediate after a click, on a slow phone. */
const BUDGET_MS = 30;
/** UTF-16 units of a type or id that are sent to wasm; its own limits are lower. */
const MOST_UNITS = 1_024;
/** Weights whose names are checked for typing errors. */
const MOST_WEIGHTS = 64;

/** `budgetMs` as a number, or null for none. */
export function readOptions(options, warnings) {
  let budget;
  let weights;
  try {
    budget = options?.budgetMs;
    weights = options?.weights;
  } catch {
    warnings.add('rank/bad-option', 'options', 'Reading the options threw; the rest have their defaults.');
  }
  if (budget === undefined) return { budgetMs: BUDGET_MS, weights };
  if (budget === null || budget === Infinity) return { budgetMs: null, weights };
  if (typeof budget === 'number' && budget >= 0) return { budgetMs: budget, weights };
  warnings.add('rank/bad-option', 'options.budgetMs', `The budget is not a number of milliseconds, 0 or more; ${BUDGET_MS} was used.`);
  return { budgetMs: BUDGET_MS, weights };
}

/** Weights in the order of the model's heads, or null if the model's own stand. */
export function readWeights(weights, heads, warnings) {
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

function time(at) {
  if (at == null) return Date.now();
  let ms = at;
  // Date of another realm or subclass alike; throws for what is no Date.
  try { if (typeof at === 'object') ms = Date.prototype.getTime.call(at); } catch { ms = NaN; }
  if (typeof ms !== 'number' || !Number.isFinite(ms)) throw bad('bad-time', 'event.at', 'The time is not a Date or a number of milliseconds.');
  return ms;
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
