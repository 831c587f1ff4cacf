//! Whole models with layers as exporters and onnxruntime's quantiser write them.
//! Each must become the fused operators, and give what its nodes say, computed one by one here.
//! Scales are powers of two, so that every order of summing gives the same bits.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "layers/rows.rs"]
mod rows;

use super::hostile_models::builder::*;
use super::{Plan, Role, SessionActivations, StageInput, pb};
use serde_json::json;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const FEATURES: usize = 5;
const HIDDEN: usize = 3;
const BLOCK: usize = 6;

fn x() -> Vec<f32> {
    (0..BLOCK * FEATURES).map(|i| ((i * 7 + 3) % 29) as f32 / 8.0 - 1.5).collect()
}

fn w1() -> Vec<i8> {
    (0..FEATURES * HIDDEN).map(|i| ((i * 37 + 11) % 51) as i8 - 25).collect()
}

fn w2() -> Vec<i8> {
    vec![17, -9, 30]
}

const SCALE1: [f32; HIDDEN] = [0.25, 0.125, 0.5];
const SCALE2: f32 = 0.0625;
const BIAS1: [f32; HIDDEN] = [1.5, -2.0, 0.75];

fn u8s(name: &str, values: &[u8]) -> pb::TensorProto {
    tensor(name, 2, &[], values.to_vec())
}

fn scalar(name: &str, value: f32) -> pb::TensorProto {
    floats(name, &[], &[value])
}

/// A model of these constants and nodes, from `features` to `heads`.
fn plan(constants: Vec<pb::TensorProto>, nodes: Vec<pb::NodeProto>, expected: &[f32]) -> Plan {
    plan_of(BLOCK, constants, nodes, expected)
}

/// The same in blocks of some size; `expected` is of [`x`].
fn plan_of(
    block: usize,
    constants: Vec<pb::TensorProto>,
    nodes: Vec<pb::NodeProto>,
    expected: &[f32],
) -> Plan {
    let mut parts = Parts::plain();
    let graph = parts.graph();
    graph.input = vec![value("features", 1, FEATURES as i64)];
    graph.initializer = constants;
    graph.node = nodes;
    let features: Vec<_> = (0..FEATURES)
        .map(|i| json!({ "name": i.to_string(), "source": { "kind": "server_score" } }))
        .collect();
    parts.manifest["features"] = json!(features);
    parts.manifest["block"] = json!(block);
    parts.manifest["golden"] = json!({
        "inputs": { "features": { "shape": [BLOCK, FEATURES], "data": x() } },
        "outputs": { "heads": { "shape": [BLOCK, 1], "data": expected } },
    });
    Plan::load(&parts.seal()).unwrap()
}

fn check(constants: Vec<pb::TensorProto>, nodes: Vec<pb::NodeProto>, expected: &[f32], operators: &[&str]) {
    let mut plan = plan(constants, nodes, expected);
    let x = x();
    let heads = plan
        .score(&SessionActivations::default(), |role| (role == Role::Dense).then_some(StageInput::Floats(&x)))
        .unwrap();
    assert_eq!(heads, expected);
    let mut found = plan.operators().concat();
    found.retain(|name| !["Source", "Const"].contains(&name.as_str()));
    assert_eq!(found, operators);
}

/// `relu(rows · w1 · scales + bias)`.
fn hidden(rows: &[f32]) -> Vec<f32> {
    let cell = |row: &[f32], c: usize| {
        let sum: f32 = (0..FEATURES).map(|t| row[t] * f32::from(w1()[t * HIDDEN + c]) * SCALE1[c]).sum();
        (sum + BIAS1[c]).max(0.0)
    };
    rows.chunks(FEATURES).flat_map(|row| (0..HIDDEN).map(move |c| cell(row, c))).collect()
}

fn heads(hidden: &[f32]) -> Vec<f32> {
    hidden
        .chunks(HIDDEN)
        .map(|row| row.iter().zip(w2()).map(|(h, w)| h * f32::from(w) * SCALE2).sum())
        .collect()
}

fn through_bytes(values: &[f32], scale: f32, zero: f32, low: f32, high: f32) -> Vec<f32> {
    let byte = |v: &f32| ((v / scale).round_ties_even() + zero).clamp(low, high);
    values.iter().map(|v| (byte(v) - zero) * scale).collect()
}

fn weights() -> Vec<pb::TensorProto> {
    vec![
        bytes("w1", &[FEATURES as i64, HIDDEN as i64], &w1()),
        floats("s1", &[HIDDEN as i64], &SCALE1),
        floats("b1", &[HIDDEN as i64], &BIAS1),
        bytes("w2", &[HIDDEN as i64, 1], &w2()),
        floats("s2", &[1], &[SCALE2]),
    ]
}

#[test]
fn int8_weights_that_are_cast_and_scaled_become_layers_of_floats() {
    let nodes = vec![
        node("Cast", &["w1"], "w1_cast", vec![int("to", 1)]),
        node("Mul", &["w1_cast", "s1"], "w1_float", vec![]),
        node("Cast", &["w2"], "w2_cast", vec![int("to", 1)]),
        node("Mul", &["w2_cast", "s2"], "w2_float", vec![]),
        node("MatMul", &["features", "w1_float"], "product", vec![]),
        node("Add", &["b1", "product"], "sum", vec![]),
        node("Relu", &["sum"], "hidden", vec![]),
        node("Gemm", &["hidden", "w2_float"], "heads", vec![]),
    ];
    check(weights(), nodes, &heads(&hidden(&x())), &["Dense"]);
}

#[test]
fn a_static_qdq_graph_multiplies_bytes() {
    let mut constants = weights();
    constants.extend([
        scalar("sx", 0.0625),
        u8s("zx", &[100]),
        scalar("sh", 0.5),
        tensor("zh", 3, &[], vec![(-20i8) as u8]),
        tensor("z1", 3, &[HIDDEN as i64], vec![0; HIDDEN]),
        // The bias as onnxruntime writes it: int32, by the product of both scales.
        tensor(
            "b1_int",
            6,
            &[HIDDEN as i64],
            BIAS1.iter().zip(SCALE1).flat_map(|(b, s)| ((b / (s * 0.0625)) as i32).to_le_bytes()).collect(),
        ),
        floats("b1_scale", &[HIDDEN as i64], &SCALE1.map(|s| s * 0.0625)),
    ]);
    let nodes = vec![
        node("DequantizeLinear", &["w1", "s1", "z1"], "w1_float", vec![int("axis", 1)]),
        node("DequantizeLinear", &["b1_int", "b1_scale"], "b1_float", vec![int("axis", 0)]),
        node("DequantizeLinear", &["w2", "s2"], "w2_float", vec![int("axis", 1)]),
        node("QuantizeLinear", &["features", "sx", "zx"], "x_bytes", vec![]),
        node("DequantizeLinear", &["x_bytes", "sx", "zx"], "x", vec![]),
        node("Gemm", &["x", "w1_float", "b1_float"], "layer1", vec![]),
        node("Relu", &["layer1"], "hidden", vec![]),
        node("QuantizeLinear", &["hidden", "sh", "zh"], "hidden_bytes", vec![]),
        node("DequantizeLinear", &["hidden_bytes", "sh", "zh"], "hidden_float", vec![]),
        node("Gemm", &["hidden_float", "w2_float"], "heads", vec![]),
    ];
    let rows = through_bytes(&x(), 0.0625, 100.0, 0.0, 255.0);
    let middle = through_bytes(&hidden(&rows), 0.5, -20.0, -128.0, 127.0);
    check(constants, nodes, &heads(&middle), &["Quantize", "Dense", "Dense"]);
}

#[test]
fn weights_stored_as_columns_are_read_as_such() {
    let transposed: Vec<i8> =
        (0..HIDDEN * FEATURES).map(|i| w1()[(i % FEATURES) * HIDDEN + i / FEATURES]).collect();
    let mut constants = weights();
    constants[0] = bytes("w1", &[HIDDEN as i64, FEATURES as i64], &transposed);
    constants.extend([scalar("sx", 0.125), u8s("zx", &[120])]);
    let nodes = vec![
        node("DequantizeLinear", &["w1", "s1"], "w1_float", vec![int("axis", 0)]),
        node("DequantizeLinear", &["w2", "s2"], "w2_float", vec![int("axis", 1)]),
        node("QuantizeLinear", &["features", "sx", "zx"], "x_bytes", vec![]),
        node("DequantizeLinear", &["x_bytes", "sx", "zx"], "x", vec![]),
        node("Gemm", &["x", "w1_float", "b1"], "layer1", vec![int("transB", 1)]),
        node("Relu", &["layer1"], "hidden", vec![]),
        node("MatMul", &["hidden", "w2_float"], "heads", vec![]),
    ];
    let rows = through_bytes(&x(), 0.125, 120.0, 0.0, 255.0);
    check(constants, nodes, &heads(&hidden(&rows)), &["Quantize", "Dense", "Dense"]);
}

/// A layer as onnxruntime's dynamic quantiser writes it, and its heads.
fn dynamic() -> (Vec<pb::TensorProto>, Vec<pb::NodeProto>, Vec<f32>) {
    let mut constants = weights();
    constants.push(tensor("z1", 3, &[], vec![0]));
    let nodes = vec![
        pb::NodeProto {
            output: vec!["x_bytes".into(), "x_scale".into(), "x_zero".into()],
            ..node("DynamicQuantizeLinear", &["features"], "x_bytes", vec![])
        },
        node("MatMulInteger", &["x_bytes", "w1", "x_zero", "z1"], "whole", vec![]),
        node("Cast", &["whole"], "cast", vec![int("to", 1)]),
        node("Mul", &["x_scale", "s1"], "scales", vec![]),
        node("Mul", &["cast", "scales"], "product", vec![]),
        node("Add", &["product", "b1"], "sum", vec![]),
        node("Relu", &["sum"], "hidden", vec![]),
        node("DequantizeLinear", &["w2", "s2"], "w2_float", vec![]),
        node("MatMul", &["hidden", "w2_float"], "heads", vec![]),
    ];
    let (low, high) = x().iter().fold((0f32, 0f32), |(low, high), &v| (low.min(v), high.max(v)));
    let scale = (high - low) / 255.0;
    let zero = (-low / scale).round_ties_even();
    let byte = |v: f32| ((v * scale.recip()).round_ties_even() + zero).clamp(0.0, 255.0) - zero;
    let hidden: Vec<f32> = x()
        .chunks(FEATURES)
        .flat_map(|row| {
            (0..HIDDEN)
                .map(|c| {
                    let sum: f32 =
                        (0..FEATURES).map(|t| byte(row[t]) * f32::from(w1()[t * HIDDEN + c])).sum();
                    (sum * (scale * SCALE1[c]) + BIAS1[c]).max(0.0)
                })
                .collect::<Vec<_>>()
        })
        .collect();
    let expected: Vec<f32> = hidden
        .chunks(HIDDEN)
        .map(|row| (0..HIDDEN).fold(0.0, |sum, t| sum + row[t] * (f32::from(w2()[t]) * SCALE2)))
        .collect();
    (constants, nodes, expected)
}

#[test]
fn a_dynamic_graph_multiplies_bytes_of_the_rows_own_range() {
    let (constants, nodes, expected) = dynamic();
    check(constants, nodes, &expected, &["DynamicQuantize", "Dense", "Dense"]);
}

#[test]
fn a_scale_of_more_axes_gives_its_axes_to_the_product() {
    let (mut constants, mut nodes, expected) = dynamic();
    constants.extend([ids("rank3", &[3], &[1, 1, 1]), ids("first", &[1], &[0])]);
    let scales = nodes.iter().position(|node| node.output == ["scales"]).unwrap();
    nodes[scales].input[0] = "x_scale3".into();
    nodes.insert(scales, node("Reshape", &["x_scale", "rank3"], "x_scale3", vec![]));
    let sum = nodes.iter().position(|node| node.output == ["sum"]).unwrap();
    nodes[sum].input[0] = "rows".into();
    nodes.insert(sum, node("Squeeze", &["product", "first"], "rows", vec![]));
    let mut plan = plan(constants, nodes, &expected);
    let x = x();
    let input = |role| (role == Role::Dense).then_some(StageInput::Floats(&x));
    assert_eq!(plan.score(&SessionActivations::default(), input).unwrap(), expected);
}

#[test]
fn a_value_that_others_read_is_kept() {
    let nodes = vec![
        node("Cast", &["w2"], "w2_cast", vec![int("to", 1)]),
        node("Mul", &["w2_cast", "s2"], "w2_float", vec![]),
        node("DequantizeLinear", &["w1", "s1"], "w1_float", vec![]),
        node("Gemm", &["features", "w1_float", "b1"], "layer1", vec![]),
        node("Relu", &["layer1"], "positive", vec![]),
        // The layer's own output is read here as well: ReLU stays an operator.
        node("Add", &["positive", "layer1"], "both", vec![]),
        node("MatMul", &["both", "w2_float"], "heads", vec![]),
    ];
    let cell = |row: &[f32], c: usize| {
        let sum: f32 = (0..FEATURES).map(|t| row[t] * f32::from(w1()[t * HIDDEN + c]) * SCALE1[c]).sum();
        let value = sum + BIAS1[c];
        value.max(0.0) + value
    };
    let both: Vec<f32> =
        x().chunks(FEATURES).flat_map(|row| (0..HIDDEN).map(|c| cell(row, c)).collect::<Vec<_>>()).collect();
    let mut plan = plan(weights(), nodes, &heads(&both));
    let x = x();
    let got = plan
        .score(&SessionActivations::default(), |role| (role == Role::Dense).then_some(StageInput::Floats(&x)))
        .unwrap();
    assert_eq!(got, heads(&both));
    assert_eq!(plan.operators().concat().iter().filter(|name| *name == "Dense").count(), 2);
}

#[test]
fn scaled_rows_of_a_table_are_added_without_being_written() {
    // As `Parts::text`, with a table of int8 whose rows have a scale each.
    let mut parts = Parts::text();
    let width = 8;
    let table: Vec<i8> =
        (0..8 * width).map(|i| if i < width { 0 } else { (i * 5 % 23) as i8 - 11 }).collect();
    let scale: Vec<f32> = (0..8).map(|row| 0.25 * (row + 1) as f32).collect();
    let graph = parts.graph();
    graph.initializer = vec![
        bytes("table", &[8, 8], &table),
        floats("scale", &[8, 1], &scale),
        ids("axis", &[1], &[1]),
        floats("w", &[8, 1], &[1.0; 8]),
    ];
    graph.node = vec![
        node("Gather", &["table", "tokens"], "rows_int8", vec![]),
        node("Gather", &["scale", "tokens"], "rows_scale", vec![]),
        node("Cast", &["rows_int8"], "rows", vec![int("to", 1)]),
        node("Mul", &["rows", "rows_scale"], "scaled", vec![]),
        node("ReduceSum", &["scaled", "axis"], "item_vector", vec![int("keepdims", 0)]),
        node("Gemm", &["item_vector", "w"], "heads", vec![]),
    ];
    let tokens = [[1i64, 2, 0], [7, 0, 0]];
    let vector = |ids: &[i64; 3]| -> Vec<f32> {
        let cell = |c: usize| {
            ids.iter().map(|&id| f32::from(table[id as usize * width + c]) * scale[id as usize]).sum()
        };
        (0..width).map(cell).collect()
    };
    let vectors: Vec<f32> = tokens.iter().flat_map(vector).collect();
    let heads: Vec<f32> = vectors.chunks(width).map(|vector| vector.iter().sum()).collect();
    parts.manifest["vector"] = json!(width);
    parts.manifest["golden"] = json!({
        "inputs": { "tokens": { "shape": [2, 3], "data": tokens.concat() } },
        "outputs": {
            "item_vector": { "shape": [2, width], "data": vectors },
            "heads": { "shape": [2, 1], "data": heads },
        },
    });
    let mut plan = Plan::load(&parts.seal()).unwrap();
    let mut block = tokens.concat();
    block.resize(4 * 3, 0);
    let got = plan.encode(&block).unwrap();
    assert_eq!(got[..2 * width], vectors);
    assert!(got[2 * width..].iter().all(|&v| v == 0.0));
    assert_eq!(plan.encode_operators(), ["Source", "EmbeddingBag"]);
}
