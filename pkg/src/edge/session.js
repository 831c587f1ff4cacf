// In: the one ranker of this process, a visitor's profile. Out: their ranking, or their profile with new events.
// One visitor at a time: nothing in here waits, so that no other request can see the session.
// Must never leave anything of a visitor in the ranker.
import { EdgeFault } from './faults.js';

const rankers = new Map();

/** Gives the ranker of a model; loads it once. No promise is kept: one of a cancelled request never ends. */
export function keeper(Ranker, model) {
  return async (env) => {
    if (rankers.has(model)) return rankers.get(model);
    const loaded = await Ranker.load(typeof model === 'function' ? await model(env) : model);
    if (rankers.has(model)) loaded.dispose(); // another request was first
    else rankers.set(model, loaded);
    return rankers.get(model);
  };
}

/** `degraded` is the code of what was wrong with the stored profile, or null. */
export function rankFor(ranker, visitor, candidates, options) {
  return alone(ranker, candidates, () => {
    const degraded = resume(ranker, visitor?.snapshot);
    for (const [at, event] of (visitor?.events ?? []).entries()) {
      try {
        ranker.observe(event);
      } catch (error) {
        // An item that left the catalogue must not cost the visitor the rest of the profile.
        if (error.code === 'event/unknown-item') continue;
        throw refusal(error, at);
      }
    }
    return { ranking: ranker.rank(undefined, options), degraded };
  });
}

/** Takes events into a profile; those that cannot be taken are listed, the others count. */
export function applyEvents(ranker, snapshot, events, { compact = false } = {}) {
  return alone(ranker, [], () => {
    const degraded = resume(ranker, snapshot);
    /** @type {{ accepted: number, repeated: number, refused: { event: number, code: string, path: string }[], degraded: string | null }} */
    const result = { accepted: 0, repeated: 0, refused: [], degraded };
    for (const [at, event] of events.entries()) {
      try {
        result[ranker.observe(event) ? 'accepted' : 'repeated'] += 1;
      } catch (error) {
        const { code, path } = refusal(error, at);
        result.refused.push({ event: at, code, path });
      }
    }
    return { ...result, snapshot: ranker.snapshot({ compact }) };
  });
}

function resume(ranker, snapshot) {
  if (!snapshot) return null;
  try {
    ranker.restore(snapshot);
    return null;
  } catch (error) {
    if (!error.code?.startsWith('snapshot/')) throw error;
    ranker.forget();
    return error.code; // of another model, or damaged: the visitor starts anew
  }
}

function alone(ranker, candidates, call) {
  try {
    ranker.forget();
    ranker.setCandidates(candidates);
    return call();
  } finally {
    ranker.setCandidates([]);
    ranker.forget();
  }
}

function refusal(error, at) {
  if (!error.code?.startsWith('event/')) return error;
  return new EdgeFault(error.code, 400, error.message, error, `events[${at}]${error.path.replace(/^event/, '')}`);
}
