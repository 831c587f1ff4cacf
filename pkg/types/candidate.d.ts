// In: nothing. Out: the types of what comes in: candidates and events.
// Re-exported by `ranklet`; units, ranges, defaults and errors are said here, once.
// Must never promise what no test holds.

/**
 * Something that can be ranked. Other properties are ignored, and the object itself is never
 * changed: a ranking holds the same objects.
 */
export interface Candidate {
  /** Not empty, at most `model.limits.id_bytes` bytes of UTF-8. A number is the same id as its text. */
  id: string | number;
  /** Cut at `model.limits.title_bytes` bytes. Default: none. */
  title?: string | null;
  /** At most `model.limits.tags`, each cut at `model.limits.tag_bytes` bytes. Default: none. */
  tags?: readonly string[] | null;
  /** The server's score, higher is better, finite. Default: absent, which is not 0. */
  score?: number | null;
  /** Numbers by the names in `model.fields`. Those left out are absent, which is not 0. */
  fields?: Readonly<Record<string, number | null | undefined>> | null;
  /**
   * What the server learnt of the item from people: `model.vectors.width` whole numbers of -128 to 127.
   * Default: none; title and tags stand in. Read only by models whose `model.vectors` is not null.
   */
  vector?: Int8Array | readonly number[] | null;
  /**
   * The space of `vector`: it counts only if this is `model.vectors.basis`. Otherwise title and tags
   * stand in, with a warning `candidate/other-basis`.
   */
  basis?: string | null;
}

/** What a visitor did. */
export interface RankletEvent<C extends Candidate = Candidate> {
  /** One of `model.actions`, such as `"click"`. */
  type: string;
  /** The id of a candidate, or a whole item that need not be in the list. */
  item: string | number | C;
  /** Makes the event count once among the last `model.limits.events`. At most 128 bytes. Default: none. */
  id?: string | number | null;
  /**
   * When, in milliseconds since 1970, or a Date. Default: now; where the clock was set back, the time of
   * the last event that had this default, so that what came later counts as later.
   */
  at?: number | Date | null;
  /** `dwell`: seconds, 0 or more. `watch`: the fraction seen; above 1 counts as 1. Default: absent. */
  value?: number | null;
}
