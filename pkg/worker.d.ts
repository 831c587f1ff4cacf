// In: nothing. Out: the types of `ranklet/worker`: the ranker off the main thread.
// What a call means, and which errors it has, is said in `ranklet`; here only what differs.
// Must never promise what no test holds.

/// <reference lib="esnext.disposable" />
import type { Candidate, Explanation, LoadOptions, ModelInfo, RankletEvent, Ranking, RankOptions, Ranker, Source } from './index.js';
export { RankletError } from './index.js';

export interface WorkerLoadOptions extends Omit<LoadOptions, 'clock'> {
  /**
   * Starts the worker, for pages that host `worker-thread.js` of this package elsewhere. Default: the
   * package's own file, which Vite and webpack find by themselves.
   */
  worker?: () => Worker;
}

/**
 * One visitor's session on one model, in a worker. Where workers are blocked (a policy's `worker-src`,
 * a script on another origin, a server), the same calls run in the thread that makes them. If the
 * worker is lost later, the session goes on there too: its events and preferences are kept.
 *
 * The page reads the list and copies what ranking needs; the compiled module is posted, order and
 * scores come back as transferred arrays, `items` are the caller's own objects. Answers come in the
 * order of the calls.
 *
 * @example
 * import { WorkerRanker } from 'ranklet/worker';
 *
 * const ranker = await WorkerRanker.load('/movies.onnx');
 * ranker.thread; // → 'worker'
 * const ranking = await ranker.rank(candidates, { budgetMs: null });
 * show(ranking.items);
 * ranker.dispose();
 */
export class WorkerRanker {
  private constructor();
  /** As `Ranker.load`. The module is compiled once, by the page, and posted. */
  static load(model: Source | Promise<Source>, options?: WorkerLoadOptions): Promise<WorkerRanker>;
  readonly model: ModelInfo;
  /** `'main'` where workers are blocked, or once the worker was lost. */
  readonly thread: 'worker' | 'main';
  setCandidates(candidates: readonly Candidate[]): Promise<void>;
  /** Never rejects, as `Ranker.rank` never throws. */
  rank<C extends Candidate = Candidate>(candidates?: readonly C[], options?: RankOptions): Promise<Ranking<C>>;
  observe(event: RankletEvent): Promise<boolean>;
  undo(eventId: string | number): Promise<boolean>;
  prefer(tags?: readonly string[] | null, items?: readonly (Candidate | string | number)[] | null): Promise<void>;
  snapshot(options?: { compact?: boolean }): Promise<Uint8Array>;
  restore(bytes: Uint8Array): Promise<void>;
  explain(itemId: string | number): Promise<Explanation>;
  scoreBatch(features: Float32Array): Promise<Float32Array>;
  /** Of a head, by position in the last list; NaN where there is none. */
  probabilities(head: string): Promise<Float32Array>;
  forget(): Promise<void>;
  /** Ends the worker. Calls still waiting reject with `ranker/disposed`; `rank()` passes lists through. */
  dispose(): void;
  [Symbol.dispose](): void;
}
