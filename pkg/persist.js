// In: a ranker. Out: the same visitor again at the next visit: the session is kept in this browser.
// Opt-in. Only the session's snapshot is stored, in IndexedDB of this origin, and leaves it by no way.
// Must never throw for a store that is full, blocked or of an older version: the ranker goes on without.
import { openStore } from './src/store.js';

/** Milliseconds between a change and its being written: a burst of events is one write. */
const DELAY_MS = 500;

/** @type {typeof import('./persist.js').persist} */
export async function persist(ranker, { name = 'ranklet', key = 'session', onError = () => {} } = {}) {
  const failed = (error) => { try { onError(error); } catch { /* the caller's own fault */ } };
  const store = await openStore(name).catch((error) => { failed(error); return null; });
  const pending = new Set(); // calls that the ranker has not answered
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let writing = Promise.resolve();
  let forgets = 0;
  let closed = false;

  /** Writes follow each other: an older snapshot never overwrites a younger one, nor a forgotten one. */
  function queue(write) {
    writing = writing.then(write).catch(failed);
    return writing;
  }
  function unschedule() {
    clearTimeout(timer);
    timer = undefined;
  }
  function save() {
    unschedule();
    return queue(async () => { if (store && !closed) await store.set(key, await ranker.snapshot()); });
  }
  /** Until it is settled, `close()` waits. */
  function track(answer) {
    const settled = answer.finally(() => { pending.delete(settled); });
    pending.add(settled);
    return settled;
  }
  /** Makes a call; if it changed the session, and nobody forgot that since, a write follows. */
  async function change(call, changed) {
    const then = forgets;
    const result = await call();
    if (changed(result) && then === forgets && !closed) timer ??= setTimeout(save, DELAY_MS);
    return result;
  }
  const hidden = () => { if (timer !== undefined && document.visibilityState === 'hidden') save(); };
  globalThis.document?.addEventListener('visibilitychange', hidden);

  let restored = false;
  try {
    const bytes = await store?.get(key);
    if (bytes) {
      await ranker.restore(bytes);
      restored = true;
    }
  } catch (error) {
    failed(error); // of another model, or damaged: what cannot be read is not kept
    if (store && error.code?.startsWith('snapshot/')) await store.delete(key).catch(failed);
  }

  return {
    restored,
    observe: (event) => track(change(() => ranker.observe(event), (accepted) => accepted)),
    undo: (eventId) => track(change(() => ranker.undo(eventId), (undone) => undone)),
    prefer: (tags, items) => track(change(() => ranker.prefer(tags, items), () => true)),
    save,
    forget() {
      forgets += 1;
      unschedule();
      const gone = (async () => { await ranker.forget(); })();
      // Takes its place among the writes now: what is saved later stays.
      const removed = queue(() => gone.then(() => store?.delete(key), () => {}));
      return track(gone.then(() => removed));
    },
    async close() {
      globalThis.document?.removeEventListener('visibilitychange', hidden);
      while (pending.size > 0 || timer !== undefined) {
        await Promise.allSettled(pending);
        if (timer !== undefined) await save();
      }
      await writing;
      closed = true;
      unschedule();
      store?.close();
    },
  };
}
