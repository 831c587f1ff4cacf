// In: layer widths and a form. Out: one ONNX file that ranklet and onnxruntime both read.
// Forms as exporters and onnxruntime's quantiser write them: f32 Gemm; static QDQ on Gemm with uint8
// activations, its fastest; DynamicQuantizeLinear with MatMulInteger. Weights are random, seeded.
// Must never quantise activations beyond what their range needs: both sides get the same file.
import { FLOAT, INT32, INT8, UINT8, constant, graphOf, modelOf, node, tensorInfo } from './onnx.mjs';

export const SIZES = { s: [64, 128, 64, 1], m: [128, 256, 128, 64, 1] };
export const FORMS = ['f32', 'int8_qdq', 'int8_dyn'];
/** What the relaxed-simd artefact computes otherwise. */
export const RELAXED_FORMS = ['int8_qdq', 'int8_dyn'];
/** Rows that ranklet scores at a time, at most: no deadline ends these rankings, and the peer gets all rows in one run. */
const BLOCK = 512;

/** Random numbers in [-1, 1), the same on every run. */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2147483648 - 1;
  };
}

const f32 = (...values) => Float32Array.from(values.flat());
const float = (name, dims, values) => constant(name, FLOAT, dims, values);

function layers(widths) {
  const next = random(7);
  return widths.slice(1).map((columns, i) => {
    const terms = widths[i];
    const weights = Float32Array.from({ length: terms * columns }, () => next() * Math.sqrt(3 / terms));
    const bias = Float32Array.from({ length: columns }, () => next() * 0.1);
    const scale = new Float32Array(columns);
    weights.forEach((w, at) => { scale[at % columns] = Math.max(scale[at % columns], Math.abs(w) / 127); });
    const int8 = Int8Array.from(weights, (w, at) => Math.round(w / scale[at % columns]));
    return { terms, columns, weights, bias, scale, int8 };
  });
}

/** The rows that both sides score. */
export function rows(n, width) {
  const next = random(11);
  return Float32Array.from({ length: n * width }, next);
}

const forms = {
  f32(all) {
    const [nodes, constants] = [[], []];
    all.forEach(({ terms, columns, weights, bias }, i) => {
      constants.push(float(`w${i}`, [terms, columns], weights), float(`b${i}`, [columns], bias));
      nodes.push(node('Gemm', [input(i), `w${i}`, `b${i}`], i + 1 < all.length ? `sum${i}` : 'heads'));
      if (i + 1 < all.length) nodes.push(node('Relu', [`sum${i}`], `x${i + 1}`));
    });
    return { nodes, constants };
  },
  int8_qdq(all) {
    const ranges = activationRanges(all);
    const [nodes, constants] = [[], []];
    all.forEach(({ terms, columns, int8, bias, scale }, i) => {
      const [low, high] = ranges[i];
      const step = Math.fround((high - low) / 255);
      const zero = Math.round(-low / step);
      const biasScale = scale.map((s) => s * step);
      constants.push(
        float(`sx${i}`, [], f32(step)), constant(`zx${i}`, UINT8, [], Uint8Array.of(zero)),
        constant(`w${i}`, INT8, [terms, columns], int8), float(`sw${i}`, [columns], scale), constant(`zw${i}`, INT8, [columns], new Int8Array(columns)),
        constant(`b${i}`, INT32, [columns], Int32Array.from(bias, (b, c) => Math.round(b / biasScale[c]))), float(`sb${i}`, [columns], biasScale), constant(`zb${i}`, INT32, [columns], new Int32Array(columns)),
      );
      nodes.push(
        node('QuantizeLinear', [input(i), `sx${i}`, `zx${i}`], `q${i}`), node('DequantizeLinear', [`q${i}`, `sx${i}`, `zx${i}`], `d${i}`),
        node('DequantizeLinear', [`w${i}`, `sw${i}`, `zw${i}`], `dw${i}`, [['axis', 1]]), node('DequantizeLinear', [`b${i}`, `sb${i}`, `zb${i}`], `db${i}`, [['axis', 0]]),
        node('Gemm', [`d${i}`, `dw${i}`, `db${i}`], i + 1 < all.length ? `sum${i}` : 'heads'),
      );
      if (i + 1 < all.length) nodes.push(node('Relu', [`sum${i}`], `x${i + 1}`));
    });
    return { nodes, constants };
  },
  int8_dyn(all) {
    const [nodes, constants] = [[], [constant('zw', INT8, [], new Int8Array(1))]];
    all.forEach(({ terms, columns, int8, bias, scale }, i) => {
      constants.push(constant(`w${i}`, INT8, [terms, columns], int8), float(`sw${i}`, [columns], scale), float(`b${i}`, [columns], bias));
      nodes.push(
        node('DynamicQuantizeLinear', [input(i)], [`q${i}`, `sx${i}`, `zx${i}`]),
        node('MatMulInteger', [`q${i}`, `w${i}`, `zx${i}`, 'zw'], `whole${i}`), node('Cast', [`whole${i}`], `cast${i}`, [['to', 1]]),
        node('Mul', [`sx${i}`, `sw${i}`], `scales${i}`), node('Mul', [`cast${i}`, `scales${i}`], `product${i}`),
        node('Add', [`product${i}`, `b${i}`], i + 1 < all.length ? `sum${i}` : 'heads'),
      );
      if (i + 1 < all.length) nodes.push(node('Relu', [`sum${i}`], `x${i + 1}`));
    });
    return { nodes, constants };
  },
};

const input = (layer) => (layer === 0 ? 'features' : `x${layer}`);

/** Least and greatest input of each layer, on the bench's own rows: what calibration finds. */
function activationRanges(all) {
  let x = rows(64, all[0].terms);
  return all.map(({ terms, columns, weights, bias }) => {
    const range = [Math.min(0, ...x), Math.max(0, ...x)];
    const out = new Float32Array((x.length / terms) * columns);
    for (let at = 0; at < out.length; at += 1) {
      const [row, column] = [Math.floor(at / columns), at % columns];
      let sum = bias[column];
      for (let t = 0; t < terms; t += 1) sum += x[row * terms + t] * weights[t * columns + column];
      out[at] = Math.max(sum, 0);
    }
    x = out;
    return range;
  });
}

async function sha256(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The file. `golden(graphModel, row)` gives onnxruntime's answer for one row: the loader's self-test. */
export async function denseModel(size, form, golden) {
  const widths = SIZES[size];
  const graph = graphOf('dense', {
    ...forms[form](layers(widths)),
    inputs: [tensorInfo('features', FLOAT, ['n', widths[0]])],
    outputs: [tensorInfo('heads', FLOAT, ['n', 1])],
  });
  const block = rows(BLOCK, widths[0]);
  const manifest = {
    schema: 1, name: `${size} ${form}`, version: '1', block: BLOCK,
    stages: { score: { inputs: { dense: 'features' }, output: 'heads' } },
    features: Array.from({ length: widths[0] }, (_, i) => ({ name: `f${i}`, source: { kind: 'server_score' } })),
    heads: [{ name: 'engage', weight: 1 }],
    golden: {
      inputs: { features: { shape: [BLOCK, widths[0]], data: Array.from(block) } },
      // A layer of bytes may round one step apart from onnxruntime's; the first row must agree.
      outputs: { heads: { shape: [1, 1], data: Array.from((await golden(modelOf(graph), block)).slice(0, 1)) } },
    },
    graph_sha256: await sha256(graph),
  };
  return modelOf(graph, { ranklet: JSON.stringify(manifest) });
}
