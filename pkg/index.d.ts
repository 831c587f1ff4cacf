// In: nothing. Out: the types of everything that this package exports.
// Units, ranges, defaults and errors are said here and in types/, once.
// Must never promise what no test holds.

/// <reference lib="esnext.disposable" />
import type { Candidate, RankletEvent } from './types/candidate.js';
import type { Code } from './types/codes.js';
import type { LoadOptions, ModelInfo, Source } from './types/load.js';
import type { Explanation, RankOptions, Ranking } from './types/ranking.js';

export type { Candidate, RankletEvent } from './types/candidate.js';
export type { Code } from './types/codes.js';
export type { LoadOptions, ModelInfo, Progress, Source } from './types/load.js';
export type { Context, Contribution, Explanation, More, RankOptions, Ranking, Tier, Warning } from './types/ranking.js';
export type { Attribute, Condition, Rule, RuleReport } from './types/rules.js';

/** The version of the wasm, such as `"0.1.0"`; `null` before the first `Ranker.load`. */
export function version(): string | null;

/** The only class of error that this package throws. */
export class RankletError extends Error {
  private constructor();
  readonly name: 'RankletError';
  readonly code: Code;
  /** Which part of the input; may be empty. */
  readonly path: string;
  readonly cause?: unknown;
}

/**
 * One visitor's session on one model.
 *
 * @example
 * import { Ranker } from 'ranklet';
 *
 * const ranker = await Ranker.load('/movies.onnx');
 * let ranking = ranker.rank(candidates, { budgetMs: null });
 * const before = ranking.items.map((item) => item.id);
 * ranker.observe({ type: 'like', item: before[4], id: 'like-1' }); // → true
 * ranker.observe({ type: 'like', item: before[4], id: 'like-1' }); // → false
 * ranking = ranker.rank();
 * show(ranking.items);
 * ranker.undo('like-1'); // → true
 * ranking = ranker.rank(undefined, { budgetMs: null });
 * ranking.items.map((item) => item.id); // → before
 * ranker.dispose();
 * ranker.rank(candidates).reason; // → 'ranker/disposed'
 */
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
   * more, if a snapshot did not keep its id, or so many were taken back that the rest is not known;
   * `event/bad-id`, `ranker/disposed`,
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
   * verdict first; a session restored from it is one that saw only the rest. `compact`: at most 2,800
   * bytes, for cookies; it holds no event ids, so its events can be neither undone nor recognised, and
   * no words of tags.
   *
   * @example
   * ranker.observe({ type: 'like', item: candidates[60].id });
   * const before = [...ranker.rank(candidates, { budgetMs: null }).order];
   * const kept = ranker.snapshot();
   * ranker.forget();
   * ranker.restore(kept);
   * [...ranker.rank(candidates, { budgetMs: null }).order]; // → before
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
   * @example
   * ranker.observe({ type: 'like', item: candidates[60].id });
   * const ranking = ranker.rank(candidates, { budgetMs: null });
   * const { place, contributions } = ranker.explain(candidates[60].id);
   * ranking.items[place - 1].id; // → candidates[60].id
   * contributions.map(({ factor }) => factor).sort(); // → ['event', 'server-score']
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
