// In: bytes of ONNX models, or names and arrays. Out: their metadata, a stage cut out, or a model.
// Field numbers are those of onnx.proto.
// Must never be shipped: it trusts its input.
import { fields, held, join, text, whole } from './protobuf.mjs';

const MODEL_GRAPH = 7;
const METADATA_PROPS = 14; // of StringStringEntryProto { key = 1, value = 2 }
const GRAPH_NODE = 1;
const GRAPH_INPUT = 11;
const GRAPH_OUTPUT = 12;
export const FLOAT = 1, UINT8 = 2, INT8 = 3, INT32 = 6;

const only = (bytes, number) => fields(bytes, number).next().value?.payload;

/** The value of a key of `metadata_props`; null if there is none. */
export function metadata(bytes, key) {
  for (const { payload } of fields(bytes, METADATA_PROPS)) {
    if (text(only(payload, 1)) === key) return text(only(payload, 2));
  }
  return null;
}

export const tensorInfo = (name, type, dims) => {
  const dim = (size) => held(1, typeof size === 'number' ? whole(1, size) : held(2, size));
  return [held(1, name), held(2, held(1, [whole(1, type), held(2, dims.map(dim))]))];
};

export const node = (op, inputs, outputs, attributes = []) => held(GRAPH_NODE, [
  inputs.map((name) => held(1, name)), [outputs].flat().map((name) => held(2, name)), held(4, op),
  attributes.map(([name, value]) => held(5, [held(1, name), whole(3, value), whole(20, 2)])),
]);

/** A constant; `values` is a typed array of its type. */
export const constant = (name, type, dims, values) => held(5, [
  dims.map((size) => whole(1, size)), whole(2, type), held(8, name),
  held(9, new Uint8Array(values.buffer, values.byteOffset, values.byteLength)),
]);

export const graphOf = (name, { nodes, constants, inputs, outputs }) => join(
  nodes, held(2, name), constants,
  inputs.map((info) => held(GRAPH_INPUT, info)), outputs.map((info) => held(GRAPH_OUTPUT, info)),
);

export const modelOf = (graph, props = {}) => join(
  whole(1, 8), held(8, [held(1, ''), whole(2, 17)]), held(MODEL_GRAPH, graph),
  Object.entries(props).map(([key, value]) => held(METADATA_PROPS, [held(1, key), held(2, value)])),
);

/** The same model, scored in blocks of so many rows: the manifest alone says how many. */
export function withBlock(bytes, block) {
  const manifest = { ...JSON.parse(metadata(bytes, 'ranklet')), block };
  const others = [...fields(bytes)].filter(({ number, payload }) => number !== METADATA_PROPS || text(only(payload, 1)) !== 'ranklet');
  return join(others.map((field) => field.whole), held(METADATA_PROPS, [held(1, 'ranklet'), held(2, JSON.stringify(manifest))]));
}

/** The part of a model that gives `output` from other values: `inputs` are `[name, type, dims]`. */
export function cut(bytes, inputs, output) {
  const graph = only(bytes, MODEL_GRAPH);
  const needed = new Set([output]);
  const given = new Set(inputs.map(([name]) => name));
  const kept = [];
  for (const { payload, whole: bytesOfNode } of [...fields(graph, GRAPH_NODE)].reverse()) {
    const names = (number) => [...fields(payload, number)].map((field) => text(field.payload));
    if (!names(2).some((name) => needed.has(name) && !given.has(name))) continue;
    names(1).forEach((name) => needed.add(name));
    kept.unshift(bytesOfNode);
  }
  const others = [...fields(graph)].filter(({ number }) => ![GRAPH_NODE, GRAPH_INPUT, GRAPH_OUTPUT].includes(number));
  const outputs = [...fields(graph, GRAPH_OUTPUT)].filter(({ payload }) => text(only(payload, 1)) === output);
  const stage = join(kept, others.map((field) => field.whole), inputs.map((info) => held(GRAPH_INPUT, tensorInfo(...info))), outputs.map((field) => field.whole));
  const rest = [...fields(bytes)].filter(({ number }) => number !== MODEL_GRAPH && number !== METADATA_PROPS);
  return join(rest.map((field) => field.whole), held(MODEL_GRAPH, stage));
}
