// In: nothing. Out: the types of `ranklet/react`, for React 18 and later.
// Must never promise what no test holds.
import type { Candidate, LoadOptions, RankletError, RankletEvent, Ranker, Ranking, RankOptions, Source } from './index.js';
import type { WorkerRanker } from './worker.js';

export interface UseRankingOptions {
  /** Compared by what they say: a literal in the render is fine. */
  rankOptions?: RankOptions;
  /** Those of the first render count. */
  loadOptions?: LoadOptions;
}

export interface UseRanking<C extends Candidate> {
  /** The candidates in the visitor's order; in the order given on the server and until the model is there. */
  items: readonly C[];
  /** The ranking behind `items`, `null` before the first of this list. */
  ranking: Ranking<C> | null;
  /** Whether the first ranking of this list is still to come. False once loading failed. */
  pending: boolean;
  /** Why the model could not be loaded; `items` are then in the order given. */
  error: RankletError | null;
  ranker: Ranker | WorkerRanker | null;
  /**
   * Takes in what the visitor did and ranks again before the next paint. False if it counted before or no
   * model is there yet; a promise with a `WorkerRanker`. Throws what `Ranker.observe` throws.
   */
  observe(event: RankletEvent): boolean | Promise<boolean>;
  /** Empties the session and ranks again. */
  forget(): void | Promise<void>;
  /** Ranks again: after the ranker was changed from elsewhere. */
  rerank(): void;
}

/**
 * The list in the order for this visitor, again after each event.
 *
 * @param source A model, as `Ranker.load` takes it; then the hook loads and disposes of its own ranker. A
 *   promise or bytes must be the same at each render (`useMemo`). Or a ranker: the hook then shares it, and
 *   leaves it alone when it ends. `null` waits.
 * @param candidates A list of the same objects counts as the same list, so an array may be built anew at each
 *   render; objects may not.
 *
 * @example jsx
 * import { createRoot } from 'react-dom/client';
 * import { useRanking } from 'ranklet/react';
 *
 * function Films({ films }) {
 *   const { items, observe } = useRanking('/movies.onnx', films);
 *   const like = (item) => observe({ type: 'like', item, id: `like-${item}` });
 *   return <ul>{items.map(({ id, title }) => <li key={id} onClick={() => like(id)}>{title}</li>)}</ul>;
 * }
 *
 * createRoot(document.getElementById('root')).render(<Films films={candidates} />);
 */
export function useRanking<C extends Candidate = Candidate>(
  source: Source | Ranker | WorkerRanker | null | undefined,
  candidates: readonly C[] | null | undefined,
  options?: UseRankingOptions,
): UseRanking<C>;
