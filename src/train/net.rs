//! In: tokens, features and history as tensors. Out: item vectors and heads, differentiable.
//! Two-stage ranker: a text encoder, and target attention over the session with a small MLP.
//! Must never differ from the graph that `export` writes: the golden vectors hold them together.
//!
//! Encoder: `v = Σ table[token]`, `item = v / sqrt(|v|² + 1)`.
//! Attention (after DIN, arXiv 1706.06978, and EdgeRec, 2005.08416: keys from items only, a stream
//! a channel, no positional encoding): weights `w = exp(q·k)`, and for each channel `c` with the
//! strengths `a_c`: `u_c = Σ w a_c v / (Σ w a_c + τ_c)`, so that few events pull little.

use super::recipe::HEADS;
use crate::model::manifest::CHANNELS;
use candle_core::{D, DType, Device, Result, Tensor, Var};
use rand::Rng;
use rand::SeedableRng;
use rand::rngs::StdRng;
use std::collections::{BTreeMap, HashSet};

/// Width of an attention value.
pub const VALUE: usize = 16;
/// Widths of the hidden layers.
pub const HIDDEN: [usize; 2] = [64, 32];
/// Bound of attention logits, so that `exp` stays tame.
pub const LOGIT: f64 = 8.0;

/// Sizes that come from the manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// Rows of the text table.
    pub table: usize,
    /// Tokens an item.
    pub tokens: usize,
    /// Width of an item vector.
    pub vector: usize,
    /// Features.
    pub features: usize,
    /// Rows of history.
    pub history: usize,
}

/// Weights by name.
pub type Weights = BTreeMap<&'static str, Tensor>;

/// The trainable network.
pub struct Net {
    /// Its sizes.
    pub sizes: Sizes,
    vars: BTreeMap<&'static str, Var>,
}

/// One batch of lists as tensors.
pub struct Inputs {
    /// `u32 [B, n, T]`.
    pub tokens: Tensor,
    /// `f32 [B, n, F]`.
    pub dense: Tensor,
    /// `u32 [B, L, T]`.
    pub history_tokens: Tensor,
    /// `f32 [B, L, 3]`.
    pub history_actions: Tensor,
}

impl Net {
    /// A network with seeded random weights. The server score's share starts at 1 for both heads.
    ///
    /// # Errors
    /// As candle.
    pub fn new(sizes: Sizes, seed: u64) -> Result<Net> {
        let mut rng = StdRng::seed_from_u64(seed);
        let mixed = sizes.vector + 2 * CHANNELS * VALUE + CHANNELS + sizes.features;
        let mut vars = BTreeMap::new();
        let mut add = |name, shape: &[usize], scale: f64| -> Result<()> {
            let count: usize = shape.iter().product();
            // A sum of uniforms is normal enough and the same on every host.
            let normal =
                |rng: &mut StdRng| (0..6).map(|_| rng.random_range(-1.0..1.0)).sum::<f64>() / 2f64.sqrt();
            let data: Vec<f32> = (0..count).map(|_| (normal(&mut rng) * scale) as f32).collect();
            vars.insert(name, Var::from_tensor(&Tensor::from_vec(data, shape, &Device::Cpu)?)?);
            Ok(())
        };
        let d = sizes.vector;
        let fan = |inputs: usize| (1.0 / inputs as f64).sqrt();
        add("table", &[sizes.table, d], 0.1)?;
        add("query", &[d, d], fan(d))?;
        add("key", &[d, d], fan(d))?;
        add("value", &[d, VALUE], fan(d))?;
        add("cross", &[d, CHANNELS * VALUE], fan(d))?;
        add("prior", &[CHANNELS], 0.0)?;
        add("w1", &[mixed, HIDDEN[0]], fan(mixed))?;
        add("b1", &[HIDDEN[0]], 0.0)?;
        add("w2", &[HIDDEN[0], HIDDEN[1]], fan(HIDDEN[0]))?;
        add("b2", &[HIDDEN[1]], 0.0)?;
        add("w3", &[HIDDEN[1], HEADS], 0.1 * fan(HIDDEN[1]))?;
        add("b3", &[HEADS], 0.0)?;
        let mut wide = vec![0f32; sizes.features * HEADS];
        wide.iter_mut().take(HEADS).for_each(|w| *w = 1.0);
        let wide = Tensor::from_vec(wide, (sizes.features, HEADS), &Device::Cpu)?;
        vars.insert("wide", Var::from_tensor(&wide)?);
        Ok(Net { sizes, vars })
    }

    /// The trainable variables.
    pub fn vars(&self) -> Vec<Var> {
        self.vars.values().cloned().collect()
    }

    /// A copy of the weights, cut off from training.
    ///
    /// # Errors
    /// As candle.
    pub fn weights(&self) -> Result<Weights> {
        self.vars.iter().map(|(&name, var)| Ok((name, var.as_tensor().copy()?.detach()))).collect()
    }

    /// Takes weights back.
    ///
    /// # Errors
    /// As candle.
    pub fn restore(&self, weights: &Weights) -> Result<()> {
        self.vars.iter().try_for_each(|(name, var)| weights.get(name).map_or(Ok(()), |w| var.set(w)))
    }

    /// Heads `[B, n, H]` of a batch.
    ///
    /// # Errors
    /// As candle.
    pub fn forward(&self, inputs: &Inputs) -> Result<Tensor> {
        let live: Weights = self.vars.iter().map(|(&name, var)| (name, var.as_tensor().clone())).collect();
        let item = encode(&live, &inputs.tokens)?;
        let history = encode(&live, &inputs.history_tokens)?;
        score(&live, &item, &inputs.dense, &history, &inputs.history_actions)
    }
}

/// The weights to ship: rows of the text table that no training text used become zero, padding's
/// among them, so that an unknown word says nothing instead of noise.
///
/// # Errors
/// As candle.
pub fn finished(weights: &Weights, used: &HashSet<u32>) -> Result<Weights> {
    let table = get(weights, "table")?;
    let keep: Vec<f32> =
        (0..table.dim(0)? as u32).map(|row| f32::from(row != 0 && used.contains(&row))).collect();
    let keep = Tensor::from_vec(keep, (table.dim(0)?, 1), &Device::Cpu)?;
    let mut finished = weights.clone();
    finished.insert("table", table.broadcast_mul(&keep)?);
    Ok(finished)
}

/// Item vectors `[B, n, D]` of tokens `[B, n, T]`.
///
/// # Errors
/// As candle.
pub fn encode(weights: &Weights, tokens: &Tensor) -> Result<Tensor> {
    let table = get(weights, "table")?;
    let (batch, n, t) = tokens.dims3()?;
    let flat = tokens.flatten_all()?;
    let mask = flat.ne(0u32)?.to_dtype(DType::F32)?.unsqueeze(1)?;
    let rows = table.index_select(&flat, 0)?.broadcast_mul(&mask)?;
    let sum = rows.reshape((batch, n, t, ()))?.sum(2)?;
    let norm = (sum.sqr()?.sum_keepdim(D::Minus1)? + 1.0)?.sqrt()?;
    sum.broadcast_div(&norm)
}

/// Heads `[B, n, H]`.
///
/// # Errors
/// As candle.
pub fn score(
    weights: &Weights,
    item: &Tensor,
    dense: &Tensor,
    history: &Tensor,
    actions: &Tensor,
) -> Result<Tensor> {
    let w = |name| get(weights, name);
    let scale = 1.0 / (item.dim(D::Minus1)? as f64).sqrt();
    let query = item.broadcast_matmul(w("query")?)?;
    let key = history.broadcast_matmul(w("key")?)?;
    let logits = (query.matmul(&key.transpose(1, 2)?)? * (scale * SHARPNESS))?.clamp(-LOGIT, LOGIT)?;
    let attention = logits.exp()?;
    let value = history.broadcast_matmul(w("value")?)?;
    let spread = spread()?;
    let values = Tensor::cat(&[&value, &value, &value], 2)?;
    let strengths = actions.broadcast_matmul(&spread)?;
    let sums = attention.matmul(&(values * strengths)?)?;
    let mass = attention.matmul(actions)?;
    let total = mass.broadcast_add(&w("prior")?.exp()?)?;
    let pooled = (sums / total.broadcast_matmul(&spread)?)?;
    let share = (mass / total)?;
    let crossed = (item.broadcast_matmul(w("cross")?)? * &pooled)?;
    let mixed = Tensor::cat(&[item, &pooled, &crossed, &share, dense], 2)?;
    let hidden = mixed.broadcast_matmul(w("w1")?)?.broadcast_add(w("b1")?)?.relu()?;
    let hidden = hidden.broadcast_matmul(w("w2")?)?.broadcast_add(w("b2")?)?.relu()?;
    let deep = hidden.broadcast_matmul(w("w3")?)?.broadcast_add(w("b3")?)?;
    deep + dense.broadcast_matmul(w("wide")?)?
}

/// Vectors have a norm below 1, so logits start small; this widens their range.
pub const SHARPNESS: f64 = 4.0;

/// `[3, 3·VALUE]`: repeats each channel's number over its values.
///
/// # Errors
/// As candle.
pub fn spread() -> Result<Tensor> {
    let data: Vec<f32> =
        (0..CHANNELS).flat_map(|c| (0..CHANNELS * VALUE).map(move |j| f32::from(j / VALUE == c))).collect();
    Tensor::from_vec(data, (CHANNELS, CHANNELS * VALUE), &Device::Cpu)
}

/// A weight by name.
///
/// # Errors
/// If it is missing.
pub fn get<'a>(weights: &'a Weights, name: &str) -> Result<&'a Tensor> {
    weights.get(name).ok_or_else(|| candle_core::Error::Msg(format!("no weight `{name}`")))
}
