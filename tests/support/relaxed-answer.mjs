// In: a Ranker, the golden fixture, models of dense layers. Out: its instructions, and all that it answers.
// Runs unchanged in Node and browsers. Must never compare: the tests do.
import { rows } from '../bench/dense.mjs';
import { golden } from '../golden/run.mjs';

/** Numbers of a row of the models, and rows: no whole number of blocks. */
const [WIDTH, ROWS] = [64, 150];

export async function relaxedAnswer(Ranker, model, requests, layers) {
  const { orders, scores } = await golden(Ranker, model, requests);
  const outputs = [];
  let simd;
  for (const bytes of layers) {
    const ranker = await Ranker.load(bytes);
    simd = ranker.model.simd;
    outputs.push([...new Uint32Array(ranker.scoreBatch(rows(ROWS, WIDTH)).buffer)].map((bits) => bits.toString(16)).join(' '));
    ranker.dispose();
  }
  return { simd, orders, scores, layers: outputs };
}
