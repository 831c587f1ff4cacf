// Copies a module without its custom sections: names and tools' marks, which no engine needs.
// wasm-opt could strip them too, but a second pass over its own result writes a larger one.
//
//   node strip.mjs FROM TO
import { readFileSync, writeFileSync } from 'node:fs';

const [from, to] = process.argv.slice(2);
const bytes = readFileSync(from);
const kept = [bytes.subarray(0, 8)];
for (let at = 8; at < bytes.length; ) {
  const start = at;
  let [length, shift, byte] = [0, 0, 128];
  for (at += 1; byte & 128; at += 1, shift += 7) {
    byte = bytes[at];
    length += (byte & 127) * 2 ** shift;
  }
  at += length;
  if (bytes[start] !== 0) kept.push(bytes.subarray(start, at));
}
writeFileSync(to, Buffer.concat(kept));
