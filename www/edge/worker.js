// In: a visitor's requests. Out: your origin's lists in the order for this visitor (Cloudflare Workers).
// Profiles live in Durable Objects, one a visitor; POST /ranklet/feedback adds events, DELETE erases.
// Must never keep a visitor at module scope: the handler and the object see to it.
import { createEdgeHandler, createProfileObject, durableObjectProfile } from 'ranklet/edge';
import model from './movies.onnx';

export default createEdgeHandler({
  model,
  profile: durableObjectProfile({ binding: 'PROFILE' }),
  budgetMs: (env) => Number(env.BUDGET_MS ?? 8),
});

export const Profile = createProfileObject({ model });
