// In: nothing. Out: the types of `ranklet/edge`: a handler that re-ranks an origin's lists, and where profiles live.
// Works wherever Request and Response are: workerd, Deno, Bun, and Node behind an adapter.
// Must never promise what no test holds.
import type { Adapter } from './adapters.js';
import type { Candidate, RankletEvent, RankOptions, Source, Tier } from './index.js';
export { RankletError } from './index.js';

/** What a profile source gives for a request. */
export interface Profile {
  /** A session, as `Ranker.snapshot()` made it. */
  snapshot?: Uint8Array | null;
  /** What came after it. */
  events?: readonly RankletEvent[];
  /** Added to the ranked answer, such as `set-cookie`. Never to one that passes through. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** A code: what was wrong with the stored profile, so that the visitor starts anew. */
  degraded?: string | null;
}

/** What became of events that were posted. */
export interface FeedbackResult {
  accepted: number;
  /** Known by their id already. */
  repeated: number;
  refused: { event: number; code: string; path: string }[];
  degraded?: string | null;
  headers?: Readonly<Record<string, string>> | undefined;
}

export interface ProfileTools {
  ctx?: unknown;
  limits: EdgeLimits;
  /** Takes events into a snapshot. Waits for nothing: between a read and a write of yours it takes no time of the clock. */
  apply(snapshot: Uint8Array | null, events: readonly RankletEvent[], options?: { compact?: boolean }): FeedbackResult & { snapshot: Uint8Array };
}

/** Two functions say where profiles live; `env` is the host's: bindings in workerd, what you pass elsewhere. */
export interface ProfileSource<Env = any> {
  read(request: Request, env: Env, tools: Omit<ProfileTools, 'apply'>): Promise<Profile | null>;
  /** Without it the feedback path answers 404. */
  write?(request: Request, env: Env, events: readonly RankletEvent[], tools: ProfileTools): Promise<FeedbackResult>;
  /** Erases the profile; gives headers for the answer. */
  erase?(request: Request, env: Env, tools: { ctx?: unknown }): Promise<Readonly<Record<string, string>> | undefined>;
  /** Takes out of the headers what the origin must not see. */
  hide?(headers: Headers): void;
}

export interface EdgeLimits {
  /** Bytes of the origin's answer that are ranked. Default: 4 MiB. */
  originBytes: number;
  /** Bytes of a request's body. Default: 64 KiB. */
  bodyBytes: number;
  /** Characters of a profile in a header. Default: 12,288. */
  headerChars: number;
  /** Events in one request. Default: 256. */
  events: number;
  /** Bytes of a profile from a store. Default: 16 KiB. */
  snapshotBytes: number;
  /** Bytes of a profile in a cookie, before base64. Default: 2,800. */
  cookieBytes: number;
  /** Work units that count as a millisecond of `budgetMs`. Default: 1,000. */
  unitsPerMs: number;
}

export interface EdgeOptions<Env = any> {
  /** As `Ranker.load` takes it, or a function of `env`. Loaded at the first request, once. */
  model: Source | ((env: Env) => Source | Promise<Source>);
  /**
   * Where the lists come from: the path and query of the request are asked for there with GET. Or a function
   * that gives such an address, or the whole Request to make. Default: `env.ORIGIN`.
   */
  origin?: string | URL | ((request: Request, env: Env) => string | URL | Request | Promise<string | URL | Request>);
  /** How the origin's JSON is read, and put in order again. Default: `fromArray()`, `{ "items": [...] }`. */
  adapter?: Adapter<any, any>;
  /** Default: `requestProfile()`. */
  profile?: ProfileSource<Env>;
  /** The path that takes events (POST) and erases profiles (DELETE), or `null`. Default: `"/ranklet/feedback"`. */
  feedback?: string | null;
  /** Milliseconds of `rank()`, or `null` for no limit. Default: 8. Deployed workers' clocks stand still while they compute: there `budgetUnits` bites. */
  budgetMs?: number | null | ((env: Env, request: Request) => number | null);
  /** Work units of `rank()`, as its `budgetUnits`; both budgets hold. Default: `budgetMs` × `limits.unitsPerMs`, none where that is `null`. */
  budgetUnits?: number | null | ((env: Env, request: Request) => number | null);
  /** Everything else for `rank()`. */
  rankOptions?: RankOptions | ((request: Request, env: Env) => RankOptions | Promise<RankOptions>);
  /** A ranking that came less far counts as overrun and passes through. Default: `"partial"`. */
  minimumTier?: Tier;
  /** Default: 10,000. Then 504, `origin/slow`. */
  originTimeoutMs?: number;
  /** Default: 1,000. Then the origin's answer passes through, `profile/slow`. */
  profileTimeoutMs?: number;
  limits?: Partial<EdgeLimits>;
  /** Asks the origin; for service bindings. Default: the global `fetch`. */
  fetch?: (request: Request, init?: RequestInit) => Promise<Response>;
}

/**
 * A handler for `export default`, `Deno.serve`, `Bun.serve` or a Node adapter.
 *
 * - A ranked answer is the origin's JSON in the new order with `"ranklet": { tier, reason, scored, ms, units }` (if
 *   it is an object), `cache-control: private, no-store`, `server-timing`, and `x-ranklet: TIER; REASON`.
 * - A fault of ours, of the model, a store, or a list that cannot be read: the origin's bytes, status and
 *   headers, and `x-ranklet: passthrough; CODE`.
 * - A malformed request: 400, 405 or 413 with `{ "error": { code, path, message } }`. An origin that cannot be
 *   reached or is slow: 502 or 504, the same.
 *
 * @example
 * import { cookieProfile, createEdgeHandler } from 'ranklet/edge';
 * import model from './movies.onnx';
 *
 * export default createEdgeHandler({ model, profile: cookieProfile() });
 */
export function createEdgeHandler<Env = any>(options: EdgeOptions<Env>): {
  fetch(request: Request, env?: Env, ctx?: unknown): Promise<Response>;
};

/**
 * The class of a Durable Object that holds one visitor's profile: export it from the worker under the name that
 * the configuration gives. It removes itself `ttlDays` after the last event. Default: 30.
 */
export function createProfileObject<Env = any>(options: { model: EdgeOptions<Env>['model']; ttlDays?: number }): {
  new (state: any, env: Env): { fetch(request: Request): Promise<Response>; alarm(): Promise<void> };
};

/** The profile comes with each request: `{ "profile": { "events": [...] } }` in a POST, or the same in base64url in a header. Default header: `"x-ranklet-profile"`. */
export function requestProfile(options?: { header?: string }): ProfileSource;

/**
 * The visitor's own browser keeps the profile, in a cookie signed with HMAC-SHA-256: nothing is stored on the
 * server. Signed, not encrypted. A cookie that was altered, expired or signed with an unknown secret is taken
 * back, and the visitor starts anew.
 */
export function cookieProfile<Env = any>(options?: {
  /** At least 16 bytes each. Several: the first signs, all are accepted. Default: `env.PROFILE_SECRET`. */
  secret?: string | readonly string[] | ((env: Env) => string | readonly string[] | Promise<string | readonly string[]>);
  /** Default: `"ranklet"`. */
  name?: string;
  /** Seconds. Default: 30 days. */
  maxAge?: number;
  /** False for tests over http. Default: true. */
  secure?: boolean;
  /** Milliseconds since 1970. Default: `Date.now`. */
  now?: () => number;
}): ProfileSource<Env>;

/** Who a request is from. `fresh`: was not known until now. */
export interface Visitor<Env = any> {
  (request: Request, env: Env): VisitorId | Promise<VisitorId>;
  hide?(headers: Headers): void;
  forget?(): Readonly<Record<string, string>>;
}
export interface VisitorId { id: string; fresh?: boolean; headers?: Readonly<Record<string, string>> }

/** A random id in a cookie that scripts and other sites cannot read. Default name: `"ranklet_visitor"`, 30 days. */
export function visitorCookie(options?: { name?: string; maxAge?: number; secure?: boolean }): Visitor;

/** Profiles in Workers KV, which is eventually consistent: events within a second may overwrite each other. Default binding: `PROFILES`. */
export function kvProfile<Env = any>(options?: { binding?: string; prefix?: string; ttlSeconds?: number; visitor?: Visitor<Env> }): ProfileSource<Env>;

/** Profiles in Durable Objects of the class that `createProfileObject` makes. Default binding: `PROFILE`. */
export function durableObjectProfile<Env = any>(options?: { binding?: string; visitor?: Visitor<Env> }): ProfileSource<Env>;
