//! In: item vectors or tags. Out: a top that is relevant and not all alike.
//! Two methods over one cosine: MMR ([`super::mmr`]) and greedy DPP ([`super::dpp`]).
//! Must never fail for an item without a vector: it is like nothing, and competes by relevance alone.

use super::condition::within;
use super::dpp::Dpp;
use super::greedy::choose;
use super::likeness::Likeness;
use super::mmr::Mmr;
use super::pin::Pinned;
use super::state::State;
use crate::error::Kind;
use crate::limits;
use serde::Deserialize;

/// Chooses the top one by one, each relevant and unlike those chosen before.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Diversity {
    /// How likeness and relevance are weighed against each other.
    pub method: Method,
    /// Slots to choose for: 1 to [`limits::SLOTS`].
    pub top: u32,
    /// Best candidates to choose among: 1 to [`limits::POOL`]; default four times `top`.
    #[serde(default)]
    pub pool: Option<u32>,
    /// Weight of relevance against unlikeness. 0: unlikeness alone; MMR at 1: relevance alone. At
    /// most 1 for MMR, [`limits::DPP_RELEVANCE`] for DPP. Default 0.7.
    #[serde(default = "default_relevance")]
    pub relevance: f32,
    /// What likeness is measured by.
    #[serde(default)]
    pub over: Over,
}

/// A way to diversify.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Method {
    /// Maximal marginal relevance (Carbonell and Goldstein 1998): the nearest of those chosen counts.
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

impl Diversity {
    pub(super) fn check(&self) -> Result<(), String> {
        within(self.top, 1..=limits::SLOTS as u32, "top")?;
        within(self.pool.unwrap_or(1), 1..=limits::POOL as u32, "pool")?;
        let most = if self.method == Method::Dpp { limits::DPP_RELEVANCE } else { 1.0 };
        within(self.relevance, 0.0..=most, "relevance")
    }
}

pub(super) fn apply(state: &mut State, rule: usize, diversity: &Diversity, pins: &[Pinned]) {
    let input = state.input;
    let has_vector = |position: &u32| input.vector(*position as usize).iter().any(|value| *value != 0.0);
    let vectors = match diversity.over {
        Over::Vectors => true,
        Over::Tags => false,
        Over::Auto => state.order.iter().any(has_vector),
    };
    if vectors && !state.order.iter().any(has_vector) {
        state.infeasible(rule, Kind::RulesInfeasible, "no item has a vector");
        return;
    }
    // Pinned items will be in the top whatever is chosen: they come first, and the rest keeps away.
    let top = diversity.top as usize;
    let pinned = |position: &u32| pins.iter().any(|pin| pin.position == *position);
    let seeds: Vec<u32> = state.order.iter().copied().filter(pinned).take(top).collect();
    let pool = diversity.pool.unwrap_or(diversity.top * 4).min(limits::POOL as u32) as usize;
    let free = state.order.iter().copied().filter(|position| !pinned(position));
    let candidates: Vec<u32> = seeds.iter().copied().chain(free.take(pool)).collect();
    let relevance = relevance(state, &candidates);
    let likeness = Likeness::of(input, &candidates, vectors);
    let chosen = match diversity.method {
        Method::Mmr => choose(Mmr::new(&relevance, diversity.relevance), &likeness, seeds.len(), top),
        Method::Dpp => choose(Dpp::new(&relevance, diversity.relevance, top), &likeness, seeds.len(), top),
    };
    let mut first = vec![false; input.items.len()];
    let mut order: Vec<u32> = chosen.into_iter().map(|index| candidates[index]).collect();
    order.iter().for_each(|&position| first[position as usize] = true);
    order.extend(state.order.iter().filter(|position| !first[**position as usize]));
    state.advance(rule, order);
}

/// Adjusted utilities, 0 to 1 over the candidates; all 1 if they are equal.
fn relevance(state: &State, candidates: &[u32]) -> Vec<f32> {
    let utilities: Vec<f64> = candidates.iter().map(|&position| state.adjusted(position)).collect();
    let low = utilities.iter().copied().fold(f64::INFINITY, f64::min);
    let range = utilities.iter().copied().fold(f64::NEG_INFINITY, f64::max) - low;
    let scaled = |utility: f64| if range > 0.0 { ((utility - low) / range) as f32 } else { 1.0 };
    utilities.into_iter().map(scaled).collect()
}
