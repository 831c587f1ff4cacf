// In: what a visitor did, posted by the page. Out: how many events the profile took in, and which it refused.
// POST takes events, DELETE erases the profile.
// Must never lose the good events of a request for a bad one.
import { EdgeFault, fault, withinMs } from './faults.js';
import { bodyText, eventsOf, parsed } from './request.js';
import { applyEvents } from './session.js';

export async function answerFeedback({ profile, ready, limits }, request, env, ctx) {
  try {
    if (!profile.write) throw new EdgeFault('feedback/no-store', 404, 'This edge stores no profile: the page sends it with each request.');
    if (request.method === 'DELETE') {
      const headers = await profile.erase(request, env, { ctx });
      return new Response(null, { status: 204, headers: { ...headers, ...PRIVATE } });
    }
    if (request.method !== 'POST') {
      return fault(new EdgeFault('request/method', 405, 'Events are sent with POST; DELETE erases the profile.'), { allow: 'POST, DELETE' });
    }
    const events = eventsOf(parsed(await bodyText(request, 'feedback/too-large', limits), 'feedback'), 'feedback', limits);
    const ranker = await withinMs(limits.originTimeoutMs, 'model/slow', () => ready(env));
    const apply = (snapshot, more, options) => applyEvents(ranker, snapshot, more, options);
    const { accepted, repeated, refused, degraded, headers } = await profile.write(request, env, events, { apply, ctx, limits });
    const status = refused.length > 0 && refused.length === events.length ? 422 : 200;
    return Response.json({ accepted, repeated, refused, degraded }, { status, headers: { ...headers, ...PRIVATE } });
  } catch (error) {
    return fault(error instanceof EdgeFault ? error : new EdgeFault(error?.code ?? 'edge/fault', 503, 'The events could not be stored; send them again.', error));
  }
}

const PRIVATE = { 'cache-control': 'private, no-store' };
