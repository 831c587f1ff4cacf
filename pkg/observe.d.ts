// In: nothing. Out: the types of `ranklet/observe`: what the browser knows of a visitor's attention.
// Shares are fractions of an area, times are seconds in a tab that is shown.
// Must never promise what no test holds.
import type { RankletEvent } from './index.js';

export interface SignalOptions {
  /** The element that scrolls, if it is not the page. Default: `null`, the page's viewport. */
  root?: Element | null;
  /**
   * Share of an element's area (of the view's, if the element is larger) that must be seen, 0 to 1.
   * Default: 0.5, the standard of the Media Rating Council.
   */
  share?: number;
  /** Seconds without a break that it must be seen. Default: 1, of the same standard. */
  seconds?: number;
  /** Seconds below which a dwell is not reported: a click by mistake. Default: 1. */
  dwellSeconds?: number;
  /**
   * Names this list in event ids (`LIST:impression:ITEM`), so that an item that is seen again counts
   * once. Default: random, so that each call of `observeSignals` is a list of its own.
   */
  list?: string;
  /** Sees each event before it is given on: for logs, or to add to it. */
  onEvent?: (event: RankletEvent) => void;
  /** Hears what the target threw, such as `event/unknown-item`. Default: nobody. */
  onError?: (error: unknown) => void;
}

export interface Stop {
  /**
   * Reports and gives the value, once: seconds of a dwell, the fraction of a watch. `{ cancel: true }`
   * gives it without reporting. Called by itself when the page is left.
   */
  (how?: { cancel?: boolean } | Event): number;
}

export interface Signals {
  /**
   * Reports of an element that shows an item:
   * - `impression`, once: enough of it was seen for long enough, in one go, in a tab that was shown;
   * - `click`: each click in it;
   * - `skip`, once: it had its impression, was not clicked, and left the view at the start (upwards; to
   *   the start side with `axis: 'inline'`). Scrolling back, or removing the element, is no skip.
   *
   * Tracking an element again for another item starts anew.
   */
  track(element: Element, item: string | number, options?: { axis?: 'block' | 'inline' }): void;
  untrack(element: Element): void;
  /** Starts a stopwatch on an opened item; it stands still while the tab is hidden. Reports `dwell` in seconds. */
  dwell(item: string | number): Stop;
  /**
   * Reports `watch`, the fraction of a video or audio that was played, 0 to 1, when it ends, is stopped,
   * or the page is left. Stretches played twice count once, those jumped over not at all. A stream without
   * an end reports nothing.
   */
  watch(media: HTMLMediaElement, item: string | number): Stop;
  /** Stops everything; running dwells and watches are reported. */
  disconnect(): void;
}

/**
 * `target`: a `Ranker`, a `WorkerRanker`, what `persist` gave, or a function that takes the events.
 *
 * @example
 * import { observeSignals } from 'ranklet/observe';
 *
 * const signals = observeSignals(ranker);
 * for (const row of document.querySelectorAll('#list li')) signals.track(row, row.dataset.id);
 * document.querySelector('#list li').click(); // counts as a click
 * const opened = signals.dwell(candidates[3].id);
 * opened({ cancel: true }) < 60; // → true
 */
export function observeSignals(
  target: { observe(event: RankletEvent): unknown } | ((event: RankletEvent) => unknown),
  options?: SignalOptions,
): Signals;
