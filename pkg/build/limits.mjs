// In: src/core/limits.rs. Out: pkg/src/limits.js, the few of its numbers that JavaScript uses.
// The rest reaches JavaScript through `model.limits`; these are needed before a model is loaded, or bound a request.
//
//   node pkg/build/limits.mjs      writes the file; tests/node/limits.test.mjs fails while it differs
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = resolve(fileURLToPath(import.meta.url), '../../..');
export const SOURCE = resolve(ROOT, 'src/core/limits.rs');
export const TARGET = resolve(ROOT, 'pkg/src/limits.js');

/** Constants that JavaScript uses. */
const NAMES = ['MODEL_BYTES', 'EVENTS', 'SNAPSHOT_BYTES', 'COMPACT_BYTES', 'WITHOUT', 'RULES'];

const HEADER = `// In: src/core/limits.rs. Out: the numbers of it that JavaScript uses.
// Written by \`node pkg/build/limits.mjs\`; change limits.rs and run that.
`;

/** The text of limits.js. Throws if `rust` lacks one of `names`, or defines it by more than whole numbers. */
export function limitsModule(rust, names = NAMES) {
  const constants = parsed(rust);
  return HEADER + names.map((name) => {
    const { docs } = constants.get(name) ?? missing(name);
    return `\n/** ${docs.join('\n * ')} */\nexport const ${name} = ${withSeparators(valueOf(name, constants))};\n`;
  }).join('');
}

/** Every `pub const NAME: TYPE = EXPRESSION;` with its documentation. */
function parsed(rust) {
  const found = new Map();
  for (const [, docs, name, expression] of rust.matchAll(/((?:^\/\/\/ .*\n)+)^pub const (\w+): [^=]+ = ([^;]+);/gm)) {
    found.set(name, { docs: docs.trimEnd().split('\n').map((line) => line.slice('/// '.length)), expression });
  }
  return found;
}

/** Whole numbers, names, `<<`, `*`, `+`, `-` and brackets mean the same in both languages. */
function valueOf(name, constants) {
  const { expression } = constants.get(name) ?? missing(name);
  const plain = expression.replaceAll(/(?<!:)\b[A-Z][A-Z_]*\b/g, (other) => valueOf(other, constants));
  if (!/^(\d[\d_]*|<<|[\s*+()-])+$/.test(plain)) throw new Error(`${name} = ${expression} is not made of whole numbers.`);
  return Function(`return ${plain}`)();
}

function missing(name) {
  throw new Error(`limits.rs has no constant ${name} with documentation.`);
}

function withSeparators(number) {
  return String(number).replaceAll(/\B(?=(\d{3})+$)/g, '_');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(TARGET, limitsModule(readFileSync(SOURCE, 'utf8')));
