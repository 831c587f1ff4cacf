// In: nothing. Out: whether this runtime takes the relaxed-simd module.
// Whether its dot product is exact as well, the module finds out by itself: `ranker.model.simd`.
// Must never decide by a runtime's name.

/** A function of one relaxed dot product: engines without it find it invalid. */
const RELAXED = Uint8Array.of(
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 19, 1, 17, 0,
  65, 0, 253, 15, 65, 0, 253, 15, 65, 0, 253, 15, 253, 147, 2, 11,
);

export function hasRelaxedSimd() {
  return typeof WebAssembly === 'object' && WebAssembly.validate(RELAXED);
}
