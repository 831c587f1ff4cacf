// Prints as JSON what an entry of pkg/ answers: `node relaxed.mjs ENTRY MODEL …`.
// Runs in any Node. Must never compare: the tests do.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { relaxedAnswer } from './relaxed-answer.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const golden = (name) => readFileSync(join(ROOT, 'tests/golden', name));
const [entry, ...models] = process.argv.slice(2);
const { Ranker } = await import(join(ROOT, 'pkg', entry));
const layers = models.map((file) => readFileSync(file));
console.log(JSON.stringify(await relaxedAnswer(Ranker, golden('fixture.onnx'), JSON.parse(golden('requests.json')), layers)));
