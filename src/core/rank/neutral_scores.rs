//! The list as the model scores it for a visitor of whom nothing is known.
//! Kept with the list until the circumstances (hour, locale, device) change.

use crate::context::Context;
use ndarray::Array2;

/// Heads without a session.
#[derive(Debug)]
pub(crate) struct NeutralScores {
    /// The circumstances that they are for.
    pub context: Context,
    /// Features `[n,F]` of the list without a session.
    pub dense: Array2<f32>,
    /// Heads `[n,H]`; NaN beyond `rows`.
    pub heads: Array2<f32>,
    /// How many of the prior's best are scored.
    pub rows: usize,
}
