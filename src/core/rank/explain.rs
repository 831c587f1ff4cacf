//! In: a ranker and an item of its list. Out: [`Explanation`]: what lifted the item and what sank it.
//! Each factor is left out in turn and the whole list ranked again: exact, on the final order.
//! A factor that was not tried is counted in `untried`, not estimated.

use super::options::Options;
use super::ranker::Ranker;
use super::report::Ranking;
use crate::error::{Error, Kind, Result};
use crate::limits;
use crate::session::View;
use serde::Serialize;
use std::rc::Rc;

/// Why an item is where it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    /// Its place without a time limit, 1 is the best; `None` if a rule filtered it.
    pub place: Option<u32>,
    /// Its score; NaN if the model gave none.
    pub score: f32,
    /// What each factor did, those that moved it most first.
    pub contributions: Vec<Contribution>,
    /// Events that count but were not tried: all but the newest [`limits::EXPLAINED_EVENTS`].
    pub untried: usize,
}

/// What a contribution is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Factor {
    /// One event.
    Event,
    /// All stated preferences together.
    Preferences,
    /// The server's scores of the whole list.
    ServerScore,
    /// One rule.
    Rule,
}

/// What one factor did to the item: the ranking with it against the ranking without.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Contribution {
    /// What is left out.
    pub factor: Factor,
    /// Which event.
    pub event: Option<EventSummary>,
    /// Which rule.
    pub rule: Option<RuleSummary>,
    /// The item's place without it; `None` if a rule filters the item then.
    pub place_without: Option<u32>,
    /// Places that it lifts the item by; below 0 if it sinks it.
    pub moved: i32,
    /// What it adds to the item's score; NaN where there is none.
    pub score: f32,
    /// A sentence for people, with `{places}`, `{type}`, `{title}` and `{rule}` to be filled in.
    pub template: &'static str,
}

/// An event as it was observed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EventSummary {
    /// Its id; empty if it has none.
    pub id: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Id of the item that it is about.
    pub item: String,
    /// Milliseconds since 1970.
    pub at: f64,
}

/// A rule as it was declared.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RuleSummary {
    /// Its place in the ruleset.
    pub index: usize,
    /// Its name; its kind if it has none.
    pub name: String,
}

impl Ranker {
    /// Explains an item's place in the ranking that `options` asks for, its time limits aside.
    ///
    /// Costs one ranking for each factor.
    ///
    /// # Errors
    /// [`Kind::CandidateId`] if no candidate has this id.
    pub fn explain(&mut self, item_id: &str, options: &Options) -> Result<Explanation> {
        let position = self.items().position_of(item_id).ok_or_else(|| {
            let id: String = item_id.chars().take(40).collect();
            Error::new(Kind::CandidateId, "item", format!("`{id}` is not in the list"))
        })?;
        let options = Options { budget_ms: None, budget_units: None, ..options.clone() };
        let view = options.view(self.manifest(), self.session(), &mut Vec::new());
        let actual = self.rank_unlimited(&options, &view);
        let place = place_of(&actual, position);
        let score = actual.scores.get(position).copied().unwrap_or(f32::NAN);
        let contribution = |factor, event, without: &Ranking| {
            let place_without = place_of(without, position);
            let moved = match (place, place_without) {
                (Some(with), Some(without)) => without as i32 - with as i32,
                _ => 0,
            };
            let change = score - without.scores.get(position).copied().unwrap_or(f32::NAN);
            let template = match (factor, place, place_without) {
                (Factor::Rule, None, Some(_)) => "Taken out by the rule {rule}",
                (Factor::Rule, None, None) => "Not listed, with or without the rule {rule}",
                (Factor::Rule, Some(_), None) => "Listed because of the rule {rule}",
                _ => template(factor, moved),
            };
            Contribution { factor, event, rule: None, place_without, moved, score: change, template }
        };

        let mut contributions = Vec::new();
        let window = self.session().log().window(&view.without);
        let untried = window.len().saturating_sub(limits::EXPLAINED_EVENTS);
        for &at in window.iter().skip(untried) {
            let told = self.session().log().entries().get(at).map(|entry| EventSummary {
                id: entry.id.to_string(),
                kind: entry.kind.to_string(),
                item: entry.item.id.to_string(),
                at: entry.at_ms as f64,
            });
            let mut without = view.clone();
            without.without.push(at);
            without.without.sort_unstable();
            let ranking = self.rank_unlimited(&options, &without);
            contributions.push(contribution(Factor::Event, told, &ranking));
        }
        if !self.session().stated().is_empty() {
            let without = View { without_stated: true, ..view.clone() };
            let ranking = self.rank_unlimited(&options, &without);
            contributions.push(contribution(Factor::Preferences, None, &ranking));
        }
        if self.items().scores().iter().any(|score| score.is_finite()) {
            let absent = vec![f32::NAN; self.items().len()];
            let scores = self.list.replace_scores(absent);
            let ranking = self.rank_unlimited(&options, &view);
            self.list.replace_scores(scores);
            contributions.push(contribution(Factor::ServerScore, None, &ranking));
        }
        for (index, declared) in options.rules.declared().iter().enumerate() {
            let rules = Rc::new(options.rules.without(index));
            let ranking = self.rank_unlimited(&Options { rules, ..options.clone() }, &view);
            let name = if declared.name.is_empty() { &declared.kind } else { &declared.name };
            let rule = Some(RuleSummary { index, name: name.clone() });
            contributions.push(Contribution { rule, ..contribution(Factor::Rule, None, &ranking) });
        }
        let weight = |c: &Contribution| if c.score.is_finite() { c.score.abs() } else { 0.0 };
        contributions
            .sort_by(|a, b| b.moved.abs().cmp(&a.moved.abs()).then_with(|| weight(b).total_cmp(&weight(a))));
        Ok(Explanation { place, score, contributions, untried })
    }

    fn rank_unlimited(&mut self, options: &Options, view: &View) -> Ranking {
        self.rank_as(options, view, Vec::new(), &mut || 0.0)
    }
}

fn place_of(ranking: &Ranking, position: usize) -> Option<u32> {
    ranking.order.iter().position(|&p| p as usize == position).map(|place| place as u32 + 1)
}

fn template(factor: Factor, moved: i32) -> &'static str {
    match (factor, moved.signum()) {
        (Factor::Rule, 1) => "Up {places} because of the rule {rule}",
        (Factor::Rule, -1) => "Down {places} because of the rule {rule}",
        (Factor::Rule, _) => "Not moved by the rule {rule}",
        (Factor::Event, 1) => "Up {places} because of your {type} of {title}",
        (Factor::Event, -1) => "Down {places} because of your {type} of {title}",
        (Factor::Event, _) => "Not moved by your {type} of {title}",
        (Factor::Preferences, 1) => "Up {places} because of what you said you like",
        (Factor::Preferences, -1) => "Down {places} because of what you said you like",
        (Factor::Preferences, _) => "Not moved by what you said you like",
        (Factor::ServerScore, 1) => "Up {places} because it does well with everyone",
        (Factor::ServerScore, -1) => "Down {places} because others do better with everyone",
        (Factor::ServerScore, _) => "Not moved by how it does with everyone",
    }
}

#[cfg(test)]
#[path = "../../../tests/core/explain.rs"]
mod tests;
