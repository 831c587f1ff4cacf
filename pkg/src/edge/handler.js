// In: a request, the origin's list, a visitor's profile. Out: the list in the order for this visitor.
// On any fault of ours the origin's answer goes out byte for byte, with `x-ranklet: passthrough; <code>`.
// Must never keep anything of a visitor after the answer, nor let one be cached for another.
import { fromArray } from '../adapters/array.js';
import { isObject } from '../adapters/adapter.js';
import { RankletError } from '../errors.js';
import { answerFeedback } from './feedback.js';
import { EdgeFault, fault, withinMs } from './faults.js';
import { LIMITS } from './limits.js';
import { askOrigin, passthrough, rankedHeaders, readText } from './origin.js';
import { requestProfile } from './request.js';
import { keeper, rankFor } from './session.js';

const TIERS = ['passthrough', 'prior', 'partial', 'full'];

export function makeHandler(Ranker, options) {
  const {
    model, origin = (request, env) => env?.ORIGIN, adapter = fromArray(), profile = requestProfile(),
    feedback = '/ranklet/feedback', budgetMs = LIMITS.budgetMs, budgetUnits, minimumTier = 'partial', rankOptions,
    originTimeoutMs = LIMITS.originTimeoutMs, profileTimeoutMs = LIMITS.profileTimeoutMs,
    fetch: ask = (request, init) => globalThis.fetch(request, init),
  } = options ?? {};
  const limits = { ...LIMITS, ...options?.limits };
  if (model == null) throw new RankletError('edge/bad-option', 'options.model', 'Give the model: its bytes, an address, or a function of env.');
  if (!TIERS.includes(minimumTier)) throw new RankletError('edge/bad-option', 'options.minimumTier', `Give one of ${TIERS.join(', ')}.`);
  const ready = keeper(Ranker, model);

  async function list(request, env, ctx) {
    if (!['GET', 'HEAD', 'POST'].includes(request.method)) return fault(new EdgeFault('request/method', 405, 'Lists are read with GET, HEAD or POST.'), { allow: 'GET, HEAD, POST' });
    const clock = timings();
    // Together: the store and the model are as far away as the origin. Each ends in a value, so that none is unheard.
    const [visitor, answer, ranker] = await Promise.all([
      clock.time('profile', withinMs(profileTimeoutMs, 'profile/slow', () => profile.read(request, env, { ctx, limits }))),
      clock.time('origin', withinMs(originTimeoutMs, 'origin/slow', (signal) => askOrigin(ask, origin, request, env, { profile, signal }))),
      clock.time('model', withinMs(originTimeoutMs, 'model/slow', () => ready(env))),
    ]);
    if (visitor instanceof EdgeFault && visitor.status < 500) {
      if (!(answer instanceof Error)) answer.body?.cancel().catch(() => {});
      return fault(visitor);
    }
    if (answer instanceof Error) return fault(answer instanceof EdgeFault ? answer : new EdgeFault('origin/unreachable', 502, 'The origin could not be reached.', answer));
    if (answer.body === null || !answer.ok) return passthrough(answer, answer.body, 'origin/status');
    if (Number(answer.headers.get('content-length') ?? 0) > limits.originBytes) return passthrough(answer, answer.body, 'origin/too-large');

    const [body, untouched] = answer.body.tee();
    try {
      const text = await clock.time('origin', readText(body, limits.originBytes));
      for (const value of [text, visitor, ranker]) if (value instanceof Error) throw value;
      const parsed = JSON.parse(text);
      const candidates = adapter.candidates(parsed);
      const own = typeof rankOptions === 'function' ? await rankOptions(request, env) : rankOptions;
      const budget = budgetOf({ budgetMs, budgetUnits, limits }, env, request);
      const { ranking, ...state } = clock.run('rank', () => rankFor(ranker, visitor, candidates, { ...budget, ...own }));
      if (TIERS.indexOf(ranking.tier) < TIERS.indexOf(minimumTier)) throw new EdgeFault(ranking.reason ?? 'budget/overrun', 500, 'The ranking did not come far enough.');
      untouched.cancel().catch(() => {});
      const { tier, scored, ms, units } = ranking;
      clock.note('rank', `${units.spent} of ${units.granted ?? 'any number of'} units`);
      const reason = ranking.reason ?? visitor?.degraded ?? state.degraded;
      const ranked = adapter.reorder(parsed, ranking.order);
      if (isObject(ranked) && !Array.isArray(ranked)) ranked.ranklet = { tier, reason, scored, ms, units };
      const headers = rankedHeaders(answer, [tier, reason].filter(Boolean).join('; '), clock.header(), visitor?.headers);
      return new Response(JSON.stringify(ranked), { headers });
    } catch (error) {
      if (error instanceof EdgeFault && error.status < 500) { // an event that cannot be
        untouched.cancel().catch(() => {});
        return fault(error);
      }
      return passthrough(answer, untouched, codeOf(error));
    }
  }

  return {
    async fetch(request, env, ctx) {
      const path = new URL(request.url).pathname;
      if (feedback !== null && path === feedback) return answerFeedback({ profile, ready, limits }, request, env, ctx);
      return list(request, env, ctx);
    },
  };
}

/**
 * What a ranking may spend, in milliseconds and in work units: deployed workers' clocks stand still while they
 * compute, so that there the units alone end it. Both everywhere: a list that is cut in production is cut in tests.
 */
function budgetOf({ budgetMs, budgetUnits, limits }, env, request) {
  const ms = typeof budgetMs === 'function' ? budgetMs(env, request) : budgetMs;
  if (budgetUnits === undefined) return { budgetMs: ms, budgetUnits: ms === null ? null : ms * limits.unitsPerMs };
  return { budgetMs: ms, budgetUnits: typeof budgetUnits === 'function' ? budgetUnits(env, request) : budgetUnits };
}

function codeOf(error) {
  if (error instanceof SyntaxError) return 'origin/not-json';
  return typeof error?.code === 'string' ? error.code : 'edge/fault';
}

/** Milliseconds by stage. Deployed workers' clocks move with I/O alone: `rank` reads 0 there, its note says the work. */
function timings() {
  const spent = new Map();
  const notes = new Map();
  const add = (name, since) => spent.set(name, (spent.get(name) ?? 0) + performance.now() - since);
  return {
    /** The promise's value; its error as a value. */
    async time(name, promise) {
      const since = performance.now();
      try {
        return await promise;
      } catch (error) {
        return error instanceof Error ? error : new Error(String(error));
      } finally {
        add(name, since);
      }
    },
    run(name, call) {
      const since = performance.now();
      try {
        return call();
      } finally {
        add(name, since);
      }
    },
    note: (name, text) => notes.set(name, `;desc="${text}"`),
    header: () => [...spent].map(([name, ms]) => `${name};dur=${ms.toFixed(1)}${notes.get(name) ?? ''}`).join(', '),
  };
}
