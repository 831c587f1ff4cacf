// In: nothing. Out: the types of `ranklet/persist`: the same visitor at the next visit.
// The snapshot lies in IndexedDB of this origin, in this browser, and is sent nowhere.
// Must never promise what no test holds.
import type { Candidate, RankletError, RankletEvent } from './index.js';

export interface PersistOptions {
  /** Of the database. Default: `"ranklet"`. */
  name?: string;
  /** Under which the session lies, such as the name of a list. Two tabs with one key: the last to write wins. Default: `"session"`. */
  key?: string;
  /**
   * Hears what went wrong: a store that is full or blocked, a snapshot of another model (`snapshot/…`,
   * which is then removed). The ranker goes on without. Default: nobody.
   */
  onError?: (error: RankletError | Error) => void;
}

/** A `Ranker` or a `WorkerRanker`. */
export interface Rememberable {
  observe(event: RankletEvent): boolean | Promise<boolean>;
  undo(eventId: string | number): boolean | Promise<boolean>;
  prefer(tags: readonly string[] | null, items?: readonly (Candidate | string | number)[] | null): unknown;
  snapshot(options?: { compact?: boolean }): Uint8Array | Promise<Uint8Array>;
  restore(bytes: Uint8Array): unknown;
  forget(): unknown;
}

/**
 * What is kept is the session as `ranker.snapshot()` gives it: events, preferences, what was undone. The calls
 * here write by themselves. After a change made on the ranker itself call `save()`, or the next write has it.
 */
export interface Persisted {
  /** Whether an earlier session was found and taken up. */
  readonly restored: boolean;
  /** `ranker.observe`, then a write within half a second, or when the tab is hidden. */
  observe(event: RankletEvent): Promise<boolean>;
  /** `ranker.undo`, then a write likewise: what was taken back stays so at the next visit. */
  undo(eventId: string | number): Promise<boolean>;
  /** `ranker.prefer`, then a write likewise. */
  prefer(tags: readonly string[] | null, items?: readonly (Candidate | string | number)[] | null): Promise<void>;
  /** Writes now. */
  save(): Promise<void>;
  /** Empties the session and removes it from the browser, also if a write was under way. */
  forget(): Promise<void>;
  /** Waits for calls that were not awaited, writes what is waiting and closes the database. */
  close(): Promise<void>;
}

/**
 * Takes up the session that this browser holds, if any, and keeps what the calls of `Persisted` change in it.
 * Never rejects.
 *
 * @example
 * import { persist } from 'ranklet/persist';
 *
 * const kept = await persist(ranker, { key: 'films' });
 * kept.restored; // → false
 * await kept.observe({ type: 'like', item: candidates[4].id, id: 'like-1' }); // → true
 * await kept.observe({ type: 'like', item: candidates[5].id, id: 'like-2' }); // → true
 * await kept.undo('like-2'); // → true
 * await kept.close();
 * (await persist(ranker, { key: 'films' })).restored; // → true
 */
export function persist(ranker: Rememberable, options?: PersistOptions): Promise<Persisted>;
