//! In: item vectors, a session. Out: the columns that vectors give a tower, without any weight of their own.
//! The session meets an item in dot products with what the visitor did: their means by channel, their peak and their
//! cosine. Raw coordinates are not read: with a few hundred people they would be identities.

use crate::train::model::backend::Backend;
use crate::train::model::inputs::{ListInputs, matrix};
use candle_core::{Result, Tensor};
use ranklet::internals::model::manifest::CHANNELS;

/// Numbers that a text gives besides the collaborative ones: quality and reach.
pub const EXTRAS: usize = 2;
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

/// What vectors say of an item, standardised.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// Collaborative numbers of a vector; the extras follow them.
    pub width: usize,
    /// Mean of each column, `[1, EVIDENCE]`.
    pub mean: Tensor,
    /// Standard deviation of each column, `[1, EVIDENCE]`.
    pub scale: Tensor,
}

impl Evidence {
    /// The columns before they are standardised.
    ///
    /// # Errors
    /// As the backend.
    pub fn raw<E: Backend>(&self, e: &mut E, list: &ListInputs<E::Value>) -> Result<E::Value> {
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
        let peak = e.row_max(&weighted)?;

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
    /// As the backend.
    pub fn of<E: Backend>(&self, e: &mut E, list: &ListInputs<E::Value>) -> Result<E::Value> {
        let raw = self.raw(e, list)?;
        let (mean, scale) =
            (e.constant("evidence_mean", &self.mean)?, e.constant("evidence_scale", &self.scale)?);
        let centred = e.sub(&raw, &mean)?;
        let standard = e.div(&centred, &scale)?;
        let bounded = e.clip(&standard, -BOUND, BOUND)?;
        e.concat(&[list.dense.clone(), bounded])
    }
}

fn length<E: Backend>(e: &mut E, value: &E::Value, axis: usize, tiny: &E::Value) -> Result<E::Value> {
    let square = e.mul(value, value)?;
    let sum = e.sum(&square, axis)?;
    let sum = e.add(&sum, tiny)?;
    e.sqrt(&sum)
}
