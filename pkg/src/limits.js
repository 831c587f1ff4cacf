// In: src/core/limits.rs. Out: the numbers of it that JavaScript uses.
// Written by `node pkg/build/limits.mjs`; change limits.rs and run that.

/** Bytes of a model file. The largest student is under 500 KB; this leaves room for plain models
 * from other tools, while decoding amplifies at most twelvefold and stays far from wasm's 4 GB. */
export const MODEL_BYTES = 8_388_608;

/** Events of a session that count; beyond, those without a verdict stop counting first. */
export const EVENTS = 256;

/** Bytes of a snapshot: just under 16 KiB. */
export const SNAPSHOT_BYTES = 16_383;

/** Bytes of a compact snapshot: in base64 it fits a cookie of 4 KB with room for its attributes. */
export const COMPACT_BYTES = 2_800;

/** Events that one ranking may be asked to leave out; each is looked up. */
export const WITHOUT = 256;

/** Rules of one ranking: one bit each in a 64-bit mask, with room for what a declared rule becomes. */
export const RULES = 64;
