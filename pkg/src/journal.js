// In: the steps that changed a session, each a function of whoever holds one. Out: the same session in another holder.
// A wasm instance that trapped and a worker that was lost are both replaced by replaying their steps.
// Many steps are folded into one snapshot, so that a replay stays quick.

/**
 * Who holds a session: an engine, or a ranker.
 *
 * @typedef {{ restore(snapshot: Uint8Array): void }} Holder
 */

export class Journal {
  #most;
  /** @type {((holder: any) => void)[]} */
  #steps = [];

  /** `most`: steps to keep, a snapshot among them. */
  constructor(most) {
    this.#most = most;
  }

  /** Keeps `step(holder)`, which was carried out. True if a snapshot should now take the place of the steps. */
  add(step) {
    return this.#steps.push(step) > this.#most;
  }

  /** A session that is this snapshot, and nothing since. */
  restartFrom(snapshot) {
    this.#steps = [(holder) => holder.restore(snapshot)];
  }

  /** An empty session. */
  clear() {
    this.#steps = [];
  }

  /**
   * Carries out the steps in `holder`, which is new. Goes on after an error that `isHarmless` accepts;
   * another is thrown and leaves the journal empty, so that the step that caused it is not tried again.
   *
   * @param {Holder} holder
   * @param {(error: unknown) => boolean} isHarmless
   */
  replay(holder, isHarmless) {
    const steps = this.#steps;
    this.clear();
    for (const step of steps) {
      try {
        step(holder);
      } catch (error) {
        if (!isHarmless(error)) throw error;
      }
    }
    this.#steps = steps;
  }
}
