//! In: nothing. Out: what rules did: [`RuleOutcome`], with one [`RuleReport`] a declared rule.
//! Plain data: reports and removals are serialised for JavaScript with these field names.

use serde::Serialize;

/// What one rule did to one ranking.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct RuleReport {
    /// Its kind, as declared; empty if that could not be read.
    pub rule: String,
    /// Its name, as declared; empty if it has none.
    pub name: String,
    /// Items that stay in the list and whose rank among those that stay is another one than before
    /// this rule.
    pub moved: usize,
    /// Items that it took out.
    pub removed: usize,
    /// Predicted utility that it cost, as a share of the whole order's before any rule: see
    /// `Utility::discounted_gain`. The costs of all rules add up to what all cost together.
    pub cost: f64,
    /// Whether it changed anything.
    pub binding: bool,
    /// Whether it does not hold in the order given, or could not be applied.
    pub infeasible: bool,
    /// Why not: a code of `rules/…`.
    pub code: Option<&'static str>,
    /// The same in a sentence.
    pub message: Option<String>,
}

/// An item that a rule took out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Removal {
    /// Its position in the list.
    pub position: u32,
    /// Which rule, by its index in the ruleset.
    pub rule: u32,
}

/// What a ruleset makes of an order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RuleOutcome {
    /// Positions, best first: those that came in, less those removed.
    pub order: Vec<u32>,
    /// What was taken out, in the order of the rules.
    pub removed: Vec<Removal>,
    /// One report a declared rule.
    pub reports: Vec<RuleReport>,
    /// By slot: the probability with which exploration had to put this item there, given the slots
    /// above. Slots beyond its end, and pinned ones, have 1 and are left out at the end.
    pub propensities: Vec<f32>,
}
