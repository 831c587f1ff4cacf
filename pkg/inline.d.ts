// In: nothing. Out: the types of `ranklet/inline`: the package with the wasm inside the script.
// For bundlers that copy no files (plain esbuild and rollup), single-file pages, and extensions. It adds
// about 0.8 MB to the script, which a browser can neither stream-compile nor cache apart: prefer `ranklet`.
// Must never promise what no test holds.
export * from './index.js';
