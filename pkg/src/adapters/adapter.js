// In: where a server's hits lie, and a mapping from candidate properties to places in a hit. Out: an adapter.
// A place is a dotted path or a function of the hit; values are taken as a search index holds them.
// Must never throw for one odd hit: it becomes a candidate that keeps its place.
import { RankletError } from '../errors.js';

/**
 * `find(answer)` gives the array of hits, or undefined if the answer has another shape; `put(answer, hits)`
 * the same answer with other hits. `body(hit)` is what the mapping's paths start from.
 *
 * @returns {import('../../adapters.js').Adapter<any, any>}
 */
export function adapter({ name, place, find, put, body, id, score }, mapping = {}) {
  const read = {
    id: reader(mapping.id, body) ?? id,
    score: reader(mapping.score, body) ?? score,
    title: reader(mapping.title, body),
    vector: reader(mapping.vector, body),
    tags: tagReader(mapping.tags, body),
    fields: fieldReader(mapping.fields, body),
  };

  function hits(answer) {
    const found = isObject(answer) ? find(answer) : undefined;
    if (Array.isArray(found)) return found;
    throw new RankletError('adapter/shape', place, `This is no answer of ${name}: it has no list of hits there.`);
  }

  return {
    candidates(answer) {
      const all = hits(answer);
      return all.map((hit, at) => (isObject(hit) ? candidate(hit, at, all.length) : null));
    },
    reorder(answer, order) {
      const all = hits(answer);
      return put(answer, Array.from(order, (at) => all[at]));
    },
  };

  function candidate(hit, at, count) {
    const one = { id: read.id(hit, at, count), score: number(read.score?.(hit, at, count)), hit };
    if (read.title) one.title = text(read.title(hit, at, count));
    if (read.tags) one.tags = read.tags(hit, at, count);
    if (read.fields) one.fields = read.fields(hit, at, count);
    const vector = read.vector?.(hit, at, count);
    if (vector != null) one.vector = vector;
    return one;
  }
}

/** For servers that send an order without scores: from 1 for the first down to above 0 for the last. */
export function scoreOfPlace(hit, at, count) {
  return (count - at) / count;
}

export function isObject(value) {
  return value !== null && typeof value === 'object';
}

/** The value at a dotted path; a key that itself holds dots comes first. Own properties alone. */
export function at(object, path) {
  if (isObject(object) && Object.hasOwn(object, path)) return object[path];
  let value = object;
  for (const key of path.split('.')) {
    if (!isObject(value) || !Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  return value;
}

function reader(given, body) {
  if (given == null) return null;
  if (typeof given === 'function') return guarded(given);
  if (typeof given !== 'string') throw bad('a path or a function');
  return (hit) => at(body(hit), given);
}

function tagReader(given, body) {
  if (given == null) return null;
  const readers = (Array.isArray(given) ? given : [given]).map((one) => reader(one, body));
  return (...args) => readers.flatMap((read) => read?.(...args) ?? []).filter((tag) => typeof tag === 'string' || typeof tag === 'number').map(String);
}

function fieldReader(given, body) {
  if (given == null) return null;
  if (typeof given === 'function') return guarded(given);
  const named = Array.isArray(given) ? given.map((name) => [name, name]) : Object.entries(given);
  const readers = named.map(([name, place]) => [name, reader(place, body)]);
  return (...args) => Object.fromEntries(readers.map(([name, read]) => [name, number(read?.(...args))]));
}

/** A caller's function that throws for one hit costs that value, not the list. */
function guarded(call) {
  return (...args) => {
    try {
      return call(...args);
    } catch {
      return undefined;
    }
  };
}

/** Indexes hold numbers as text, and single values as lists of one. */
function number(value) {
  const one = Array.isArray(value) ? value[0] : value;
  if (typeof one === 'string' && one.trim() !== '') return finite(Number(one));
  if (typeof one === 'boolean') return Number(one);
  return typeof one === 'number' ? finite(one) : null;
}

function finite(value) {
  return Number.isFinite(value) ? value : null;
}

function text(value) {
  const one = Array.isArray(value) ? value[0] : value;
  return typeof one === 'string' || typeof one === 'number' ? String(one) : null;
}

function bad(wanted) {
  return new RankletError('adapter/bad-option', 'mapping', `Each place is ${wanted}.`);
}
