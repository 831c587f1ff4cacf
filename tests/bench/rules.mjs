// In: nothing. Out: one rule of every kind, for the row `rules` of the benchmark: `ranking.ms.rules` of a
// ranking with them is what rules take, reports included.
// All on at once, at the sizes that the product promises: k = 100 slots of n candidates.

export const ALL_RULES = [
  { rule: 'filter', where: { any: [{ ids: ['none', 'of', 'these'] }, { field: { name: 'year', atMost: 1930 } }] } },
  { rule: 'boost', where: { tag: 'Comedy' }, by: 0.5 },
  { rule: 'freshness', field: 'year', unitMs: 31_556_952_000, halfLifeMs: 3e11, weight: 0.5 },
  { rule: 'fatigue', each: 0.1, most: 1 },
  { rule: 'dedupe', by: 'id' },
  { rule: 'diversity', method: 'dpp', top: 100, pool: 1000, relevance: 0.8 },
  { rule: 'quota', of: { tag: 'Horror' }, top: 50, least: 3 },
  { rule: 'quota', each: 'firstTag', top: 100, most: 40 },
  { rule: 'spacing', by: 'firstTag', within: 2, top: 50 },
  { rule: 'explore', top: 20, rate: 0.1, least: 1 },
];
