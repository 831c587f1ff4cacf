// Bytes that a visitor downloads: raw, gzip -9, brotli 11, beside onnxruntime-web's smallest build.
// Run it through `./build.sh size`, which builds the module and packs the tarball first.
//
//   node size.mjs --model FILE [--json FILE]
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execFileSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { crates } from './crates.mjs';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const ROOT = resolve(fileURLToPath(import.meta.url), '../../..');
const PEER = join(ROOT, 'tests/node_modules/onnxruntime-web');
const { values: options } = parseArgs({ options: { model: { type: 'string' }, json: { type: 'string' } } });

const json = (file) => JSON.parse(readFileSync(file, 'utf8'));
const add = (parts) => parts.reduce((sum, { raw, gzip, brotli }) => ({ raw: sum.raw + raw, gzip: sum.gzip + gzip, brotli: sum.brotli + brotli }), { raw: 0, gzip: 0, brotli: 0 });

function measure(file, name = basename(file)) {
  const bytes = readFileSync(file);
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  return { name, raw: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length, brotli: brotliCompressSync(bytes, { params }).length };
}

/** What a browser loads: the wasm, the glue, the entry and the modules that it imports. */
function ours() {
  const pkg = join(ROOT, 'pkg');
  const modules = readdirSync(join(pkg, 'src')).filter((name) => name.endsWith('.js'));
  return ['wasm/ranklet_bg.wasm', 'wasm/ranklet.js', 'browser.js', ...modules.map((name) => `src/${name}`)]
    .map((name) => measure(join(pkg, name), name.endsWith('.wasm') ? basename(name) : name));
}

/** onnxruntime-web's smallest wasm and the smallest script that runs it, with the loader that it imports. */
function peer() {
  const dist = join(PEER, 'dist');
  const smallest = (names) => names.map((name) => measure(join(dist, name))).sort((a, b) => a.raw - b.raw)[0];
  const wasm = smallest(readdirSync(dist).filter((name) => name.endsWith('.wasm')));
  const files = [wasm, measure(join(dist, wasm.name.replace(/wasm$/, 'mjs'))), measure(join(dist, 'ort.wasm.min.mjs'))];
  return { name: 'onnxruntime-web', version: json(join(PEER, 'package.json')).version, ...add(files), wasm_raw: wasm.raw, files };
}

function tarball() {
  const [packed] = JSON.parse(execFileSync('npm', ['pack', join(ROOT, 'pkg'), '--dry-run', '--json', '--silent'], { encoding: 'utf8' }));
  return { packed: packed.size, unpacked: packed.unpackedSize, files: packed.files.map(({ path }) => path) };
}

const files = ours();
const report = {
  files,
  total: add(files),
  peer: peer(),
  toolchain: json(join(ROOT, 'target/module/release/build.json')).toolchain,
  model: options.model && existsSync(options.model) ? measure(options.model) : null,
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
