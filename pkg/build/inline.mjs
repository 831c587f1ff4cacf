// pkg/wasm/ranklet_bg.wasm in, pkg/wasm/ranklet_inline.js out: the module as text, for `ranklet/inline`.
import { readFileSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const [folder] = process.argv.slice(2);
const wasm = readFileSync(`${folder}/ranklet_bg.wasm`);
writeFileSync(`${folder}/ranklet_inline.js`, `export default '${gzipSync(wasm, { level: 9 }).toString('base64')}';\n`);
