// In: nothing. Out: the types of loading a model, and of what the model says about itself.
// Re-exported by `ranklet`; units, ranges, defaults and errors are said here, once.
// Must never promise what no test holds.

/**
 * Whatever bytes can come from. A promise of any of these will do. A string is an address to fetch; outside
 * a page it has nothing to be relative to: for a file pass a `file:` URL, as
 * `new URL('./movies.onnx', import.meta.url)`, or the bytes that `readFile` gives.
 */
export type Source = string | URL | Response | Blob | ArrayBuffer | ArrayBufferView;

export interface LoadOptions {
  /**
   * Where the .wasm is, if not beside the package: a compiled Module, or anything that bytes come
   * from. The first `load` of a page, process or worker decides; later values are ignored.
   */
  wasm?: WebAssembly.Module | Source | Promise<WebAssembly.Module | Source>;
  /**
   * Reads milliseconds on a clock that never goes back. Default: `performance.now()`.
   * A clock that throws, or answers no finite number, counts as standing still.
   */
  clock?: () => number;
  /** Aborts loading: `load` then rejects with the code `load/aborted`. */
  signal?: AbortSignal;
  /**
   * The model's hash as in HTML's `integrity`: `"sha384-…"`, several separated by spaces. Needs a secure
   * context (https or localhost). For the wasm pass `wasm: fetch(url, { integrity })`.
   */
  integrity?: string;
  /**
   * Called as bytes arrive. Counting keeps browsers from caching the compiled wasm: leave it out where
   * nobody looks. One that throws is ignored.
   */
  onProgress?: (progress: Progress) => void;
}

export interface Progress {
  part: 'model' | 'wasm';
  /** Bytes so far. */
  loaded: number;
  /** Bytes in all; `null` where the server does not say, or says the length of the compressed ones. */
  total: number | null;
}

export interface ModelInfo {
  readonly name: string;
  readonly version: string;
  /** The vectors that the model reads from servers; `null` if none. */
  readonly vectors: { readonly basis: string; readonly width: number; readonly scale: number } | null;
  /** Names of the candidate fields that the model reads. */
  readonly fields: readonly string[];
  readonly features: readonly string[];
  /** Types of events that the model knows. */
  readonly actions: readonly string[];
  /** What a ranking's score adds up: each head's output times its weight. */
  readonly heads: readonly {
    readonly name: string;
    readonly objective: string;
    readonly weight: number;
    /** `null` if the head gives no probabilities. */
    readonly calibration: { readonly slope: number; readonly intercept: number } | null;
  }[];
  /**
   * The instructions that layers of int8 use here: `relaxed-simd` with the module of `ranklet/relaxed`
   * where its self-test finds this host's dot product of bytes exact. The scores are the same to the bit.
   */
  readonly simd: 'simd128' | 'relaxed-simd';
  /** Data, date, figures and licence, as the model's maker wrote them. */
  readonly card: unknown;
  readonly dims: { readonly item_vector: number; readonly history: number };
  /** Candidates of a block: budgets are looked at between blocks, or between a few that run as one. */
  readonly block: number;
  /** Work units of scoring so many new candidates; what `budgetUnits` is granted in. */
  readonly block_units: number;
  /** The same of candidates whose text was encoded before: what a re-rank takes after an event. */
  readonly known_block_units: number;
  readonly limits: {
    readonly candidates: number;
    readonly id_bytes: number;
    readonly title_bytes: number;
    /** Of all strings of a list together. */
    readonly text_bytes: number;
    readonly tags: number;
    readonly tag_bytes: number;
    /** Events that a session keeps; beyond, those without a verdict fall out first. */
    readonly events: number;
    readonly event_id_bytes: number;
    /** Items kept for events although they are in no list. */
    readonly remembered: number;
    /** Items that can be stated as liked. */
    readonly stated: number;
    readonly rules: number;
    /** Of all rules together, as JSON. */
    readonly rules_bytes: number;
  };
}
