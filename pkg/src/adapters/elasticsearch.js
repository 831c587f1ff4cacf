// In: a search answer of Elasticsearch or OpenSearch: `{ hits: { hits: [{ _id, _score, _source, fields }] } }`.
// Out: an adapter. Paths start in `_source`; what is not there is looked for in the hit's `fields`.
// Must never take `_score: null` (a sorted search) for a score of 0.
import { adapter, isObject } from './adapter.js';

/** @type {typeof import('../../adapters.js').fromElasticsearch} */
export function fromElasticsearch(mapping) {
  return adapter({
    name: 'Elasticsearch or OpenSearch',
    place: 'hits.hits',
    find: (answer) => answer.hits?.hits,
    put: (answer, hits) => ({ ...answer, hits: { ...answer.hits, hits } }),
    body: ({ _source, fields }) => ({ ...(isObject(fields) && fields), ...(isObject(_source) && _source) }),
    id: (hit) => hit._id,
    score: (hit) => hit._score,
  }, mapping);
}
