// In: an answer of Metarank's `/rank`: `{ items: [{ item, score, features }] }`. Out: an adapter.
// It holds ids and scores alone: what else an item is comes from `lookup(id)`, where paths start.
// Must never lose an item that `lookup` does not know.
import { adapter } from './adapter.js';

/** @type {typeof import('../../adapters.js').fromMetarank} */
export function fromMetarank(/** @type {any} */ { lookup = () => undefined, ...mapping } = {}) {
  return adapter({
    name: 'Metarank',
    place: 'items',
    find: (answer) => answer.items,
    put: (answer, items) => ({ ...answer, items }),
    body: (hit) => {
      try { return lookup(hit.item); } catch { return undefined; }
    },
    id: (hit) => hit.item,
    score: (hit) => hit.score,
  }, mapping);
}
