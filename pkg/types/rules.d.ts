// In: nothing. Out: the types of rules, declared as data, and of what each did.
// Re-exported by `ranklet`; units, ranges, defaults and errors are said here, once.
// Must never promise what no test holds.
import type { Code } from './codes.js';

/** Which candidates a rule means. Absent values match no bound. */
export type Condition =
  /** At most 10,000 ids. */
  | { ids: readonly string[] }
  /** Case and punctuation do not matter. */
  | { tag: string }
  /** Any tag of the form `prefix:value`. */
  | { prefix: string }
  /** Bounds are included; without one, that end is open. */
  | { field: { name: string; atLeast?: number | null; atMost?: number | null } }
  /** Without a value in this field. */
  | { absent: string }
  /** Shown at least so often without a positive event; an impression and its skip are one showing. */
  | { seen: number }
  /** The session has a positive event about it. */
  | 'acted'
  | { all: readonly Condition[] }
  | { any: readonly Condition[] }
  | { not: Condition };

/**
 * What candidates are grouped by; one without a value is in no group. `prefix`: each tag of the form
 * `prefix:value`. `field`: values from `k * band` to below `(k + 1) * band` are one group.
 */
export type Attribute = 'id' | 'firstTag' | 'anyTag' | { prefix: string } | { field: { name: string; band: number } };

interface RuleBase {
  /** For reports, at most 128 bytes. Default: none. */
  name?: string;
  /**
   * Where rules about slots contradict each other the higher one holds, -1,000 to 1,000; of equals, a
   * pin, then the one declared first. One important rule outweighs all below it. Default: 0.
   */
  priority?: number;
}

/**
 * One rule. Shifts (`by`, `weight`, `each` and `most` of fatigue) are in standard deviations of the
 * list's scores, so that they mean the same on every model. `top` counts slots from the first, 1 to 100.
 * Fields may be any numbers of `candidate.fields`, not only those that the model reads.
 */
export type Rule = RuleBase &
  (
    /** Takes candidates out; no pin brings them back. */
    | { rule: 'filter'; where: Condition }
    /** Lifts or buries, -10 to 10. All boosts so far together stay within `clamp`, 0 to 10. Default: 3. */
    | { rule: 'boost'; where: Condition; by: number; clamp?: number }
    /**
     * Lifts by `weight * 2 ** (-age / halfLifeMs)`, the age up to `options.at`. `weight`: 0 to 10;
     * `halfLifeMs`: a second to a century; `unitMs`: milliseconds in one unit of the field. Default: 1.
     */
    | { rule: 'freshness'; field: string; halfLifeMs: number; weight: number; unitMs?: number }
    /**
     * Buries by `each` (0 to 1) for every showing since the last positive event, beyond `free`
     * (default 0), up to `most` (0 to 10). An impression and the skip after it are one showing.
     */
    | { rule: 'fatigue'; each: number; most: number; free?: number }
    /**
     * Keeps the best `keep` of a group (default 1). The rest is removed, or follows `last`, below all
     * slots. Default: `'remove'`.
     */
    | { rule: 'dedupe'; by: Attribute; keep?: number; rest?: 'remove' | 'last' }
    /**
     * Chooses the top anew: `mmr` weighs each against the nearest of those chosen, `dpp` against all.
     * `relevance`: 0 (unlikeness alone) to 1, for `dpp` 0.95. Default: 0.7. `pool`: the best that it
     * chooses among, 1 to 1,000. Default: 4 * top. `over`: the model's item vectors if it has any, else tags.
     */
    | { rule: 'diversity'; method: 'mmr' | 'dpp'; top: number; pool?: number | null; relevance?: number; over?: 'auto' | 'vectors' | 'tags' }
    /** Puts a candidate in a slot, 0 to 99; in a shorter list, the last. */
    | { rule: 'pin'; id: string; slot: number }
    /** At least, at most so many of the top match. */
    | { rule: 'quota'; of: Condition; top: number; least?: number | null; most?: number | null }
    /** At most so many of the top have any one value: a ceiling by topic. */
    | { rule: 'quota'; each: Attribute; top: number; most: number }
    /** Of any `within` slots in a row (2 to 100), no two have a value in common. `top` default: 100. */
    | { rule: 'spacing'; by: Attribute; within: number; top?: number }
    /**
     * Draws slots of the top at random with the probability `rate`; at least `least` (default 0) and at
     * most `most` (default `top`) of them in every ranking. A drawn slot takes any of the `pool` best
     * that the other rules allow there, each equally likely: 1 to 1,000, default 50.
     */
    | { rule: 'explore'; top: number; rate: number; least?: number; most?: number | null; pool?: number }
  );

/** What one rule did to one ranking. */
export interface RuleReport {
  /** Its kind; empty if that could not be read. */
  rule: string;
  name: string;
  /** Candidates that stayed and changed their place. */
  moved: number;
  removed: number;
  /**
   * Predicted utility that it cost, as a share of what the order before any rule is worth: each
   * candidate's score, scaled to 0..1 over the list and discounted by `1 / log2(slot + 2)` as in DCG,
   * over the first 100 slots. The costs of all rules add up.
   */
  cost: number;
  /** Whether it changed anything. */
  binding: boolean;
  /** Whether it does not hold in the order given, or could not be applied. */
  infeasible: boolean;
  /**
   * Why: `rules/infeasible` (the list has too little for it), `rules/contradiction` (it gave way to a
   * more important rule), `rules/unknown-field`, `rules/malformed`, `rules/limit`; else `null`.
   */
  code: Code | null;
  /** The same in a sentence. */
  message: string | null;
}
