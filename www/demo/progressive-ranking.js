// In: a way to rank, and whether the clock cut the ranking short. Out: the ranking shown, and continued until it is complete.
// A page's first rankings run code that is not compiled yet: later ones score more in the same time.
// Each further ranking waits until the last one is drawn; there are at most TRIES of them.

const TRIES = 6;

export class ProgressiveRanking {
  #steps;
  #left = 0;
  #frame = 0;
  #timer = 0;
  #pending = false;

  /** `rank()`, then `cut()`: whether to rank again; `show()` after each, `done()` after the last. */
  constructor(steps) {
    this.#steps = steps;
  }

  /** Whether the ranking shown will be continued. */
  get pending() {
    return this.#pending;
  }

  start() {
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#timer);
    this.#left = TRIES;
    this.#step();
  }

  #step() {
    const { rank, cut, show, done } = this.#steps;
    rank();
    this.#pending = cut() && this.#left > 0;
    show();
    if (!this.#pending) {
      done();
      return;
    }
    this.#left -= 1;
    // After the next frame: what is there is drawn first.
    this.#frame = requestAnimationFrame(() => { this.#timer = setTimeout(() => this.#step()); });
  }
}
