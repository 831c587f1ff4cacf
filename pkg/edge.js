// In: nothing. Out: what a worker or a server is made of that re-ranks its origin's lists.
// One file for workerd, Deno, Bun and Node: `#host` in package.json finds each one's own way to the wasm.
// Must never load, fetch or keep anything before the first request.
import { Ranker } from '#host';
import { makeHandler } from './src/edge/handler.js';
import { makeProfileObject } from './src/edge/object.js';

/** @type {typeof import('./edge.js').createEdgeHandler} */
export const createEdgeHandler = (options) => makeHandler(Ranker, options);
/** @type {typeof import('./edge.js').createProfileObject} */
export const createProfileObject = (options) => makeProfileObject(Ranker, options);

export { cookieProfile } from './src/edge/cookie.js';
export { requestProfile } from './src/edge/request.js';
export { durableObjectProfile, kvProfile, visitorCookie } from './src/edge/stores.js';
export { RankletError } from './src/errors.js';
