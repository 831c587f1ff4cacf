//! In: item vectors, a session. Out: what each item attends to: target attention in streams (DIN, arXiv 1706.06978;
//! EdgeRec, 2005.08416), a stream a channel. It is there to be compared: `ranklet ablate` says what it is worth.

use crate::train::model::backend::Backend;
use crate::train::model::inputs::{ListInputs, matrix};
use candle_core::{Result, Tensor};
use ranklet::internals::model::manifest::CHANNELS;

/// Width of an attended value.
const VALUE: usize = 16;
/// Bound of attention logits, so that `exp` stays tame.
const LOGIT: f32 = 8.0;

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
    /// As the backend.
    pub fn of<E: Backend>(&self, e: &mut E, list: &ListInputs<E::Value>) -> Result<E::Value> {
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
