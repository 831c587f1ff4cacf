// In: a ranker and a list. Out: milliseconds that rules take, for the row `rules` of the benchmark.
// One rule of every kind, all on at once, at the sizes that the product promises: k = 100 of n candidates.
// Must never count the model: what is measured is `ranking.ms.rules`, reports included.
import { summary } from './statistics.mjs';

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

/** Each kind by itself, at its most: 100 slots, diversity among all candidates, quotas and spacings that bind. */
export const ONE_RULE = {
  filter: ALL_RULES[0],
  boost: ALL_RULES[1],
  freshness: ALL_RULES[2],
  fatigue: ALL_RULES[3],
  dedupe: { rule: 'dedupe', by: 'firstTag', keep: 100, rest: 'last' },
  mmr: { rule: 'diversity', method: 'mmr', top: 100, pool: 1000 },
  mmr_tags: { rule: 'diversity', method: 'mmr', top: 100, pool: 1000, over: 'tags' },
  dpp: { rule: 'diversity', method: 'dpp', top: 100, pool: 1000 },
  pin: (list) => ({ rule: 'pin', id: list.at(-1).id, slot: 50 }),
  quota_least: { rule: 'quota', of: { tag: 'Horror' }, top: 100, least: 40 },
  quota_each: { rule: 'quota', each: 'anyTag', top: 100, most: 15 },
  spacing: { rule: 'spacing', by: 'firstTag', within: 6 },
  explore: { rule: 'explore', top: 100, rate: 0.5, pool: 1000 },
};

/** Rows of each kind alone. */
export function eachRule(ranker, list, { runs, host }) {
  return Object.entries(ONE_RULE).map(([name, rule]) => {
    const rules = [typeof rule === 'function' ? rule(list) : rule];
    return { case: `rules_${name}`, n: list.length, k: 100, host, variant: 'simd128', runs, ours: summary(rulesTimes(ranker, list, { runs, rules })) };
  });
}

/** Milliseconds of the rules alone, one number a run: all of `ALL_RULES`, or those given. */
export function rulesTimes(ranker, list, { runs, warmup = 30, rules = ALL_RULES }) {
  const times = [];
  for (let run = -warmup; run < runs; run += 1) {
    const ranking = ranker.rank(run === -warmup ? list : undefined, { budgetMs: null, rules, seed: run + warmup });
    if (run >= 0) times.push(ranking.ms.rules);
  }
  return times;
}
