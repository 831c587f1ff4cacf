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
   * cheap prior gave them. 0 is the prior alone; `null` is no limit. Default: 30.
   */
  budgetMs?: number | null;
  /**
   * Weights by the names in `model.heads`, finite. Heads left out keep the model's weight.
   * Default: the model's.
   */
  weights?: Readonly<Record<string, number | null | undefined>> | null;
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
  /** Positions in the list given, best first: a permutation. */
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
  ms: { prepare: number; score: number; order: number; total: number };
  /** At most 20, then one `warnings/more` with the count of the rest. */
  warnings: Warning[];
}

export interface ModelInfo {
  readonly name: string;
  readonly version: string;
  /** Names of the candidate fields that the model reads. */
  readonly fields: readonly string[];
  readonly features: readonly string[];
  /** Types of events that the model knows. */
  readonly actions: readonly string[];
  /** What a ranking's score adds up: each head's output times its weight. */
  readonly heads: readonly { readonly name: string; readonly objective: string; readonly weight: number }[];
  /** Data, date, figures and licence, as the model's maker wrote them. */
  readonly card: unknown;
  readonly dims: { readonly item_vector: number; readonly history: number };
  /** Candidates scored at a time. */
  readonly block: number;
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
   * `model/not-bytes`, or what is wrong with the file: `model/too-large`, `model/malformed`,
   * `model/manifest`, `model/hash`, `model/unsupported`, `model/self-test`, `model/run`. The same
   * with `wasm/` for the wasm, and `wasm/compile`, `wasm/csp`, `wasm/trap`. `load/aborted`.
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
   * Takes in what the visitor did; the next `rank()` reacts. False if an event of the same `id` was
   * taken in before.
   *
   * @throws {RankletError} `event/unreadable`, `event/unknown-type`, `event/unknown-item`,
   * `event/bad-id`, `event/bad-time`, `event/bad-value`, `ranker/disposed`, `ranker/busy`,
   * `wasm/trap` (the event is lost), `wasm/trap-limit`
   */
  observe(event: RankletEvent): boolean;

  /**
   * Empties the session; the list stays.
   *
   * @throws {RankletError} `ranker/disposed`, `ranker/busy`
   */
  forget(): void;

  /** Frees the engine. Afterwards `rank()` passes lists through and all else throws. May be repeated. */
  dispose(): void;
  [Symbol.dispose](): void;
}
