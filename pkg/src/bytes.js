// In: whatever may be bytes. Out: a view of them, or null.
// Buffers of another realm count, hence no `instanceof`.

/**
 * The bytes of a buffer or of a view, not copied; null for anything else. Throws what a hostile object throws.
 *
 * @returns {Uint8Array | null}
 */
export function bytesOf(given) {
  if (ArrayBuffer.isView(given)) return new Uint8Array(given.buffer, given.byteOffset, given.byteLength);
  return /^\[object (Shared)?ArrayBuffer\]$/.test(Object.prototype.toString.call(given)) ? new Uint8Array(given) : null;
}
