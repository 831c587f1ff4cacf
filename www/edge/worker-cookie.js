// In: a visitor's requests. Out: the same as worker.js, without any store (Cloudflare Workers).
// The profile is a signed cookie: `wrangler secret put PROFILE_SECRET`, and main = "worker-cookie.js".
// Must never keep a visitor at module scope: the handler sees to it.
import { cookieProfile, createEdgeHandler } from 'ranklet/edge';
import model from './movies.onnx';

export default createEdgeHandler({
  model,
  profile: cookieProfile({ secret: (env) => env.PROFILE_SECRET }),
  budgetMs: (env) => Number(env.BUDGET_MS ?? 8),
});
