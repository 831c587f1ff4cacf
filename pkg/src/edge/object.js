// In: the state that the runtime gives a Durable Object. Out: the class of one visitor's profile.
// It holds a snapshot and nothing else, and removes itself when no event came for a month.
// Must never be reached but through the handler: it trusts who asks.
import { eventsOf } from './request.js';
import { LIMITS } from './limits.js';
import { applyEvents, keeper } from './session.js';

const KEY = 'snapshot';

export function makeProfileObject(Ranker, /** @type {any} */ { model, ttlDays = 30 } = {}) {
  const ready = keeper(Ranker, model);
  return class ProfileObject {
    #storage;
    #env;

    constructor(state, env) {
      this.#storage = state.storage;
      this.#env = env;
    }

    async fetch(request) {
      if (request.method === 'DELETE') {
        await this.#storage.deleteAll();
        await this.#storage.deleteAlarm();
        return new Response(null, { status: 204 });
      }
      if (request.method === 'GET') return new Response(await this.#storage.get(KEY) ?? null);
      const events = eventsOf(await request.json(), 'feedback', LIMITS);
      const ranker = await ready(this.#env);
      // Between get and put no other event is let in: the runtime holds them while storage is waited for.
      const { snapshot, ...result } = applyEvents(ranker, await this.#storage.get(KEY), events);
      this.#storage.put(KEY, snapshot);
      this.#storage.setAlarm(Date.now() + ttlDays * 86_400_000);
      return Response.json(result);
    }

    async alarm() {
      await this.#storage.deleteAll();
    }
  };
}
