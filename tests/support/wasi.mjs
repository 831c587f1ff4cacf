// In: a WASI program, a folder that it may read, and its arguments; stdin. Out: the program's stdout and stderr.
// A process of its own, as a host would start it: `node wasi.mjs PROGRAM FOLDER ARGUMENTS …`; the folder is /data.
// Must never give the program the network, nor another folder.
import { readFileSync } from 'node:fs';
import { WASI } from 'node:wasi';

const [program, folder, ...args] = process.argv.slice(2);
const wasi = new WASI({ version: 'preview1', args: ['program', ...args], env: {}, preopens: { '/data': folder } });
const module = new WebAssembly.Module(readFileSync(program));
process.exitCode = wasi.start(new WebAssembly.Instance(module, wasi.getImportObject()));
