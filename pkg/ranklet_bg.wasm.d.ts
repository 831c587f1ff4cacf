// In: nothing. Out: the type of the .wasm where it is imported as a compiled module: workerd, Vercel's edge, Deno.
// For `Ranker.load(model, { wasm })` in a runtime that the entries do not know.
// Must never be read as a promise of other bundlers, which give an address.
declare const module: WebAssembly.Module;
export default module;
