// In: nothing. Out: ONNX files of small layers of int8, in the forms that the relaxed-simd artefact computes otherwise.
// onnxruntime gives their golden value. Must never take another's word for it.
import { RELAXED_FORMS, SIZES, denseModel } from '../bench/dense.mjs';
import { runModel } from '../bench/peer.mjs';

export async function layerModels(size = 's') {
  const models = [];
  for (const form of RELAXED_FORMS) {
    models.push(await denseModel(size, form, async (bytes, rows) => (await runModel(bytes)).run(rows, SIZES[size][0])));
  }
  return models;
}
