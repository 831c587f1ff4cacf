//! How each head of the student and each member of the teacher is trained.
//! The numbers were chosen on train users in five parts, each judged by what the others taught; none of them was
//! chosen on test users.

use crate::train::manifest::{ListScalers, features};
use crate::train::model::gate::Gate;
use crate::train::scaler::Scaler;

/// How a tower is trained.
#[derive(Debug, Clone, PartialEq)]
pub struct TowerParams {
    /// Name of the head.
    pub name: &'static str,
    /// Widths of the hidden layers.
    pub hidden: Vec<usize>,
    /// Steps of the optimiser.
    pub steps: usize,
    /// Lists a step.
    pub batch_size: usize,
    /// Peak learning rate.
    pub learning_rate: f64,
    pub weight_decay: f64,
    /// Share of each hidden layer's outputs that a step leaves out.
    pub dropout: f64,
    /// Weight of the listwise loss; the pointwise one has the rest of 1.
    pub listwise: f64,
    /// Weight of the teacher's scores in the targets; labels have the rest of 1.
    pub distil: f64,
    /// What holds all but the server's score back, if anything.
    pub gate: Option<Gate>,
    /// Attention to train beside it, if any.
    pub attention: Option<AttentionParams>,
}

/// The shape of a tower's attention.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttentionParams {
    /// Width of queries and keys.
    pub width: usize,
    /// Whether the item is crossed with what it attends to.
    pub crossed: bool,
    /// Channels that have a stream, from the first.
    pub streams: usize,
}

/// How boosted trees are grown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BoostingParams {
    /// Number of trees.
    pub rounds: usize,
    /// Share of a tree's step that is taken.
    pub learning_rate: f64,
    /// Most leaves of a tree.
    pub leaves: usize,
    /// Fewest rows of a leaf.
    pub min_leaf: usize,
    /// Curvature that stands against a leaf's own (L2 regularisation of leaf values).
    pub l2: f64,
    /// Share of rows, and of columns, that a tree sees.
    pub subsample: f64,
    /// Weight of the listwise loss; the pointwise one has the rest of 1.
    pub listwise: f64,
    /// Weight of the first column, the server's score, in what the trees start from.
    pub residual: f32,
}

fn tower(name: &'static str, hidden: &[usize]) -> TowerParams {
    TowerParams {
        name,
        hidden: hidden.to_vec(),
        steps: 2_500,
        batch_size: 24,
        learning_rate: 2e-3,
        weight_decay: 0.1,
        dropout: 0.1,
        // The order is what counts; a quarter pointwise keeps the level, so that one calibration fits all lists.
        listwise: 0.75,
        distil: 0.5,
        gate: None,
        attention: None,
    }
}

/// The student's first head.
pub fn engage() -> TowerParams {
    TowerParams { distil: 0.8, ..tower("engage", &[64, 32]) }
}

/// The student's second head: few lists teach it, so it is small and held close to the server's order, the
/// closer the less is known of the visitor.
pub fn like() -> TowerParams {
    TowerParams {
        steps: 1_500,
        learning_rate: 1e-3,
        weight_decay: 3.0,
        dropout: 0.4,
        listwise: 0.5,
        gate: Some(gate()),
        ..tower("like", &[16])
    }
}

/// Wide open for an item without a server's score, and after some five likes.
fn gate() -> Gate {
    let plain = Scaler { mean: 0.0, scale: 1.0 };
    let names =
        features(&ListScalers { score: plain, log_popularity: plain, year: plain, unrated_score: 0.0 });
    let column = |name: &str| names.iter().position(|feature| feature.name == name);
    let opened_by = [("server_absent", 1.0), ("session_positive", 0.5)];
    let opened_by = opened_by.into_iter().filter_map(|(name, weight)| Some((column(name)?, weight)));
    Gate { start: 0.15, opened_by: opened_by.collect() }
}

/// The teacher's towers for the first head: wider than the student's, and on labels alone.
pub fn teacher_engage() -> TowerParams {
    TowerParams { distil: 0.0, dropout: 0.2, ..tower("engage", &[96, 32]) }
}

/// The teacher's towers for the second head.
pub fn teacher_like() -> TowerParams {
    TowerParams { distil: 0.0, ..like() }
}

/// The teacher's forests for the first head: what they know of picks crosses columns that towers add up.
pub fn forest_engage() -> BoostingParams {
    BoostingParams {
        rounds: 250,
        learning_rate: 0.05,
        leaves: 15,
        min_leaf: 200,
        l2: 20.0,
        subsample: 0.5,
        listwise: 0.75,
        residual: 0.0,
    }
}

/// The teacher's forests for the second head: small trees, few of them, that correct the server's order.
pub fn forest_like() -> BoostingParams {
    BoostingParams { rounds: 120, leaves: 7, listwise: 0.5, residual: 0.5, ..forest_engage() }
}

/// The click model's tower: it reads rows of any visits together, pointwise.
pub fn clicks() -> TowerParams {
    TowerParams {
        hidden: vec![32],
        steps: 2_000,
        batch_size: 16,
        weight_decay: 0.05,
        listwise: 0.0,
        distil: 0.0,
        ..engage()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gate_finds_its_columns() {
        assert_eq!(gate().opened_by.len(), 2);
    }
}
