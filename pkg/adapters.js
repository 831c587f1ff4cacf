// In: a server's answer, as it sends it. Out: candidates, and the same answer in another order.
// One adapter for each kind of server; they differ only in where the hits lie and what a hit calls its parts.
// Must never change the answer given, nor lose a hit.
export { fromArray } from './src/adapters/array.js';
export { fromElasticsearch, fromElasticsearch as fromOpenSearch } from './src/adapters/elasticsearch.js';
export { fromAlgolia } from './src/adapters/algolia.js';
export { fromQdrant } from './src/adapters/qdrant.js';
export { fromVespa } from './src/adapters/vespa.js';
export { fromMetarank } from './src/adapters/metarank.js';
