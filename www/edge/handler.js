// In: nothing. Out: the handler that the servers of this folder share; profiles are signed cookies.
// `env` is what workerd would pass as bindings: here the process's environment.
// Must never read the model before the first request.
import { cookieProfile, createEdgeHandler } from 'ranklet/edge';

export function handler(readModel, env) {
  const { fetch } = createEdgeHandler({
    model: readModel,
    profile: cookieProfile({ secret: env.PROFILE_SECRET, secure: env.INSECURE_COOKIES !== '1' }),
    budgetMs: Number(env.BUDGET_MS ?? 30), // a server of your own counts no CPU
  });
  return (request) => fetch(request, env);
}
