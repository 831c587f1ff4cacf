// In: the bytes of an ONNX file. Out: the value of one key of its `metadata_props`.
// Reads the outermost protobuf message alone: graphs are skipped by their length.
// Must never be shipped: it trusts its input.

const METADATA_PROPS = 14; // ModelProto.metadata_props, of StringStringEntryProto { key = 1, value = 2 }

export function metadata(bytes, key) {
  for (const entry of fields(bytes, METADATA_PROPS)) {
    const text = (number) => new TextDecoder().decode(fields(entry, number).next().value);
    if (text(1) === key) return text(2);
  }
  return null;
}

/** The length-delimited fields of one number. */
function* fields(bytes, wanted) {
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
    const tag = varint();
    const wire = tag % 8;
    if (wire === 0) varint();
    else if (wire === 1) at += 8;
    else if (wire === 5) at += 4;
    else {
      const length = varint();
      if (Math.floor(tag / 8) === wanted) yield bytes.subarray(at, at + length);
      at += length;
    }
  }
}
