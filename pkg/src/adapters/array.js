// In: an array of items, or an object that holds one under `list`. Out: an adapter.
// Without a mapping the items are candidates already, and go through as they are.
// Must never drop a property that a candidate brings.
import { adapter, at, isObject } from './adapter.js';

/** @returns {import('../../adapters.js').Adapter<any, any>} */
export function fromArray({ list = 'items', ...mapping } = {}) {
  const made = adapter({
    name: 'a plain array',
    place: list,
    find: (answer) => (Array.isArray(answer) ? answer : at(answer, list)),
    put: (answer, items) => (Array.isArray(answer) ? items : placed(answer, list.split('.'), items)),
    body: (item) => item,
    id: (item) => item.id,
    score: (item) => item.score,
  }, mapping);
  if (Object.keys(mapping).length > 0) return made;
  return { ...made, candidates: (answer) => made.candidates(answer).map((one) => one && one.hit) };
}

function placed(object, path, items) {
  const [key, ...rest] = path;
  return { ...object, [key]: rest.length > 0 && isObject(object[key]) ? placed(object[key], rest, items) : items };
}
