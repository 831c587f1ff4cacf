//! In: trained weights and a manifest. Out: the bytes of one ONNX file, sealed and self-testing.
//! Writes the graph of `net` node by node with int8 weights, and golden vectors from `net` itself.
//! Must never be the only judge of itself: the loader re-runs the golden vectors through tract.

use super::examples::Example;
use super::net::{self, LOGIT, Net, SHARPNESS, VALUE, Weights, get};
use super::onnx::{Graph, Value};
use super::quantise::{Axis, INT8, Quantised, rounded};
use super::recipe::{HEADS, names};
use super::{Outcome, fit};
use crate::model::Manifest;
use crate::model::bundle::graph_hash;
use crate::model::manifest::{Array, CHANNELS, Golden, KEY};
use crate::replay::LIST;
use candle_core::Tensor;

/// Rows of the golden vectors.
const GOLDEN_ROWS: usize = 6;

/// Writes the model file. `sample` gives the golden inputs.
///
/// # Errors
/// As candle or JSON.
pub fn export(net: &Net, weights: &Weights, mut manifest: Manifest, sample: &Example) -> Outcome<Vec<u8>> {
    let graph = graph(net, weights)?;
    manifest.graph_sha256 = graph_hash(&graph.encode());
    manifest.golden = golden(net, &rounded(weights)?, sample)?;
    let metadata = [(KEY, serde_json::to_string(&manifest)?)];
    Ok(graph.into_model(env!("CARGO_PKG_VERSION"), &metadata))
}

fn graph(net: &Net, weights: &Weights) -> Outcome<Graph> {
    let mut g = Graph::new("ranklet");
    constants(&mut g, weights)?;
    encode(&mut g);
    score(&mut g);
    let s = net.sizes;
    g.input(names::TOKENS, true, &[None, Some(s.tokens)]);
    g.input(names::DENSE, false, &[None, Some(s.features)]);
    g.input(names::HISTORY, false, &[Some(s.history), Some(s.vector)]);
    g.input(names::HISTORY_ACTION, false, &[Some(s.history), Some(CHANNELS)]);
    g.output(names::ITEM_VECTOR, &[None, Some(s.vector)]);
    g.output(names::HEADS, &[None, Some(HEADS)]);
    Ok(g)
}

/// Adds each weight: int8 with its scales, or f32.
fn constants(g: &mut Graph, weights: &Weights) -> Outcome<()> {
    for (name, axis) in INT8 {
        let tensor = get(weights, name)?;
        let (rows, columns) = tensor.dims2()?;
        let quantised = Quantised::of(&tensor.flatten_all()?.to_vec1::<f32>()?, [rows, columns], axis);
        g.bytes(&format!("{name}_int8"), &[rows, columns], &quantised.data);
        match axis {
            // Gathered by row together with the table.
            Axis::Row => g.floats(&format!("{name}_scale"), &[rows, 1], &quantised.scales),
            Axis::Column => {
                // Cast and Mul, not DequantizeLinear: onnxruntime turns that, in front of a MatMul, into
                // an operator that rounds the activations to int8 as well, which is another model.
                let [int8, scale, cast] = ["int8", "scale", "cast"].map(|part| format!("{name}_{part}"));
                g.floats(&scale, &[columns], &quantised.scales);
                g.node("Cast", &[&int8], &cast, &[("to", Value::Int(1))]);
                g.node("Mul", &[&cast, &scale], name, &[]);
            }
        }
    }
    for name in ["b1", "b2", "b3"] {
        let values = get(weights, name)?.to_vec1::<f32>()?;
        g.floats(name, &[values.len()], &values);
    }
    let prior = get(weights, "prior")?.exp()?.to_vec1::<f32>()?;
    g.floats("prior", &[1, CHANNELS], &prior);
    g.floats("spread", &[CHANNELS, CHANNELS * VALUE], &net::spread()?.flatten_all()?.to_vec1::<f32>()?);
    g.floats("one", &[1], &[1.0]);
    let vector = get(weights, "query")?.dims2()?.0;
    g.floats("sharpness", &[1], &[(SHARPNESS / (vector as f64).sqrt()) as f32]);
    g.floats("logit_low", &[], &[-LOGIT as f32]);
    g.floats("logit_high", &[], &[LOGIT as f32]);
    g.ids("axis_tokens", &[1]);
    g.ids("axis_vector", &[1]);
    Ok(())
}

fn encode(g: &mut Graph) {
    g.node("Gather", &["table_int8", names::TOKENS], "token_int8", &[]);
    g.node("Gather", &["table_scale", names::TOKENS], "token_scale", &[]);
    g.node("Cast", &["token_int8"], "token_value", &[("to", Value::Int(1))]);
    g.node("Mul", &["token_value", "token_scale"], "token_vector", &[]);
    let drop = || ("keepdims", Value::Int(0));
    g.node("ReduceSum", &["token_vector", "axis_tokens"], "text_sum", &[drop()]);
    g.node("Mul", &["text_sum", "text_sum"], "text_square", &[]);
    g.node("ReduceSum", &["text_square", "axis_vector"], "text_norm2", &[]);
    g.node("Add", &["text_norm2", "one"], "text_norm2_plus", &[]);
    g.node("Sqrt", &["text_norm2_plus"], "text_norm", &[]);
    g.node("Div", &["text_sum", "text_norm"], names::ITEM_VECTOR, &[]);
}

fn score(g: &mut Graph) {
    let swap = || ("perm", Value::Ints(vec![1, 0]));
    let last = || ("axis", Value::Int(1));
    g.node("MatMul", &[names::ITEM_VECTOR, "query"], "item_query", &[]);
    g.node("MatMul", &[names::HISTORY, "key"], "history_key", &[]);
    g.node("Transpose", &["history_key"], "history_key_t", &[swap()]);
    g.node("MatMul", &["item_query", "history_key_t"], "similarity", &[]);
    g.node("Mul", &["similarity", "sharpness"], "similarity_scaled", &[]);
    g.node("Clip", &["similarity_scaled", "logit_low", "logit_high"], "logits", &[]);
    g.node("Exp", &["logits"], "attention", &[]);
    g.node("MatMul", &[names::HISTORY, "value"], "history_value", &[]);
    g.node("Concat", &["history_value", "history_value", "history_value"], "values", &[last()]);
    g.node("MatMul", &[names::HISTORY_ACTION, "spread"], "strengths", &[]);
    g.node("Mul", &["values", "strengths"], "weighted_values", &[]);
    g.node("MatMul", &["attention", "weighted_values"], "pooled_sum", &[]);
    g.node("MatMul", &["attention", names::HISTORY_ACTION], "mass", &[]);
    g.node("Add", &["mass", "prior"], "mass_total", &[]);
    g.node("MatMul", &["mass_total", "spread"], "mass_spread", &[]);
    g.node("Div", &["pooled_sum", "mass_spread"], "pooled", &[]);
    g.node("Div", &["mass", "mass_total"], "share", &[]);
    g.node("MatMul", &[names::ITEM_VECTOR, "cross"], "item_cross", &[]);
    g.node("Mul", &["item_cross", "pooled"], "crossed", &[]);
    let mixed = [names::ITEM_VECTOR, "pooled", "crossed", "share", names::DENSE];
    g.node("Concat", &mixed, "mixed", &[last()]);
    g.node("Gemm", &["mixed", "w1", "b1"], "layer1", &[]);
    g.node("Relu", &["layer1"], "hidden1", &[]);
    g.node("Gemm", &["hidden1", "w2", "b2"], "layer2", &[]);
    g.node("Relu", &["layer2"], "hidden2", &[]);
    g.node("Gemm", &["hidden2", "w3", "b3"], "deep", &[]);
    g.node("MatMul", &[names::DENSE, "wide"], "linear", &[]);
    g.node("Add", &["deep", "linear"], names::HEADS, &[]);
}

/// Inputs of a few rows and what `net` makes of them with the rounded weights.
fn golden(net: &Net, weights: &Weights, sample: &Example) -> Outcome<Golden> {
    let inputs = fit::inputs(net, std::slice::from_ref(sample))?;
    let rows = sample.mask.iter().filter(|&&m| m > 0.0).count().min(GOLDEN_ROWS).min(LIST);
    let tokens = inputs.tokens.narrow(1, 0, rows)?;
    let dense = inputs.dense.narrow(1, 0, rows)?;
    let item = net::encode(weights, &tokens)?;
    let history = net::encode(weights, &inputs.history_tokens)?;
    // Padding rows of history are zero where the ranker builds them; their encoding is too.
    let heads = net::score(weights, &item, &dense, &history, &inputs.history_actions)?;
    let ids: Vec<f32> = tokens.flatten_all()?.to_vec1::<u32>()?.into_iter().map(|t| t as f32).collect();
    let mut golden = Golden::default();
    let mut keep = |inputs: bool, name: &str, tensor: &Tensor, data: Vec<f32>| {
        let shape = tensor.dims().iter().skip(1).copied().collect();
        let side = if inputs { &mut golden.inputs } else { &mut golden.outputs };
        side.insert(name.to_string(), Array { shape, data });
    };
    let flat = |tensor: &Tensor| tensor.flatten_all().and_then(|t| t.to_vec1::<f32>());
    keep(true, names::TOKENS, &tokens, ids);
    keep(true, names::DENSE, &dense, flat(&dense)?);
    keep(true, names::HISTORY, &history, flat(&history)?);
    keep(true, names::HISTORY_ACTION, &inputs.history_actions, flat(&inputs.history_actions)?);
    keep(false, names::ITEM_VECTOR, &item, flat(&item)?);
    keep(false, names::HEADS, &heads, flat(&heads)?);
    Ok(golden)
}
