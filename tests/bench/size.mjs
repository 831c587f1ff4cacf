// Bytes that a visitor downloads for `import 'ranklet'`: raw, gzip -9, brotli 11, beside onnxruntime-web's
// smallest build.
// Run it through `./build.sh size`, which builds the module and packs the tarball first.
//
//   node size.mjs --model FILE [--json FILE]
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { add, closure, measure } from './closure.mjs';
import { crates } from './crates.mjs';

const ROOT = resolve(fileURLToPath(import.meta.url), '../../..');
const PEER = join(ROOT, 'tests/node_modules/onnxruntime-web');
const { values: options } = parseArgs({ options: { model: { type: 'string' }, json: { type: 'string' } } });

const json = (file) => JSON.parse(readFileSync(file, 'utf8'));
const measureFile = (file) => measure(readFileSync(file), basename(file));

/** onnxruntime-web's smallest wasm and the smallest script that runs it, with the loader that it imports. */
function peer() {
  const dist = join(PEER, 'dist');
  const smallest = (names) => names.map((name) => measureFile(join(dist, name))).sort((a, b) => a.raw - b.raw)[0];
  const wasm = smallest(readdirSync(dist).filter((name) => name.endsWith('.wasm')));
  const files = [wasm, measureFile(join(dist, wasm.name.replace(/wasm$/, 'mjs'))), measureFile(join(dist, 'ort.wasm.min.mjs'))];
  return { name: 'onnxruntime-web', version: json(join(PEER, 'package.json')).version, ...add(files), wasm_raw: wasm.raw, files };
}

function tarball() {
  const [packed] = JSON.parse(execFileSync('npm', ['pack', join(ROOT, 'pkg'), '--dry-run', '--json', '--silent'], { encoding: 'utf8' }));
  return { packed: packed.size, unpacked: packed.unpackedSize, files: packed.files.map(({ path }) => path) };
}

const files = await closure();
const report = {
  files,
  total: add(files),
  peer: peer(),
  toolchain: json(join(ROOT, 'target/module/release/build.json')).toolchain,
  model: options.model && existsSync(options.model) ? measureFile(options.model) : null,
  tarball: tarball(),
  crates: crates(join(ROOT, 'target/module/release/named.wasm')),
};

const line = (name, { raw, gzip, brotli }) => console.log(`${name.padEnd(34)}${[raw, gzip, brotli].map((bytes) => bytes.toLocaleString('en').padStart(13)).join('')}`);
console.log(`\nbytes, built with ${report.toolchain}\n`);
console.log(`${''.padEnd(34)}${['raw', 'gzip', 'brotli'].map((name) => name.padStart(13)).join('')}`);
for (const file of files) line(file.name, file);
line('total', report.total);
line(`${report.peer.name} ${report.peer.version}`, report.peer);
const share = (key) => `${((100 * report.total[key]) / report.peer[key]).toFixed(0)} %`.padStart(13);
console.log(`${'of the peer'.padEnd(34)}${['raw', 'gzip', 'brotli'].map(share).join('')}`);
if (report.model) line(`model: ${report.model.name}`, report.model);
console.log(`\ntarball: ${report.tarball.packed.toLocaleString('en')} packed, ${report.tarball.unpacked.toLocaleString('en')} unpacked, ${report.tarball.files.length} files`);
console.log(`\n${'code by crate'.padEnd(34)}${'bytes'.padStart(13)}${'functions'.padStart(13)}`);
const [large, small] = [report.crates.filter(({ bytes }) => bytes >= 4096), report.crates.filter(({ bytes }) => bytes < 4096)];
for (const { crate, bytes, functions } of large) console.log(`${crate.padEnd(34)}${bytes.toLocaleString('en').padStart(13)}${functions.toLocaleString('en').padStart(13)}`);
console.log(`${`${small.length} more`.padEnd(34)}${small.reduce((sum, { bytes }) => sum + bytes, 0).toLocaleString('en').padStart(13)}`);
if (options.json) writeFileSync(options.json, JSON.stringify(report, null, 2) + '\n');
