// In: a way to rank, and whether the clock cut the ranking short. Out: the ranking shown, and taken up again until it is whole.
// A page's first rankings run code that is not compiled yet: the next ones come further in the same time.
// Must never rank in the frame that it was asked in, nor more than TRIES times again for one cause.

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

  /** Whether the ranking shown will be taken up again. */
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
    // After the frame, not in it: what is there is drawn first.
    this.#frame = requestAnimationFrame(() => { this.#timer = setTimeout(() => this.#step()); });
  }
}
