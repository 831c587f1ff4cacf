// In: nothing. Out: the types of a ranking: what may be asked of it, and what it says.
// Re-exported by `ranklet`; units, ranges, defaults and errors are said here, once.
// Must never promise what no test holds.
import type { Candidate } from './candidate.js';
import type { Code } from './codes.js';
import type { Rule, RuleReport } from './rules.js';

export interface RankOptions {
  /**
   * Milliseconds, 0 or more, after which candidates that have no score yet keep the place that the
   * cheap prior gave them: the server's order, or where the server sent no scores that of the field
   * which the model names. 0 is the prior alone; `null` is no limit. Default: 30. The first rankings after
   * a load run code that the host has not optimised: look at `tier`, and rank again when the page is idle.
   */
  budgetMs?: number | null;
  /**
   * Work units, 0 or more, that the model may spend: for hosts whose clock stands still while they
   * compute, as deployed edge workers' do. A unit is a thousand multiplications or numbers computed;
   * a block of `model.block` new candidates costs `model.block_units`, of known ones
   * `model.known_block_units`. A block starts only if it fits,
   * so no more is spent than granted. With `budgetMs` both hold. Default: `null`, no limit.
   */
  budgetUnits?: number | null;
  /**
   * Most that what is known of the visitor, events and preferences, may move any score either way, in
   * units of score, 0 or more: then one event moves a score by at most twice this, the first by at most
   * this. 0 gives everybody a new visitor's order. Takes one more run of the score stage for each list,
   * within the budgets. Default: `null`, as far as the model goes.
   */
  influence?: number | null;
  /**
   * Weights by the names in `model.heads`, finite. Heads left out keep the model's weight.
   * Default: the model's.
   */
  weights?: Readonly<Record<string, number | null | undefined>> | null;
  /**
   * Ids of events to rank without, as if they had not happened; the session keeps them. At most 256.
   * An id that is not known is said in a warning: `event/too-old`, `event/unknown-id`.
   */
  without?: readonly (string | number)[] | null;
  /**
   * When the ranking is for: what events say fades up to then, by the model's half-life. Events
   * after it, as a clock that was set back makes them, count as new. Default: now.
   */
  at?: number | Date | null;
  /** When and where the visitor is, for models that read it. Not kept. Default: unknown. */
  context?: Context | null;
  /**
   * What the order must obey beyond scores: at most 64 rules, 1 MiB as JSON. Default: none.
   *
   * Kinds apply in this order, whatever the order given: `filter`; `boost`, `freshness`, `fatigue`;
   * `dedupe`; `diversity`; then the slots are filled from the top under `pin`, `quota`, `spacing` and
   * `explore`. A rule that cannot be read or applied is left out and said: in `ranking.rules` and in a
   * warning. With the tier `passthrough` no rule applied.
   *
   * @example
   * const ranking = ranker.rank(candidates, {
   *   budgetMs: null,
   *   seed: 7,
   *   rules: [
   *     { rule: 'filter', where: { field: { name: 'year', atMost: 1950 } } },
   *     { rule: 'pin', id: candidates[50].id, slot: 2 },
   *     { rule: 'quota', each: 'firstTag', top: 10, most: 4 },
   *     { rule: 'explore', top: 20, rate: 0.1 },
   *   ],
   * });
   * ranking.items[2].id; // → candidates[50].id
   * ranking.rules.map(({ infeasible }) => infeasible); // → [false, false, false, false]
   * ranking.removed.every(({ item }) => item.fields.year <= 1950); // → true
   * ranking.propensities.length; // → 20
   */
  rules?: readonly Rule[] | null;
  /** Decides what `explore` draws: a safe integer, 0 or more; another for each page view. Default: 0. */
  seed?: number | null;
}

/** What is out of range is left out, with a warning `rank/context`. */
export interface Context {
  /** Hour of the visitor's day, 0 up to 24, fractions allowed. */
  hour?: number | null;
  /** 0 is Sunday, 6 Saturday, as `Date.getDay()` counts. */
  weekday?: number | null;
  /** A BCP 47 tag such as `"de-AT"`, at most 64 bytes. */
  locale?: string | null;
  /** A class of device in the model's words, such as `"phone"`, at most 64 bytes. */
  device?: string | null;
}

/** Something that was wrong and was survived. */
export interface Warning {
  code: Code;
  /** Which part of the input, such as `"candidates[3].title"`. */
  path: string;
  message: string;
}

/**
 * How far a ranking came. `full`: the model scored every candidate. `partial`: some have the prior's
 * place. `prior`: all have. `passthrough`: the order given.
 */
export type Tier = 'full' | 'partial' | 'prior' | 'passthrough';

export interface Ranking<C = Candidate> {
  /** The caller's own objects, best first. */
  items: C[];
  /** Positions in the list given, best first: a permutation, less what rules took out. */
  order: Uint32Array;
  /** By position in the list given; NaN where the model did not score. */
  scores: Float32Array;
  tier: Tier;
  /** Why the tier is not `full`; else `null`. */
  reason: Code | null;
  /** Candidates that the model scored. */
  scored: number;
  /** Candidates in the list. */
  total: number;
  /** Milliseconds by stage, on the ranker's clock. */
  ms: { prepare: number; score: number; order: number; rules: number; total: number };
  /** Work units granted (`null`: no limit) and spent; spent is never more than granted. */
  units: { granted: number | null; spent: number };
  /** Set if the visitor would be served better by other candidates; `null` if not, or nothing is known. */
  more: More | null;
  /** One report for each of `options.rules`. */
  rules: RuleReport[];
  /** What rules took out, each with the place of its rule in `options.rules`. */
  removed: { item: C; position: number; rule: number }[];
  /**
   * By slot, as far as `explore` reaches: the probability with which it put its candidate there, given
   * the slots above and how many of them were drawn (`least` and `most` count draws). What
   * inverse-propensity estimates need; empty without `explore`.
   */
  propensities: Float32Array;
  /** At most 20, then one `warnings/more` with the count of the rest. */
  warnings: Warning[];
}

/** What to ask the server for. It says what the visitor likes, not what the visitor did. */
export interface More {
  /**
   * `exhausted`: fewer than 10 candidates are left that no event is about. `off-interest`: after two
   * likes or as much, less than half of the interest is on tags that such a candidate bears.
   */
  reason: 'exhausted' | 'off-interest';
  /** Candidates that no event is about. */
  unseen: number;
  /** Share of the interest on tags that an unseen candidate bears, 0 to 1. */
  served: number;
  /** At most 16, best first; `weight` is interest less rejection, in items, above 0. */
  tags: { tag: string; weight: number }[];
  /** Mean of the liked items' vectors, of length 1; empty where there is none. */
  vector: number[];
}

/** Why a candidate is where it is. */
export interface Explanation {
  /** Its place in the last ranking were there no time limit, 1 is the best; `null` if a rule took it out. */
  place: number | null;
  score: number;
  /** What each factor did, those that moved it most first. */
  contributions: Contribution[];
  /** Events that count but were not tried: all but the newest 64. */
  untried: number;
}

/** The ranking with one factor against the ranking without it: exact, on the final order. */
export interface Contribution {
  /** One event; all stated preferences together; the server's scores of the whole list; one rule. */
  factor: 'event' | 'preferences' | 'server-score' | 'rule';
  /** Which of `options.rules`, and its name, or its kind if it has none. */
  rule: { index: number; name: string } | null;
  /** `id` is empty if the event had none; `at` is in milliseconds since 1970. */
  event: { id: string; type: string; item: string; at: number } | null;
  /** `null` if a rule would take it out. */
  place_without: number | null;
  /** Places that the factor lifts the candidate by; below 0 if it sinks it. */
  moved: number;
  /** What the factor adds to its score; NaN where there is none. */
  score: number;
  /** What people call the event's item: its title if it is in the list, else its id. Text, not markup. */
  title: string;
  /** English, with `{places}`, `{type}`, `{title}` and `{rule}`. */
  template: string;
  /** The template filled in. Text, not markup. */
  sentence: string;
}
