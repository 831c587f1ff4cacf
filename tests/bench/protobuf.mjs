// In: an ONNX message in bytes, or numbers and names. Out: its fields, or bytes.
// The few lines of protobuf that reading, cutting and writing models for the bench take.
// Must never be shipped: it trusts its input.

/** The length-delimited fields of a message, each with its number and the bytes from its tag on. */
export function* fields(bytes, wanted = null) {
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++];
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const start = at;
    const tag = varint();
    const [number, wire] = [Math.floor(tag / 8), tag % 8];
    let payload = null;
    if (wire === 0) varint();
    else if (wire === 1) at += 8;
    else if (wire === 5) at += 4;
    else {
      const length = varint();
      payload = bytes.subarray(at, at + length);
      at += length;
    }
    if (wanted === null || (number === wanted && payload)) yield { number, payload, whole: bytes.subarray(start, at) };
  }
}

export const text = (bytes) => new TextDecoder().decode(bytes);

function varint(value) {
  const out = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 127n; rest >>= 7n) out.push(Number(rest & 127n) | 128);
  out.push(Number(rest));
  return Uint8Array.from(out);
}

export function join(...parts) {
  const flat = parts.flat(Infinity);
  const out = new Uint8Array(flat.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of flat) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** A field that holds a whole number. */
export const whole = (number, value) => join(varint(number * 8), varint(value));

/** A field that holds bytes, text, or a message made of fields. */
export function held(number, value) {
  const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : join(value);
  return join(varint(number * 8 + 2), varint(bytes.length), bytes);
}
