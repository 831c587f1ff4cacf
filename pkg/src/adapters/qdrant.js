// In: an answer of Qdrant: `{ result: { points: [{ id, score, payload }] } }` of a query, or
// `{ result: [{ id, score, payload }] }` of a search. Out: an adapter. Paths start in `payload`.
// Must never mix the two shapes up: an answer is given back in the one it came in.
import { adapter } from './adapter.js';

/** @type {typeof import('../../adapters.js').fromQdrant} */
export function fromQdrant(mapping) {
  return adapter({
    name: 'Qdrant',
    place: 'result.points',
    find: ({ result }) => (Array.isArray(result) ? result : result?.points),
    put: (answer, points) => ({ ...answer, result: Array.isArray(answer.result) ? points : { ...answer.result, points } }),
    body: (point) => point.payload,
    id: (point) => point.id,
    score: (point) => point.score,
  }, mapping);
}
