// In: the steps that changed a session, each a function of whoever holds one. Out: the same session in another holder.
// A wasm instance that trapped and a worker that was lost are both replaced by replaying their steps.
// Many steps are folded into one snapshot, so that a replay stays quick.

export class Journal {
  #most;
  #snapshot = null;
  #steps = [];

  /** `most`: steps after the snapshot beyond which it is full. */
  constructor(most) {
    this.#most = most;
  }

  /** Keeps `step(holder)`, which was carried out. */
  add(step) {
    this.#steps.push(step);
  }

  /** Whether a snapshot of the session should now take the place of the steps. */
  get isFull() {
    return this.#steps.length > this.#most;
  }

  /** A session that is this snapshot, and nothing since. */
  restartFrom(snapshot) {
    this.#snapshot = snapshot;
    this.#steps = [];
  }

  clear() {
    this.restartFrom(null);
  }

  /**
   * Restores the snapshot in `holder`, then carries out the steps. Goes on after an error that
   * `isHarmless` accepts; another is thrown and leaves the journal empty, so that the step that caused
   * it is not tried again.
   */
  replay(holder, isHarmless) {
    const [snapshot, steps] = [this.#snapshot, this.#steps];
    this.clear();
    for (const step of snapshot ? [() => holder.restore(snapshot), ...steps] : steps) {
      try {
        step(holder);
      } catch (error) {
        if (!isHarmless(error)) throw error;
      }
    }
    [this.#snapshot, this.#steps] = [snapshot, steps];
  }
}
