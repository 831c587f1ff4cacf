// In: the wasm, gzipped and in base64. Out: its bytes.
// Every runtime that has the SIMD that the wasm needs has DecompressionStream too.
// Must never be imported by the default entries.

export async function unpacked(text) {
  const gzip = Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  const stream = new Blob([gzip]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
