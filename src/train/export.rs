//! In: a model, its text encoder, a manifest. Out: the bytes of one ONNX file, sealed, self-testing.
//! The text table is int8 by row; layers are as the model has them, f32 or 8 bits (QDQ).
//! Must never be the only judge of itself: the loader re-runs the golden vectors through tract.

use super::Outcome;
use super::emit::Emit;
use super::encoder::Encoder;
use super::engine::Compute;
use super::examples::Example;
use super::model::Model;
use super::net::List;
use super::onnx::Value;
use super::quantise::{Axis, Quantised};
use super::recipe::{HEADS, names};
use crate::model::Manifest;
use crate::model::bundle::graph_hash;
use crate::model::manifest::{Array, CHANNELS, Golden, KEY};
use candle_core::{Device, Tensor};

/// Rows of the golden vectors.
const GOLDEN_ROWS: usize = 6;

/// An encoder whose table holds what int8 leaves of it.
pub fn rounded(encoder: &Encoder) -> Encoder {
    let width = encoder.width();
    let table =
        Quantised::of(&encoder.table, [encoder.table.len() / width.max(1), width], Axis::Row).values();
    Encoder { table, bias: encoder.bias.clone() }
}

/// Writes the model file. `sample` and its candidates' tokens, padded, give the golden inputs.
/// `whole` keeps the table in f32, for comparison.
///
/// # Errors
/// As candle or JSON.
pub fn export(
    model: &Model,
    encoder: &Encoder,
    mut manifest: Manifest,
    (sample, tokens): (&Example, &[Vec<u32>]),
    whole: bool,
) -> Outcome<Vec<u8>> {
    let mut e = Emit::new("ranklet");
    encode(&mut e, encoder, whole);
    let list = List {
        item: names::ITEM_VECTOR.to_string(),
        dense: names::DENSE.to_string(),
        history: names::HISTORY.to_string(),
        actions: names::HISTORY_ACTION.to_string(),
    };
    let heads = model.heads(&mut e, &list)?;
    e.graph.node("Identity", &[&heads], names::HEADS, &[]);
    let (vector, history) = (manifest.vector, manifest.history);
    let tokens_each = manifest.text.as_ref().map_or(0, |text| text.max_tokens);
    e.graph.input(names::TOKENS, true, &[None, Some(tokens_each)]);
    e.graph.input(names::DENSE, false, &[None, Some(manifest.features.len())]);
    e.graph.input(names::HISTORY, false, &[Some(history), Some(vector)]);
    e.graph.input(names::HISTORY_ACTION, false, &[Some(history), Some(CHANNELS)]);
    e.graph.output(names::ITEM_VECTOR, &[None, Some(vector)]);
    e.graph.output(names::HEADS, &[None, Some(HEADS)]);

    let encoder = if whole { encoder.clone() } else { rounded(encoder) };
    manifest.graph_sha256 = graph_hash(&e.graph.encode());
    manifest.golden = golden(model, &encoder, sample, tokens)?;
    let metadata = [(KEY, serde_json::to_string(&manifest)?)];
    Ok(e.graph.into_model(env!("CARGO_PKG_VERSION"), &metadata))
}

/// `bias + Σ row / sqrt(tokens + 1)`, padding not counted.
fn encode(e: &mut Emit, encoder: &Encoder, whole: bool) {
    let width = encoder.width();
    let rows = encoder.table.len() / width.max(1);
    let looked_up = if whole {
        e.graph.floats("table", &[rows, width], &encoder.table);
        e.node("Gather", &["table", names::TOKENS], &[])
    } else {
        let table = Quantised::of(&encoder.table, [rows, width], Axis::Row);
        e.graph.bytes("table", &[rows, width], &table.data);
        e.graph.floats("table_scale", &[rows, 1], &table.scales);
        let whole = e.node("Gather", &["table", names::TOKENS], &[]);
        let scale = e.node("Gather", &["table_scale", names::TOKENS], &[]);
        let cast = e.node("Cast", &[&whole], &[("to", Value::Int(1))]);
        e.node("Mul", &[&cast, &scale], &[])
    };
    let by_token = e.ids("axis_1", &[1]);
    let sum = e.node("ReduceSum", &[&looked_up, &by_token], &[("keepdims", Value::Int(0))]);
    // Ids are whole numbers from 0: the smaller of id and 1 is 1 for all but padding.
    let ids = e.node("Cast", &[names::TOKENS], &[("to", Value::Int(1))]);
    let one = e.floats("one", &[1], &[1.0]);
    let used = e.node("Min", &[&ids, &one], &[]);
    let count = e.node("ReduceSum", &[&used, &by_token], &[("keepdims", Value::Int(1))]);
    let count = e.node("Add", &[&count, &one], &[]);
    let root = e.node("Sqrt", &[&count], &[]);
    let mean = e.node("Div", &[&sum, &root], &[]);
    let bias = e.floats("text_bias", &[1, width], &encoder.bias);
    e.graph.node("Add", &[&mean, &bias], names::ITEM_VECTOR, &[]);
}

/// Inputs of a few rows and what the model makes of them.
fn golden(model: &Model, encoder: &Encoder, sample: &Example, tokens: &[Vec<u32>]) -> Outcome<Golden> {
    let rows = sample.rows.min(GOLDEN_ROWS).min(tokens.len());
    let tokens = &tokens[..rows];
    let item: Vec<f32> = tokens.iter().flat_map(|tokens| encoder.encode(tokens)).collect();
    let tensor =
        |data: &[f32], rows: usize| Tensor::from_slice(data, (rows, data.len() / rows.max(1)), &Device::Cpu);
    let features = sample.dense.len() / sample.rows.max(1);
    let list = List {
        item: tensor(&item, rows)?,
        dense: tensor(&sample.dense[..rows * features], rows)?,
        history: tensor(&sample.history, sample.length)?,
        actions: tensor(&sample.actions, sample.length)?,
    };
    let heads = model.heads(&mut Compute::default(), &list)?;
    let mut golden = Golden::default();
    let ids: Vec<f32> = tokens.iter().flatten().map(|&token| token as f32).collect();
    let array = |data: Vec<f32>, rows: usize| Array { shape: vec![rows, data.len() / rows.max(1)], data };
    let flat = |tensor: &Tensor| tensor.flatten_all().and_then(|t| t.to_vec1::<f32>());
    golden.inputs.insert(names::TOKENS.into(), array(ids, rows));
    golden.inputs.insert(names::DENSE.into(), array(flat(&list.dense)?, rows));
    golden.inputs.insert(names::HISTORY.into(), array(sample.history.clone(), sample.length));
    golden.inputs.insert(names::HISTORY_ACTION.into(), array(sample.actions.clone(), sample.length));
    golden.outputs.insert(names::ITEM_VECTOR.into(), array(item, rows));
    golden.outputs.insert(names::HEADS.into(), array(flat(&heads)?, rows));
    Ok(golden)
}
