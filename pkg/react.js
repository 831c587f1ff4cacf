// In: a model and a list of candidates. Out: a React hook: the list in the visitor's order, and how to say what they did.
// On the server, and until the model is there, the list is in the order given: nothing waits and nothing mismatches.
// Must never load during a render, nor leave a ranker of its own behind.
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { Ranker } from '#host';

const useBeforePaint = typeof document === 'undefined' ? useEffect : useLayoutEffect;

/** @type {typeof import('./react.js').useRanking} */
export function useRanking(source, candidates, { rankOptions, loadOptions } = {}) {
  const [{ ranker, error }, setLoaded] = useState(/** @type {{ ranker: any, error: any }} */ ({ ranker: null, error: null }));
  const [answer, setAnswer] = useState(/** @type {any} */ (null));
  const list = useSameItems(candidates);
  const load = useRef(loadOptions);
  const options = useSameData(rankOptions);
  // What a late answer must still fit to be shown.
  const current = useRef({ list, ranker, turn: 0 });
  current.current.list = list;
  current.current.ranker = ranker;

  useEffect(() => {
    if (source == null) return undefined;
    if (isRanker(source)) {
      setLoaded({ ranker: source, error: null });
      return undefined;
    }
    const controller = new AbortController();
    /** @type {Ranker | null} */
    let own = null;
    Ranker.load(source, { ...load.current, signal: controller.signal }).then(
      (loaded) => {
        own = loaded;
        if (controller.signal.aborted) loaded.dispose();
        else setLoaded({ ranker: loaded, error: null });
      },
      (failure) => { if (!controller.signal.aborted) setLoaded({ ranker: null, error: failure }); },
    );
    return () => {
      controller.abort();
      own?.dispose();
      setLoaded({ ranker: null, error: null });
    };
  }, [source]);

  const rerank = useCallback(() => {
    const { list: wanted, ranker: by } = current.current;
    if (!by) return;
    current.current.turn += 1;
    const { turn } = current.current;
    const show = (ranking) => { if (current.current.turn === turn) setAnswer({ ranking, list: wanted, ranker: by }); };
    const given = by.rank(wanted, options);
    if (typeof given.then === 'function') given.then(show);
    else show(given);
  }, [options]);

  useBeforePaint(rerank, [rerank, ranker, list]);

  const observe = useCallback((event) => {
    const by = current.current.ranker;
    if (!by) return false;
    const accepted = by.observe(event);
    if (typeof accepted?.then === 'function') return accepted.then((yes) => { if (yes) rerank(); return yes; });
    if (accepted) rerank(); // in the same turn as the click: one render shows both
    return accepted;
  }, [rerank]);

  const forget = useCallback(() => {
    const done = current.current.ranker?.forget();
    if (typeof done?.then === 'function') return done.then(rerank);
    return rerank();
  }, [rerank]);

  const ranking = answer !== null && answer.list === list && answer.ranker === ranker ? answer.ranking : null;
  return useMemo(() => ({
    items: ranking ? ranking.items : list,
    ranking,
    pending: ranking === null && error === null && source != null,
    error,
    ranker,
    observe,
    forget,
    rerank,
  }), [ranking, list, error, source, ranker, observe, forget, rerank]);
}

function isRanker(source) {
  return typeof source === 'object' && typeof source.rank === 'function' && typeof source.observe === 'function';
}

/** The last array again while it holds the same objects: a list built anew at each render is still the same list. */
function useSameItems(candidates) {
  const last = useRef(candidates);
  const given = candidates ?? NONE;
  const before = last.current ?? NONE;
  if (given !== before && (given.length !== before.length || given.some((item, i) => !Object.is(item, before[i])))) last.current = given;
  return last.current ?? NONE;
}

const NONE = [];

/** The last value again while it says the same: options are written as a literal in the render. */
function useSameData(value) {
  const said = useRef({ value, text: text(value) });
  const now = text(value);
  if (now !== said.current.text) said.current = { value, text: now };
  return said.current.value;
}

function text(value) {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}
