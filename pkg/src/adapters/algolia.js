// In: a search answer of Algolia: `{ hits: [{ objectID, … }] }`, or `{ results: [{ hits }] }` of several queries.
// Out: an adapter, of the first query unless `query` says which.
// Must never invent more than the order tells: Algolia sends no score, so the score falls with the place.
import { adapter, scoreOfPlace } from './adapter.js';

/** @type {typeof import('../../adapters.js').fromAlgolia} */
export function fromAlgolia({ query = 0, ...mapping } = {}) {
  return adapter({
    name: 'Algolia',
    place: 'hits',
    find: (answer) => (Array.isArray(answer.results) ? answer.results[query]?.hits : answer.hits),
    put: (answer, hits) => (Array.isArray(answer.results)
      ? { ...answer, results: answer.results.map((one, i) => (i === query ? { ...one, hits } : one)) }
      : { ...answer, hits }),
    body: (hit) => hit,
    id: (hit) => hit.objectID,
    score: scoreOfPlace,
  }, mapping);
}
