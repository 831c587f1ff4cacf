//! In: a model, its text encoder, a manifest. Out: the bytes of one ONNX file, sealed, self-testing.
//! The text table is int8 by row; layers are as the model has them, f32 or 8 bits (QDQ). The golden vectors are
//! candle's; the loader re-runs them by its own kernels.

use crate::error::Result;
use crate::train::examples::Example;
use crate::train::manifest::{HEADS, names};
use crate::train::model::backend::Backend;
use crate::train::model::candle_backend::CandleBackend;
use crate::train::model::heads::Model;
use crate::train::model::inputs::{ListInputs, matrix};
use crate::train::model::int8::{Axis, Int8Matrix};
use crate::train::model::onnx_backend::OnnxBackend;
use crate::train::model::onnx_graph::Value;
use crate::train::text_encoder::Encoder;
use candle_core::{Device, Tensor};
use ranklet::internals::item::place;
use ranklet::internals::model::Manifest;
use ranklet::internals::model::graph_hash;
use ranklet::internals::model::manifest::{Array, CHANNELS, Golden, KEY, VectorSpec};

/// Rows of the golden vectors.
const GOLDEN_ROWS: usize = 6;

/// An encoder whose table holds what int8 leaves of it.
pub fn rounded(encoder: &Encoder) -> Encoder {
    let width = encoder.width();
    let table =
        Int8Matrix::of(&encoder.table, [encoder.table.len() / width.max(1), width], Axis::Row).values();
    Encoder { table, bias: encoder.bias.clone() }
}

/// Inputs for the golden vectors.
pub struct Sample {
    /// Its features and session.
    pub example: Example,
    /// Its candidates' tokens, padded.
    pub tokens: Vec<Vec<u32>>,
    /// Its candidates' server vectors.
    pub server: Vec<Option<Vec<i8>>>,
}

/// Writes the model file.
///
/// `whole` keeps the table in f32, for comparison.
///
/// # Errors
/// As candle or JSON.
pub fn export(
    model: &Model,
    encoder: &Encoder,
    mut manifest: Manifest,
    sample: &Sample,
    whole: bool,
) -> Result<Vec<u8>> {
    let mut e = OnnxBackend::new("ranklet");
    encode(&mut e, encoder, whole);
    let width = manifest.vectors.as_ref().map_or(0, |vectors| vectors.width);
    merge(&mut e, width, manifest.vector)?;
    let list = ListInputs {
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
    e.graph.input(names::SERVER_VECTOR, false, &[None, Some(width)]);
    e.graph.input(names::SERVER_GIVEN, false, &[None, Some(1)]);
    e.graph.input(names::DENSE, false, &[None, Some(manifest.features.len())]);
    e.graph.input(names::HISTORY, false, &[Some(history), Some(vector)]);
    e.graph.input(names::HISTORY_ACTION, false, &[Some(history), Some(CHANNELS)]);
    e.graph.output(names::TEXT_VECTOR, &[None, Some(vector)]);
    e.graph.output(names::ITEM_VECTOR, &[None, Some(vector)]);
    e.graph.output(names::HEADS, &[None, Some(HEADS)]);

    let encoder = if whole { encoder.clone() } else { rounded(encoder) };
    manifest.graph_sha256 = graph_hash(&e.graph.encode());
    manifest.golden = golden(model, &encoder, sample, manifest.vectors.as_ref())?;
    let metadata = [(KEY, serde_json::to_string(&manifest)?)];
    Ok(e.graph.into_model(env!("CARGO_PKG_VERSION"), &metadata))
}

/// `bias + Σ row / sqrt(tokens + 1)`, padding not counted.
fn encode(e: &mut OnnxBackend, encoder: &Encoder, whole: bool) {
    let width = encoder.width();
    let rows = encoder.table.len() / width.max(1);
    let looked_up = if whole {
        e.graph.add_f32("table", &[rows, width], &encoder.table);
        e.node("Gather", &["table", names::TOKENS], &[])
    } else {
        let table = Int8Matrix::of(&encoder.table, [rows, width], Axis::Row);
        e.graph.add_i8("table", &[rows, width], &table.data);
        e.graph.add_f32("table_scale", &[rows, 1], &table.scales);
        let whole = e.node("Gather", &["table", names::TOKENS], &[]);
        let scale = e.node("Gather", &["table_scale", names::TOKENS], &[]);
        let cast = e.node("Cast", &[&whole], &[("to", Value::Int(1))]);
        e.node("Mul", &[&cast, &scale], &[])
    };
    let by_token = e.constant_i64("axis_1", &[1]);
    let sum = e.node("ReduceSum", &[&looked_up, &by_token], &[("keepdims", Value::Int(0))]);
    // Ids are whole numbers from 0: the smaller of id and 1 is 1 for all but padding.
    let ids = e.node("Cast", &[names::TOKENS], &[("to", Value::Int(1))]);
    let one = e.constant_f32("one", &[1], &[1.0]);
    let used = e.node("Min", &[&ids, &one], &[]);
    let count = e.node("ReduceSum", &[&used, &by_token], &[("keepdims", Value::Int(1))]);
    let count = e.node("Add", &[&count, &one], &[]);
    let root = e.node("Sqrt", &[&count], &[]);
    let mean = e.node("Div", &[&sum, &root], &[]);
    let bias = e.constant_f32("text_bias", &[1, width], &encoder.bias);
    e.graph.node("Add", &[&mean, &bias], names::TEXT_VECTOR, &[]);
}

/// Puts the server's numbers in place of the text's, where there are any. Between the stages: the
/// ranker does the same with [`place`], other runtimes by these nodes.
fn merge(e: &mut OnnxBackend, width: usize, vector: usize) -> candle_core::Result<()> {
    let spread = e.constant("server_columns", &matrix(width, vector, |r, c| f32::from(r == c))?)?;
    let taste = e.constant("taste_columns", &matrix(1, vector, |_, c| f32::from(c < width))?)?;
    let one = e.constant_f32("one", &[1], &[1.0]);
    let sent = e.node("MatMul", &[names::SERVER_VECTOR, &spread], &[]);
    let given = e.node("MatMul", &[names::SERVER_GIVEN, &taste], &[]);
    let kept = e.node("Sub", &[&one, &given], &[]);
    let said = e.node("Mul", &[names::TEXT_VECTOR, &kept], &[]);
    e.graph.node("Add", &[&said, &sent], names::ITEM_VECTOR, &[]);
    Ok(())
}

/// Inputs of a few rows and what the model makes of them.
fn golden(model: &Model, encoder: &Encoder, sample: &Sample, spec: Option<&VectorSpec>) -> Result<Golden> {
    let Sample { example: sample, tokens, server } = sample;
    let rows = sample.rows.min(GOLDEN_ROWS).min(tokens.len());
    let tokens = &tokens[..rows];
    let said: Vec<Vec<f32>> = tokens.iter().map(|tokens| encoder.encode(tokens)).collect();
    let (width, scale) = spec.map_or((0, 0.0), |spec| (spec.width, spec.scale));
    let (mut item, mut sent, mut given) = (Vec::new(), Vec::new(), Vec::new());
    for (row, text) in said.iter().enumerate() {
        let own = server.get(row).and_then(Option::as_ref);
        let (mut vector, mut alone) = (text.clone(), vec![0.0; width]);
        if let Some(own) = own {
            place(&mut vector, own, scale);
            place(&mut alone, own, scale);
        }
        item.extend(vector);
        sent.extend(alone);
        given.push(f32::from(own.is_some()));
    }
    let tensor =
        |data: &[f32], rows: usize| Tensor::from_slice(data, (rows, data.len() / rows.max(1)), &Device::Cpu);
    let features = sample.dense.len() / sample.rows.max(1);
    let list = ListInputs {
        item: tensor(&item, rows)?,
        dense: tensor(&sample.dense[..rows * features], rows)?,
        history: tensor(&sample.history, sample.length)?,
        actions: tensor(&sample.actions, sample.length)?,
    };
    let heads = model.heads(&mut CandleBackend::default(), &list)?;
    let mut golden = Golden::default();
    let ids: Vec<f32> = tokens.iter().flatten().map(|&token| token as f32).collect();
    let array = |data: Vec<f32>, rows: usize| Array { shape: vec![rows, data.len() / rows.max(1)], data };
    let flat = |tensor: &Tensor| tensor.flatten_all().and_then(|t| t.to_vec1::<f32>());
    golden.inputs.insert(names::TOKENS.into(), array(ids, rows));
    golden.inputs.insert(names::DENSE.into(), array(flat(&list.dense)?, rows));
    golden.inputs.insert(names::HISTORY.into(), array(sample.history.clone(), sample.length));
    golden.inputs.insert(names::HISTORY_ACTION.into(), array(sample.actions.clone(), sample.length));
    golden.inputs.insert(names::SERVER_VECTOR.into(), array(sent, rows));
    golden.inputs.insert(names::SERVER_GIVEN.into(), array(given, rows));
    golden.outputs.insert(names::TEXT_VECTOR.into(), array(said.concat(), rows));
    golden.outputs.insert(names::ITEM_VECTOR.into(), array(item, rows));
    golden.outputs.insert(names::HEADS.into(), array(flat(&heads)?, rows));
    Ok(golden)
}
