// In: nothing. Out: every number that bounds a request, with its reason.
// Each can be set in `options.limits` or beside it; none is read from a request.
import { COMPACT_BYTES, EVENTS, SNAPSHOT_BYTES } from '../limits.js';

export const LIMITS = Object.freeze({
  /** Bytes of the origin's answer: 1,000 candidates with long titles are under one megabyte. */
  originBytes: 4 << 20,
  /** Bytes of a request's body: 256 events with their items. */
  bodyBytes: 64 << 10,
  /** Characters of a profile in a header: what common servers accept is 16 KiB of headers in all. */
  headerChars: 12 << 10,
  /** Events in one request: a session keeps no more. */
  events: EVENTS,
  /** Bytes of a profile from a store: below 16 KiB, as snapshots are. */
  snapshotBytes: SNAPSHOT_BYTES + 1,
  /** Bytes of a profile in a cookie: with base64 and signature it stays under the 4,096 that browsers keep. */
  cookieBytes: COMPACT_BYTES,
  /** Milliseconds of ranking: what plans with 10 ms of CPU a request leave. */
  budgetMs: 8,
  /** Work units that count as a millisecond of it: half of what `./build.sh edge` measures, for slower hosts. */
  unitsPerMs: 1_000,
  /** Milliseconds until the origin counts as down. */
  originTimeoutMs: 10_000,
  /** Milliseconds until a profile store counts as down: later, no profile is worth the wait. */
  profileTimeoutMs: 1_000,
});
