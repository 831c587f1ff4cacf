// In: an answer of Vespa: `{ root: { children: [{ id, relevance, fields }] } }`. Out: an adapter.
// Paths start in `fields`. Children without `fields` (groupings) are no hits: they stay, behind the hits.
// Must never take an empty answer, which has no `children`, for a broken one.
import { adapter, isObject } from './adapter.js';

const isHit = (child) => isObject(child) && isObject(child.fields);

/** @type {typeof import('../../adapters.js').fromVespa} */
export function fromVespa(mapping) {
  return adapter({
    name: 'Vespa',
    place: 'root.children',
    find: ({ root }) => {
      const children = isObject(root) ? root.children ?? [] : undefined;
      return Array.isArray(children) ? children.filter(isHit) : undefined;
    },
    put: (answer, hits) => {
      if (!answer.root.children) return answer;
      const rest = answer.root.children.filter((child) => !isHit(child));
      return { ...answer, root: { ...answer.root, children: [...hits, ...rest] } };
    },
    body: (hit) => hit.fields,
    id: (hit) => hit.id,
    score: (hit) => hit.relevance,
  }, mapping);
}
