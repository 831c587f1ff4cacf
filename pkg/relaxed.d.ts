// In: nothing. Out: the types of `ranklet/relaxed`: the package with the wasm that uses relaxed SIMD.
// Layers of int8 take 70 to 90 % of the time where the runtime's dot product of bytes is exact; the
// module tries that at each load, says so in `ranker.model.simd`, and else computes as `ranklet` does.
// Runtimes without relaxed SIMD get the module of `ranklet`, as do workerd, Deno and Vercel's edge.
// Scores are the same to the bit. Must never promise what no test holds.
export * from './index.js';
