// In: nothing. Out: the types of everything that this package exports.
// Units, ranges, defaults and errors are said here, once.
// Must never promise what no test holds.

/// <reference lib="esnext.disposable" />

/** The version of the wasm, such as `"0.1.0"`; `null` before the first `Ranker.load`. */
export function version(): string | null;

/** Whatever bytes can come from. A promise of any of these will do. */
export type Source = string | URL | Response | Blob | ArrayBuffer | ArrayBufferView;

export interface LoadOptions {
  /**
   * Where the .wasm is, if not beside the package: a compiled Module, or anything that bytes come
   * from. The first `load` of a page, process or worker decides; later values are ignored.
   */
  wasm?: WebAssembly.Module | Source | Promise<WebAssembly.Module | Source>;
  /**
   * Reads milliseconds on a clock that never goes back. Default: `performance.now()`.
   * A clock that throws, or answers no finite number, counts as standing still.
   */
  clock?: () => number;
  /** Aborts loading: `load` then rejects with the code `load/aborted`. */
  signal?: AbortSignal;
  /**
   * The model's hash as in HTML's `integrity`: `"sha384-…"`, several separated by spaces. Needs a secure
   * context (https or localhost). For the wasm pass `wasm: fetch(url, { integrity })`.
   */
  integrity?: string;
  /**
   * Called as bytes arrive. Counting keeps browsers from caching the compiled wasm: leave it out where
   * nobody looks. One that throws is ignored.
   */
  onProgress?: (progress: Progress) => void;
}

export interface Progress {
  part: 'model' | 'wasm';
  /** Bytes so far. */
  loaded: number;
  /** Bytes in all; `null` where the server does not say, or says the length of the compressed ones. */
  total: number | null;
}

/**
 * Something that can be ranked. Other properties are ignored, and the object itself is never
 * changed: a ranking holds the same objects.
 */
export interface Candidate {
  /** Not empty, at most `model.limits.id_bytes` bytes of UTF-8. A number is the same id as its text. */
  id: string | number;
  /** Cut at `model.limits.title_bytes` bytes. Default: none. */
  title?: string | null;
  /** At most `model.limits.tags`, each cut at `model.limits.tag_bytes` bytes. Default: none. */
  tags?: readonly string[] | null;
  /** The server's score, higher is better, finite. Default: absent, which is not 0. */
  score?: number | null;
  /** Numbers by the names in `model.fields`. Those left out are absent, which is not 0. */
  fields?: Readonly<Record<string, number | null | undefined>> | null;
  /**
   * What the server learnt of the item from people: `model.vectors.width` whole numbers of -128 to 127.
   * Default: none; title and tags stand in. Read only by models whose `model.vectors` is not null.
   */
  vector?: Int8Array | readonly number[] | null;
  /**
   * The space of `vector`: it counts only if this is `model.vectors.basis`. Otherwise title and tags
   * stand in, with a warning `candidate/other-basis`.
   */
  basis?: string | null;
}

/** What a visitor did. */
export interface RankletEvent<C extends Candidate = Candidate> {
  /** One of `model.actions`, such as `"click"`. */
  type: string;
  /** The id of a candidate, or a whole item that need not be in the list. */
  item: string | number | C;
  /** Makes the event count once among the last `model.limits.events`. At most 128 bytes. Default: none. */
  id?: string | number | null;
  /** When, in milliseconds since 1970, or a Date. Default: now. */
  at?: number | Date | null;
  /** `dwell`: seconds, 0 or more. `watch`: the fraction seen; above 1 counts as 1. Default: absent. */
  value?: number | null;
}

export interface RankOptions {
  /**
   * Milliseconds, 0 or more, after which candidates that have no score yet keep the place that the
   * cheap prior gave them: the server's order, or where the server sent no scores that of the field
   * which the model names. 0 is the prior alone; `null` is no limit. Default: 30.
   */
  budgetMs?: number | null;
  /**
   * Work units, 0 or more, that the model may spend: for hosts whose clock stands still while they
   * compute, as deployed edge workers' do. A unit is a thousand multiplications or numbers computed;
   * a block of `model.block` new candidates costs `model.block_units`. A block starts only if it fits,
   * so no more is spent than granted. With `budgetMs` both hold. Default: `null`, no limit.
   */
  budgetUnits?: number | null;
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
   */
  rules?: readonly Rule[] | null;
  /** Decides what `explore` draws: a safe integer, 0 or more; another for each page view. Default: 0. */
  seed?: number | null;
}

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
  /** Seen at least so often without a positive event, by the session's events. */
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
     * Buries by `each` (0 to 1) for every impression since the last positive event, beyond `free`
     * (default 0), up to `most` (0 to 10).
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
  code: string | null;
  /** The same in a sentence. */
  message: string | null;
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
  /** Stable, such as `"candidate/unreadable"`. */
  code: string;
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
  /** Why the tier is not `full`, as a code; else `null`. */
  reason: string | null;
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
   * the slots above. What inverse-propensity estimates need; empty without `explore`.
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

export interface ModelInfo {
  readonly name: string;
  readonly version: string;
  /** The vectors that the model reads from servers; `null` if none. */
  readonly vectors: { readonly basis: string; readonly width: number; readonly scale: number } | null;
  /** Names of the candidate fields that the model reads. */
  readonly fields: readonly string[];
  readonly features: readonly string[];
  /** Types of events that the model knows. */
  readonly actions: readonly string[];
  /** What a ranking's score adds up: each head's output times its weight. */
  readonly heads: readonly {
    readonly name: string;
    readonly objective: string;
    readonly weight: number;
    /** `null` if the head gives no probabilities. */
    readonly calibration: { readonly slope: number; readonly intercept: number } | null;
  }[];
  /** Data, date, figures and licence, as the model's maker wrote them. */
  readonly card: unknown;
  readonly dims: { readonly item_vector: number; readonly history: number };
  /** Candidates scored at a time. */
  readonly block: number;
  /** Work units of scoring so many new candidates; what `budgetUnits` is granted in. */
  readonly block_units: number;
  readonly limits: {
    readonly candidates: number;
    readonly id_bytes: number;
    readonly title_bytes: number;
    /** Of all strings of a list together. */
    readonly text_bytes: number;
    readonly tags: number;
    readonly tag_bytes: number;
    /** Events that a session keeps; beyond, those without a verdict fall out first. */
    readonly events: number;
    readonly event_id_bytes: number;
    /** Items kept for events although they are in no list. */
    readonly remembered: number;
    /** Items that can be stated as liked. */
    readonly stated: number;
  };
}

/** The only class of error that this package throws. */
export class RankletError extends Error {
  private constructor();
  readonly name: 'RankletError';
  /** Stable, `room/reason`. */
  readonly code: string;
  /** Which part of the input; may be empty. */
  readonly path: string;
  readonly cause?: unknown;
}

/** One visitor's session on one model. */
export class Ranker {
  private constructor();

  /**
   * Loads a model: an address to fetch, a Response, or bytes (at most 8 MiB).
   *
   * @throws {RankletError} `model/fetch`, `model/http`, `model/html` (a page came instead),
   * `model/wrong-type` (JSON came), `model/lfs-pointer`, `model/csp` (the message names the directive),
   * `model/integrity`, `model/not-bytes`, or what is wrong with the file: `model/too-large`, `model/malformed`,
   * `model/manifest`, `model/hash`, `model/unsupported`, `model/self-test`, `model/run`. The same
   * with `wasm/` for the wasm, and `wasm/compile`, `wasm/csp`, `wasm/no-simd`, `wasm/unavailable`,
   * `wasm/trap`. `load/aborted`, `load/bad-option`.
   */
  static load(model: Source | Promise<Source>, options?: LoadOptions): Promise<Ranker>;

  /** What the model reads, knows and allows. Frozen; readable after `dispose()`. */
  readonly model: ModelInfo;

  /**
   * Reads a list now. `rank(list)` does it by itself when the array is another one or its length
   * changed; after changing candidates in place, call this.
   *
   * @throws {RankletError} `ranker/disposed`, `ranker/busy`
   */
  setCandidates(candidates: readonly Candidate[]): void;

  /**
   * Ranks a list, or without one the last list again. Never throws: what cannot be read is said in
   * `warnings`, and when nothing can be ranked the order given comes back with the tier
   * `passthrough` and a `reason`.
   *
   * The list's objects are read when the array is first seen or its length changed, and not again.
   * At most `model.limits.candidates` are ranked; the rest follow in the order given.
   */
  rank<C extends Candidate = Candidate>(candidates?: readonly C[], options?: RankOptions): Ranking<C>;

  /**
   * The score of each row of a feature matrix, row-major, `model.features.length` numbers a row as
   * the graph reads them: no objects, no list, no session, one copy into wasm. For models whose
   * graph reads features alone. Sort the rows by score, descending, to rank them.
   *
   * @throws {RankletError} `candidates/malformed`, `model/run`, `ranker/disposed`, `ranker/busy`,
   * `wasm/trap`, `wasm/trap-limit`
   */
  scoreBatch(features: Float32Array): Float32Array;

  /**
   * Takes in what the visitor did; the next `rank()` reacts. False if that changes nothing: an event
   * of the same `id` was taken in before, or it is older than all that a full session counts.
   *
   * Events may come late and in any order: they count by `at`, to the millisecond.
   *
   * @throws {RankletError} `event/unreadable`, `event/unknown-type`, `event/unknown-item`,
   * `event/bad-id`, `event/bad-time`, `event/bad-value`, `ranker/disposed`, `ranker/busy`,
   * `wasm/trap` (the event is lost), `wasm/trap-limit`
   */
  observe(event: RankletEvent): boolean;

  /**
   * Takes an event back: rankings are those of a visitor who never did it, also where the event had
   * pushed older ones out. False if no event of this id was taken in.
   *
   * @throws {RankletError} `event/too-old` if it is not among the last `model.limits.events` any
   * more, or so many were taken back that the rest is not known; `event/bad-id`, `ranker/disposed`,
   * `ranker/busy`, `wasm/trap`, `wasm/trap-limit`
   */
  undo(eventId: string | number): boolean;

  /**
   * States what the visitor said to like, in place of what was stated before: tags, which together
   * count as one liked item, and whole items or ids of the current list, at most
   * `model.limits.stated`. Preferences are older than every event and do not fade. `prefer([])`
   * takes them back.
   *
   * @throws {RankletError} `prefer/unreadable`, `ranker/disposed`, `ranker/busy`, `wasm/trap`,
   * `wasm/trap-limit`
   */
  prefer(tags: readonly string[] | null, items?: readonly (Candidate | string | number)[] | null): void;

  /**
   * The session as bytes, versioned and with a checksum, below 16 KiB; to keep or to send where the
   * visitor's profile may go. What does not fit is left out: the oldest events, those without a
   * verdict first. `compact`: at most 2,800 bytes, for cookies; it holds no event ids, so its events
   * can be neither undone nor recognised, and no words of tags.
   *
   * @throws {RankletError} `ranker/disposed`, `ranker/busy`, `wasm/trap`, `wasm/trap-limit`
   */
  snapshot(options?: { compact?: boolean }): Uint8Array;

  /**
   * Takes a snapshot's session in place of this one. One of an older model becomes what it would be
   * had its events been observed with this model. If it is refused, the session stays as it was.
   *
   * @throws {RankletError} `snapshot/malformed` (damaged, or no snapshot), `snapshot/version` (of a
   * newer ranklet), `snapshot/model` (this model lacks its event types or reads text in another way),
   * `snapshot/not-bytes`, `ranker/disposed`, `ranker/busy`, `wasm/trap`, `wasm/trap-limit`
   */
  restore(snapshot: ArrayBuffer | ArrayBufferView): void;

  /**
   * Calibrated probabilities, 0 to 1, of one of `model.heads` in the last ranking, by position in the
   * list; NaN for what was not scored, and for all if the head has no calibration.
   *
   * @throws {RankletError} `rank/unknown-head`, `ranker/disposed`, `ranker/busy`, `wasm/trap`,
   * `wasm/trap-limit`
   */
  probabilities(head: string): Float32Array;

  /**
   * Says why a candidate is where it is, by ranking the list again without each factor: with 20
   * events it takes about 20 times as long as `rank()`. Options are those of the last ranking, its
   * budgets aside.
   *
   * @throws {RankletError} `candidate/id`, `ranker/disposed`, `ranker/busy`, `wasm/trap`,
   * `wasm/trap-limit`
   */
  explain(itemId: string | number): Explanation;

  /**
   * Empties the session, preferences included; the list stays.
   *
   * @throws {RankletError} `ranker/disposed`, `ranker/busy`
   */
  forget(): void;

  /** Frees the engine. Afterwards `rank()` passes lists through and all else throws. May be repeated. */
  dispose(): void;
  [Symbol.dispose](): void;
}
