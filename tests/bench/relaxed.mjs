// Measures the relaxed-simd artefact in a process of its own: `node relaxed.mjs HOST RUNS MODEL FILMS`.
// Prints rows as JSON. Must never measure the plain module under this one's name: `simd` says what ran.
import { readFileSync } from 'node:fs';
import { Ranker } from '../../pkg/relaxed-node.js';
import { RELAXED_FORMS } from './dense.mjs';
import { measure } from './steps.mjs';

const [host, runs, model, films] = process.argv.slice(2);
const { rows } = await measure({
  Ranker, host, variant: 'relaxed-simd', runs: Number(runs), sizes: [], only: ['dense'], forms: RELAXED_FORMS,
  model: readFileSync(model), films: JSON.parse(readFileSync(films, 'utf8')),
});
console.log(JSON.stringify({ rows }));
process.exit(0); // onnxruntime-web may hold a worker
