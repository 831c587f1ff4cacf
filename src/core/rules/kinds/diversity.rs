//! In: item vectors or tags. Out: a top of items that are relevant and differ from each other.
//! Two methods over one cosine similarity: maximal marginal relevance and a greedy determinantal point
//! process. An item without a vector has similarity 0 to all and competes by relevance alone.

use crate::error::{self, Kind};
use crate::limits;
use crate::rules::bounds::within;
use crate::rules::dpp::Dpp;
use crate::rules::greedy::choose;
use crate::rules::kind::{RuleKind, Several, Stage};
use crate::rules::mmr::Mmr;
use crate::rules::similarity::Similarity;
use crate::rules::state::{RuleRef, State};
use serde::Deserialize;

/// Chooses the top one by one, each relevant and different from those chosen before.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Diversity {
    /// How similarity and relevance are weighed against each other.
    pub method: Method,
    /// Slots to choose for: 1 to [`limits::SLOTS`].
    pub top: u32,
    /// Best candidates to choose among: 1 to [`limits::POOL`]; default four times `top`.
    #[serde(default)]
    pub pool: Option<u32>,
    /// Weight of relevance against difference. 0: difference alone; MMR at 1: relevance alone. At
    /// most 1 for MMR, [`limits::DPP_RELEVANCE`] for DPP. Default 0.7.
    #[serde(default = "default_relevance")]
    pub relevance: f32,
    /// What similarity is measured by.
    #[serde(default)]
    pub over: Over,
}

/// A way to diversify.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Method {
    /// Maximal marginal relevance (Carbonell and Goldstein 1998): the most similar of those chosen counts.
    Mmr,
    /// Greedy MAP of a determinantal point process (Chen et al. 2018, arXiv 1709.05135): the whole
    /// set counts.
    Dpp,
}

/// What items are compared by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Over {
    /// The model's item vectors if the list has any, else tags.
    #[default]
    Auto,
    /// The model's item vectors.
    Vectors,
    /// Tags, as vectors of zeros and ones.
    Tags,
}

fn default_relevance() -> f32 {
    0.7
}

impl RuleKind for Diversity {
    const NAME: &'static str = "diversity";
    const STAGE: Stage = Stage::Choose;
    const SEVERAL: Several = Several::One;

    fn check(&self) -> Result<(), String> {
        within(self.top, 1..=limits::SLOTS as u32, "top")?;
        within(self.pool.unwrap_or(1), 1..=limits::POOL as u32, "pool")?;
        let most = if self.method == Method::Dpp { limits::DPP_RELEVANCE } else { 1.0 };
        within(self.relevance, 0.0..=most, "relevance")
    }

    fn apply(&self, state: &mut State, rule: RuleRef) -> error::Result<()> {
        let input = state.input;
        let has_vector = |position: &u32| input.vector(*position as usize).iter().any(|value| *value != 0.0);
        let vectors = match self.over {
            Over::Vectors => true,
            Over::Tags => false,
            Over::Auto => state.order.iter().any(has_vector),
        };
        if vectors && !state.order.iter().any(has_vector) {
            state.infeasible(rule.index, Kind::RulesInfeasible, "no item has a vector");
            return Ok(());
        }
        // Pinned items will be in the top whatever is chosen: they come first, and the rest differs from them.
        let top = self.top as usize;
        let pinned = |position: &u32| state.pins.iter().any(|pin| pin.position == *position);
        let seeds: Vec<u32> = state.order.iter().copied().filter(pinned).take(top).collect();
        let pool = self.pool.unwrap_or(self.top * 4).min(limits::POOL as u32) as usize;
        let free = state.order.iter().copied().filter(|position| !pinned(position));
        let candidates: Vec<u32> = seeds.iter().copied().chain(free.take(pool)).collect();
        let relevance = relevance(state, &candidates);
        let similarity = Similarity::of(input, &candidates, vectors);
        let chosen = match self.method {
            Method::Mmr => choose(Mmr::new(&relevance, self.relevance), &similarity, seeds.len(), top),
            Method::Dpp => choose(Dpp::new(&relevance, self.relevance, top), &similarity, seeds.len(), top),
        };
        let mut order: Vec<u32> =
            chosen.into_iter().filter_map(|index| candidates.get(index).copied()).collect();
        let mut first = vec![false; input.items.len()];
        for &position in &order {
            first.get_mut(position as usize).into_iter().for_each(|first| *first = true);
        }
        let is_first = |position: &u32| first.get(*position as usize).copied().unwrap_or(false);
        order.extend(state.order.iter().filter(|position| !is_first(position)));
        state.reorder(rule.index, order);
        Ok(())
    }
}

/// Adjusted utilities, 0 to 1 over the candidates; all 1 if they are equal.
fn relevance(state: &State, candidates: &[u32]) -> Vec<f32> {
    let utilities: Vec<f64> = candidates.iter().map(|&position| state.adjusted(position)).collect();
    let low = utilities.iter().copied().fold(f64::INFINITY, f64::min);
    let range = utilities.iter().copied().fold(f64::NEG_INFINITY, f64::max) - low;
    let scaled = |utility: f64| if range > 0.0 { ((utility - low) / range) as f32 } else { 1.0 };
    utilities.into_iter().map(scaled).collect()
}
