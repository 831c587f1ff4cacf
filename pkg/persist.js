// In: a ranker. Out: the same visitor again at the next visit: the session is kept in this browser.
// Opt-in. Only the session's snapshot is stored, in IndexedDB of this origin, and leaves it by no way.
// Must never throw for a store that is full, blocked or of an older version: the ranker goes on without.
import { openStore } from './src/store.js';

/** Milliseconds between a change and its being written: a burst of events is one write. */
const DELAY_MS = 500;

export async function persist(ranker, { name = 'ranklet', key = 'session', onError = () => {} } = {}) {
  const failed = (error) => { try { onError(error); } catch { /* the caller's own fault */ } };
  const store = await openStore(name).catch((error) => { failed(error); return null; });
  let timer = null;
  let writing = Promise.resolve();
  let closed = false;

  /** Writes follow each other: an older snapshot never overwrites a younger one, nor a forgotten one. */
  function queue(write) {
    writing = writing.then(write).catch(failed);
    return writing;
  }
  function save() {
    clearTimeout(timer);
    timer = null;
    return queue(async () => { if (store && !closed) await store.set(key, await ranker.snapshot()); });
  }
  const hidden = () => { if (timer !== null && document.visibilityState === 'hidden') save(); };
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
    async observe(event) {
      const accepted = await ranker.observe(event);
      if (accepted && timer === null && !closed) timer = setTimeout(save, DELAY_MS);
      return accepted;
    },
    save,
    async forget() {
      clearTimeout(timer);
      timer = null;
      await ranker.forget();
      await queue(async () => { await store?.delete(key); });
    },
    async close() {
      globalThis.document?.removeEventListener('visibilitychange', hidden);
      if (timer !== null) await save();
      await writing;
      closed = true;
      store?.close();
    },
  };
}
