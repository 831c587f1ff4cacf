// In: a module whose functions have names. Out: bytes of code by crate, the largest first.
// A function counts for the first crate in its name that is not the standard library: generic code of
// `core` lies with `core`, since names say nothing of type parameters. Must never need another tool.
import { readFileSync } from 'node:fs';

const STANDARD = new Set(['core', 'alloc', 'std', 'hashbrown', 'compiler_builtins', 'dlmalloc']);

/** Sizes of the functions of a module, each with its name. */
export function functions(bytes) {
  let at = 8;
  const number = () => {
    let [value, shift, byte] = [0, 0, 0];
    do {
      byte = bytes[at];
      at += 1;
      value += (byte & 127) * 2 ** shift;
      shift += 7;
    } while (byte & 128);
    return value;
  };
  const text = () => {
    const length = number();
    at += length;
    return bytes.toString('utf8', at - length, at);
  };
  const limits = () => {
    const flags = number();
    number();
    if (flags & 1) number();
  };
  const skipImport = { 0: () => { number(); return 1; }, 1: () => { number(); limits(); return 0; }, 2: () => { limits(); return 0; }, 3: () => { at += 2; return 0; }, 4: () => { number(); number(); return 0; } };
  let imported = 0;
  const sizes = [];
  const names = new Map();
  while (at < bytes.length) {
    const id = bytes[at];
    at += 1;
    const end = number() + at;
    if (id === 2) {
      for (let left = number(); left > 0; left -= 1) {
        text();
        text();
        at += 1;
        imported += skipImport[bytes[at - 1]]();
      }
    } else if (id === 10) {
      for (let left = number(); left > 0; left -= 1) {
        const start = at;
        const length = number();
        at += length;
        sizes.push(at - start);
      }
    } else if (id === 0 && text() === 'name') {
      while (at < end) {
        at += 1;
        const functionNames = bytes[at - 1] === 1;
        const next = number() + at;
        if (functionNames) for (let left = number(); left > 0; left -= 1) names.set(number(), text());
        at = next;
      }
    }
    at = end;
  }
  return sizes.map((size, index) => ({ size, name: names.get(imported + index) ?? '' }));
}

/** The crate that a function's name (legacy or v0 mangling, or demangled) belongs to. */
export function crateOf(name) {
  const mangled = [...name.matchAll(/Cs[0-9A-Za-z]+_(\d+)([a-z_][a-z0-9_]*)/g)].map(([, length, rest]) => rest.slice(0, Number(length)));
  const paths = [...name.replaceAll('..', '::').matchAll(/(?<![\w:])([a-z_][a-z0-9_]*)::/g)].map((match) => match[1]);
  const crates = mangled.length ? mangled : paths;
  return crates.find((crate) => !STANDARD.has(crate)) ?? (crates.length ? 'std, core, alloc' : 'without a path');
}

/** Bytes and functions by crate, the largest first. */
export function crates(file) {
  const totals = new Map();
  for (const { size, name } of functions(readFileSync(file))) {
    const crate = crateOf(name);
    const { bytes, count } = totals.get(crate) ?? { bytes: 0, count: 0 };
    totals.set(crate, { bytes: bytes + size, count: count + 1 });
  }
  return [...totals].map(([crate, { bytes, count }]) => ({ crate, bytes, functions: count })).sort((a, b) => b.bytes - a.bytes);
}
