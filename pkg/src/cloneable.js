// In: a caller's candidates or event, whatever they are. Out: copies that can be posted to a worker.
// Only what ranking reads is copied, each property once; limits bound how much. It must never throw for what it reads.
import { milliseconds } from './arguments.js';

/** The properties of a candidate that ranking reads, apart from `tags` and `fields`. */
const SCALARS = ['id', 'title', 'score', 'basis'];

/** Fields beyond the model's that are copied. */
const MOST_FIELDS = 64;

/** Stands for a value that cannot be posted. No property takes a boolean, so the ranker refuses it as it would the value. */
const ODD = true;

/** The candidate that wasm's reader would see: what cannot be read is absent there too. */
export function cloneableCandidate(candidate, model) {
  if (candidate === null || typeof candidate !== 'object') return null;
  const copy = {};
  for (const key of SCALARS) copy[key] = scalar(get(candidate, key), model.limits.title_bytes + 1);
  copy.tags = list(get(candidate, 'tags'), model.limits.tags + 1, (tag) => scalar(tag, model.limits.tag_bytes + 1));
  const vector = get(candidate, 'vector');
  if (vector != null) copy.vector = numbers(vector);
  const fields = get(candidate, 'fields');
  copy.fields = fields !== null && typeof fields === 'object' ? {} : scalar(fields, 0);
  if (copy.fields !== null && typeof copy.fields === 'object') {
    for (const name of model.fields) copy.fields[name] = own(fields, name);
    for (const name of others(fields)) copy.fields[name] ??= own(fields, name); // rules may read them
  }
  return copy;
}

export function cloneableEvent(event, model) {
  if (event === null || typeof event !== 'object') return null;
  const most = model.limits.event_id_bytes + 1;
  const copy = {};
  for (const key of ['type', 'id', 'value']) copy[key] = scalar(get(event, key), Math.max(most, 1_025));
  const at = get(event, 'at');
  copy.at = at !== null && typeof at === 'object' ? milliseconds(at) : scalar(at, 0);
  const item = get(event, 'item');
  copy.item = item !== null && typeof item === 'object' ? cloneableCandidate(item, model) : scalar(item, 1_025);
  return copy;
}

/** Tags that a visitor stated; the ranker says what is wrong with them. */
export function cloneableTags(tags) {
  return list(tags, 1_024, (tag) => scalar(tag, 1_025));
}

/** Items of a statement: whole ones are copied, ids stay. */
export function cloneableItems(items, model) {
  return list(items, model.limits.candidates, (item) => (item !== null && typeof item === 'object' ? cloneableCandidate(item, model) : scalar(item, 1_025)));
}

function get(object, key) {
  try {
    return object[key];
  } catch {
    return undefined;
  }
}

function own(object, key) {
  try {
    return Object.hasOwn(object, key) ? scalar(object[key], 0) : undefined;
  } catch {
    return undefined;
  }
}

/** Names of further fields. `__proto__` would set one. */
function others(fields) {
  try {
    return Object.keys(fields).slice(0, MOST_FIELDS).filter((name) => name !== '__proto__');
  } catch {
    return [];
  }
}

function scalar(value, most) {
  if (typeof value === 'string') return value.length > most ? value.slice(0, most) : value;
  return value == null || typeof value === 'number' ? value : ODD;
}

function list(value, most, one) {
  if (value == null) return value;
  try {
    if (!Array.isArray(value)) return ODD;
    return Array.from({ length: Math.min(value.length, most) }, (_, i) => one(get(value, i)));
  } catch {
    return ODD;
  }
}

/** A short view or array of numbers, copied; anything else is not a vector. */
function numbers(value) {
  try {
    if (ArrayBuffer.isView(value) && value.byteLength <= 4_096) return /** @type {Int8Array} */ (value).slice();
    if (Array.isArray(value) && value.length <= 1_024) return Array.from(value, (one) => scalar(one, 0));
  } catch { /* said below */ }
  return ODD;
}
