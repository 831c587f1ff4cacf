//! In: item vectors, features, a session. Out: one number an item for each head.
//! The model's formulas, written once over [`Engine`]: candle trains them, ONNX ships them.
//! Must never read an item's raw coordinates: with a few hundred people they are identities.
//!
//! The session meets an item in dot products with what the visitor did: their means by channel, their
//! peak and their cosine ([`Evidence`]). Target attention in streams (EdgeRec, arXiv 2005.08416;
//! DIN, 1706.06978) is there to be compared: `ranklet ablate` says what each part is worth.

use super::engine::{Engine, Layer};
use super::gate::Gate;
use super::knowledge::EXTRAS;
use candle_core::{Device, Result, Tensor};
use ranklet::model::manifest::CHANNELS;

/// Strength that stands against every channel's mean: a single event pulls a third of the way.
const PRIOR: f32 = 2.0;
/// Length that stands against a cosine, in units of a vector's usual number.
const SHORT: f32 = 2.0;
/// Bound of a standardised input.
pub const BOUND: f32 = 4.0;
/// Columns that [`Evidence`] gives: a mean a channel, peak, cosine, length, and the text's extras.
pub const EVIDENCE: usize = CHANNELS + 3 + EXTRAS;
/// Their names, in order.
pub const EVIDENCE_NAMES: [&str; EVIDENCE] = [
    "vectors_positive",
    "vectors_negative",
    "vectors_exposed",
    "vectors_peak",
    "vectors_cosine",
    "vector_length",
    "text_quality",
    "text_reach",
];
/// Width of an attended value.
const VALUE: usize = 16;
/// Bound of attention logits, so that `exp` stays tame.
const LOGIT: f32 = 8.0;

/// What a list is to the net.
#[derive(Clone)]
pub struct List<V> {
    /// `[n, D]`.
    pub item: V,
    /// `[n, F]`.
    pub dense: V,
    /// `[L, D]`, newest first, zero rows at the end.
    pub history: V,
    /// `[L, 3]`.
    pub actions: V,
}

/// The part without weights: what vectors say.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// Collaborative numbers of a vector; the extras follow them.
    pub width: usize,
    /// Mean and scale of each column, `[1, EVIDENCE]`.
    pub mean: Tensor,
    /// As `mean`.
    pub scale: Tensor,
}

/// A matrix from its rows.
pub fn matrix(rows: usize, columns: usize, values: impl Fn(usize, usize) -> f32) -> Result<Tensor> {
    let data: Vec<f32> =
        (0..rows).flat_map(|r| (0..columns).map(move |c| (r, c))).map(|(r, c)| values(r, c)).collect();
    Tensor::from_vec(data, (rows, columns), &Device::Cpu)
}

impl Evidence {
    /// The columns before they are standardised.
    ///
    /// # Errors
    /// As the engine.
    pub fn raw<E: Engine>(&self, e: &mut E, list: &List<E::Value>) -> Result<E::Value> {
        let all = self.width + EXTRAS;
        let taste = e.constant("taste_columns", &matrix(1, all, |_, c| f32::from(c < self.width))?)?;
        let positive = e.constant("positive", &matrix(CHANNELS, 1, |r, _| f32::from(r == 0))?)?;
        let extras =
            e.constant("extra_columns", &matrix(all, EXTRAS, |r, c| f32::from(r == self.width + c))?)?;
        let prior = e.constant("mean_prior", &matrix(1, 1, |_, _| PRIOR)?)?;
        let short = e.constant("short", &matrix(1, 1, |_, _| SHORT)?)?;
        let tiny = e.constant("tiny", &matrix(1, 1, |_, _| 1e-6)?)?;

        let history = e.mul(&list.history, &taste)?;
        let history_t = e.transpose(&history)?;
        let dots = e.matmul(&list.item, &history_t)?;
        let strength = e.sum(&list.actions, 0)?;
        let strength = e.add(&strength, &prior)?;
        let shares = e.div(&list.actions, &strength)?;
        let means = e.matmul(&dots, &shares)?;

        let liked = e.matmul(&list.actions, &positive)?;
        let liked_row = e.transpose(&liked)?;
        let weighted = e.mul(&dots, &liked_row)?;
        let peak = e.greatest(&weighted)?;

        let centre = e.matmul(&history_t, &liked)?;
        let along = e.matmul(&list.item, &centre)?;
        let centre_length = length(e, &centre, 0, &tiny)?;
        let own = e.mul(&list.item, &taste)?;
        let own_length = length(e, &own, 1, &tiny)?;
        let (a, b) = (e.add(&own_length, &short)?, e.add(&centre_length, &short)?);
        let lengths = e.mul(&a, &b)?;
        let cosine = e.div(&along, &lengths)?;
        let text = e.matmul(&list.item, &extras)?;
        e.concat(&[means, peak, cosine, own_length, text])
    }

    /// The columns as towers read them: standardised and bounded.
    ///
    /// # Errors
    /// As the engine.
    pub fn of<E: Engine>(&self, e: &mut E, list: &List<E::Value>) -> Result<E::Value> {
        let raw = self.raw(e, list)?;
        let (mean, scale) =
            (e.constant("evidence_mean", &self.mean)?, e.constant("evidence_scale", &self.scale)?);
        let centred = e.sub(&raw, &mean)?;
        let standard = e.div(&centred, &scale)?;
        let bounded = e.clip(&standard, -BOUND, BOUND)?;
        e.concat(&[list.dense.clone(), bounded])
    }
}

fn length<E: Engine>(e: &mut E, value: &E::Value, axis: usize, tiny: &E::Value) -> Result<E::Value> {
    let square = e.mul(value, value)?;
    let sum = e.sum(&square, axis)?;
    let sum = e.add(&sum, tiny)?;
    e.sqrt(&sum)
}

/// Target attention over the session, a stream a channel.
#[derive(Debug, Clone)]
pub struct Attention {
    /// `[D, A]`.
    pub query: Tensor,
    /// `[D, A]`: keys from items only.
    pub key: Tensor,
    /// `[D, 16]`.
    pub value: Tensor,
    /// `[D, 16 · streams]`, if the item is crossed with what it attends to.
    pub cross: Option<Tensor>,
    /// Channels that have a stream.
    pub streams: usize,
}

impl Attention {
    /// Columns that it gives.
    pub fn columns(&self) -> usize {
        VALUE * self.streams * if self.cross.is_some() { 2 } else { 1 }
    }

    /// Width of an attended value.
    pub const VALUE: usize = VALUE;

    /// What the item attends to, and its crosses: `u_c = Σ w a_c v / (Σ w a_c + 1)`, `w = exp(q·k)`.
    ///
    /// # Errors
    /// As the engine.
    pub fn of<E: Engine>(&self, e: &mut E, list: &List<E::Value>) -> Result<E::Value> {
        let width = self.query.dim(1)?;
        let sharpness = e.constant("sharpness", &matrix(1, 1, |_, _| 1.0 / (width as f32).sqrt())?)?;
        let one = e.constant("attention_prior", &matrix(1, 1, |_, _| 1.0)?)?;
        let (query, key) = (e.constant("query", &self.query)?, e.constant("key", &self.key)?);
        let value = e.constant("value", &self.value)?;
        let query = e.matmul(&list.item, &query)?;
        let key = e.matmul(&list.history, &key)?;
        let key = e.transpose(&key)?;
        let logits = e.matmul(&query, &key)?;
        let logits = e.mul(&logits, &sharpness)?;
        let logits = e.clip(&logits, -LOGIT, LOGIT)?;
        let weights = e.exp(&logits)?;
        let values = e.matmul(&list.history, &value)?;
        let mut parts = Vec::new();
        for stream in 0..self.streams {
            let pick = e.constant(
                &format!("stream_{stream}"),
                &matrix(CHANNELS, 1, |r, _| f32::from(r == stream))?,
            )?;
            let strength = e.matmul(&list.actions, &pick)?;
            let said = e.mul(&values, &strength)?;
            let sum = e.matmul(&weights, &said)?;
            let mass = e.matmul(&weights, &strength)?;
            let mass = e.add(&mass, &one)?;
            parts.push(e.div(&sum, &mass)?);
        }
        let mut attended = e.concat(&parts)?;
        if let Some(cross) = &self.cross {
            let cross = e.constant("cross", cross)?;
            let own = e.matmul(&list.item, &cross)?;
            let crossed = e.mul(&own, &attended)?;
            attended = e.concat(&[attended, crossed])?;
        }
        Ok(attended)
    }
}

/// One head: dense layers over a list's columns, and the columns' own linear share, in which the
/// server score is the residual.
#[derive(Debug, Clone)]
pub struct Tower {
    /// Its name, which prefixes its layers.
    pub name: String,
    /// Hidden layers with rectifiers, then one output.
    pub layers: Vec<Layer>,
    /// `[inputs, 1]`, never quantised.
    pub linear: Tensor,
    /// What all but the server's score passes through, if anything.
    pub gate: Option<Gate>,
}

impl Tower {
    /// One number an item.
    ///
    /// # Errors
    /// As the engine.
    pub fn of<E: Engine>(&self, e: &mut E, columns: &E::Value) -> Result<E::Value> {
        let mut hidden = columns.clone();
        for (index, layer) in self.layers.iter().enumerate() {
            let last = index + 1 == self.layers.len();
            hidden = e.dense(&format!("{}_{index}", self.name), &hidden, layer, !last)?;
        }
        self.joined(e, columns, &hidden)
    }

    /// The layers' output with the columns' own share, through the gate.
    ///
    /// # Errors
    /// As the engine.
    pub fn joined<E: Engine>(&self, e: &mut E, columns: &E::Value, hidden: &E::Value) -> Result<E::Value> {
        let linear = e.constant(&format!("{}_linear", self.name), &self.linear)?;
        let linear = e.matmul(columns, &linear)?;
        let sum = e.add(hidden, &linear)?;
        let Some(gate) = &self.gate else { return Ok(sum) };
        let inputs = self.linear.dim(0)?;
        let first = matrix(inputs, 1, |row, _| f32::from(row == 0))?;
        let residual = e.constant(&format!("{}_residual", self.name), &(&self.linear * first)?)?;
        let residual = e.matmul(columns, &residual)?;
        let rest = e.sub(&sum, &residual)?;
        let open = gate.of(e, &self.name, columns, inputs)?;
        let rest = e.mul(&rest, &open)?;
        e.add(&residual, &rest)
    }
}
