// In: elements of a page with the items that they show. Out: events, as a visitor causes them.
// Exposure is what a person could see: enough of it, long enough, in a tab that is shown.
// Must never throw into the page, nor count time in which the tab was hidden.
import { stopwatch } from './src/stopwatch.js';
import { watched } from './src/watched.js';

/** Share and seconds of the viewability standard of the Media Rating Council. */
const SHARE = 0.5;
const SECONDS = 1;
/** Seconds on an item below which leaving it says nothing. */
const DWELL_SECONDS = 1;

/** @type {typeof import('./observe.js').observeSignals} */
export function observeSignals(target, options = {}) {
  const { root = null, share = SHARE, seconds = SECONDS, dwellSeconds = DWELL_SECONDS, onError = () => {}, onEvent } = options;
  const list = options.list ?? randomId();
  const doc = globalThis.document;
  const tracked = new Map(); // element → state
  const running = new Set(); // things that end with the page
  const isShown = () => doc.visibilityState === 'visible';

  function emit(type, item, more = {}) {
    const event = { type, item, at: Date.now(), ...more };
    try {
      onEvent?.(event);
      /** @type {any} */
      const answer = typeof target === 'function' ? target(event) : target?.observe(event);
      answer?.catch?.(failed); // of a worker, or a store
    } catch (error) {
      failed(error);
    }
  }
  function failed(error) {
    try { onError(error); } catch { /* the caller's own fault */ }
  }

  const observer = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      const state = tracked.get(entry.target);
      if (state) moved(state, entry);
    }
  }, { root, threshold: steps(share) });

  function moved(state, entry) {
    const view = entry.rootBounds;
    // Of an element larger than the view, the share of the view counts: it could never be seen whole.
    const whole = view ? Math.min(area(entry.boundingClientRect), area(view)) : area(entry.boundingClientRect);
    const enough = entry.isIntersecting && whole > 0 && area(entry.intersectionRect) >= share * whole;
    if (enough !== state.enough) {
      state.enough = enough;
      clock(state);
    }
    if (!entry.isIntersecting && state.seen && !state.clicked && !state.skipped && isPast(entry, state.axis)) {
      state.skipped = true;
      emit('skip', state.item, { id: `${list}:skip:${state.item}` });
    }
  }

  /** Counts as seen after `seconds` without a break. */
  function clock(state) {
    clearTimeout(state.timer);
    state.timer = null;
    if (!state.enough || state.seen || !isShown()) return;
    state.timer = setTimeout(() => {
      state.seen = true;
      emit('impression', state.item, { id: `${list}:impression:${state.item}` });
    }, seconds * 1000);
  }

  const shown = () => {
    for (const state of tracked.values()) clock(state);
  };
  const leaving = () => {
    for (const stop of [...running]) stop();
  };
  doc.addEventListener('visibilitychange', shown);
  globalThis.addEventListener('pagehide', leaving);

  const signals = {
    track(element, item, { axis = 'block' } = {}) {
      if (tracked.get(element)?.item === item) return;
      signals.untrack(element); // frameworks reuse elements for other items
      const state = { item, axis, enough: false, seen: false, clicked: false, skipped: false, timer: null };
      state.click = () => {
        state.clicked = true;
        emit('click', state.item);
      };
      tracked.set(element, state);
      element.addEventListener('click', state.click);
      observer.observe(element);
    },
    untrack(element) {
      const state = tracked.get(element);
      if (!state) return;
      clearTimeout(state.timer);
      element.removeEventListener('click', state.click);
      observer.unobserve(element);
      tracked.delete(element);
    },
    dwell(item) {
      const watch = stopwatch(doc);
      return ending((cancelled) => {
        const value = watch.stop();
        if (!cancelled && value >= dwellSeconds) emit('dwell', item, { value });
        return value;
      });
    },
    watch(media, item) {
      const stop = ending((cancelled) => {
        media.removeEventListener('ended', stop);
        const value = watched(media);
        if (!cancelled && value > 0) emit('watch', item, { value });
        return value;
      });
      media.addEventListener('ended', stop);
      return stop;
    },
    disconnect() {
      for (const element of [...tracked.keys()]) signals.untrack(element);
      for (const stop of [...running]) stop();
      observer.disconnect();
      doc.removeEventListener('visibilitychange', shown);
      globalThis.removeEventListener('pagehide', leaving);
    },
  };

  /**
   * A function that ends something once, by itself when the page does.
   *
   * @param {(cancelled: boolean) => number} end
   * @returns {import('./observe.js').Stop}
   */
  function ending(end) {
    /** @type {number | null} */
    let value = null;
    const stop = (/** @type {any} */ how) => {
      running.delete(stop);
      value ??= end(how?.cancel === true);
      return value;
    };
    running.add(stop);
    return stop;
  }
  return signals;
}

/** Enough thresholds that an element larger than the view is noticed too. */
function steps(share) {
  return [...new Set([0, share, ...Array.from({ length: 20 }, (_, i) => (i + 1) / 20)])].sort((a, b) => a - b);
}

function area({ width, height }) {
  return width * height;
}

/** Left the view at its start: the visitor went on. Scrolling back up, or a removed element, is no skip. */
function isPast({ boundingClientRect: box, rootBounds: view }, axis) {
  if (!view || area(box) === 0) return false;
  if (axis === 'block') return box.bottom <= view.top;
  return globalThis.document.dir === 'rtl' ? box.left >= view.right : box.right <= view.left;
}

/** Tells this list's exposures from those of another visit. */
function randomId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(6)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
