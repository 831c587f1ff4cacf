//! What a caller may ask of a ranking. Options cross from JavaScript as plain data.
//! What cannot be met is cut or left out and said in a warning: a ranking is never refused.

use super::report::Warning;
use crate::context::Context;
use crate::error::{Error, Kind};
use crate::limits;
use crate::model::Manifest;
use crate::rules::Ruleset;
use crate::session::{Session, View, whole_ms};
use serde::Deserialize;
use std::rc::Rc;

const HOUR_MS: f64 = 3_600_000.0;

/// What a caller may set for one ranking.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Options {
    /// Milliseconds that the ranking may take; `None` is no limit.
    pub budget_ms: Option<f64>,
    /// Work units that the model may spend, as [`crate::model::Plan::units`] counts them; `None` is
    /// no limit. For hosts whose clock stands still.
    pub budget_units: Option<f64>,
    /// Weight of each head, in the manifest's order; `None` takes the manifest's.
    pub weights: Option<Vec<f32>>,
    /// Most that what is known of the visitor, events and preferences, may move any score either way,
    /// in units of score, 0 or more: so one event moves a score by at most twice this, and the first
    /// by at most this. 0 is the order of a visitor of whom nothing is known. `None` leaves it to the
    /// model. Costs one more run of the score stage for each list.
    pub influence: Option<f64>,
    /// Ids of events to rank without, as if they had not happened; the first
    /// [`crate::limits::WITHOUT`] count.
    pub without: Vec<String>,
    /// When the ranking is for, in milliseconds since 1970. What events say fades up to then, if
    /// the manifest gives a half-life; `None` fades nothing.
    pub at: Option<f64>,
    /// The circumstances, for features that read them.
    pub context: Context,
    /// What the order must obey beyond scores; freshness counts from `at`.
    #[serde(skip)]
    pub rules: Rc<Ruleset>,
    /// Decides what exploration draws.
    pub seed: u64,
}

/// The limits of one ranking; `None` is no limit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub milliseconds: Option<f64>,
    pub units: Option<u64>,
    pub influence: Option<f64>,
}

impl Options {
    /// The limits that apply.
    pub(super) fn limits(&self, warnings: &mut Vec<Warning>) -> Limits {
        let milliseconds = limit("budgetMs", self.budget_ms, warnings);
        let units = limit("budgetUnits", self.budget_units, warnings);
        let influence = limit("influence", self.influence, warnings);
        Limits { milliseconds, units: units.map(|units| units.min(limits::UNITS) as u64), influence }
    }

    /// How the session is to be looked at.
    pub(super) fn view(&self, manifest: &Manifest, session: &Session, warnings: &mut Vec<Warning>) -> View {
        let mut context = self.context.clone();
        let half_life_ms = manifest.session.half_life_hours.map(|hours| hours * HOUR_MS);
        let now_ms = self.at.filter(|at| at.is_finite() && half_life_ms.is_some()).map(whole_ms);
        let ids = self.without.get(..limits::WITHOUT).unwrap_or(&self.without);
        let (without, errors) = session.log().positions_of(ids);
        warnings.extend(context.check().iter().chain(&errors).map(Warning::from));
        View { now_ms, half_life_ms, without, without_stated: false, context }
    }

    /// The caller's weights of the heads, cut at [`limits::WEIGHT`]; the model's own where one is not
    /// finite.
    pub(super) fn head_weights(&self, manifest: &Manifest, warnings: &mut Vec<Warning>) -> Vec<f32> {
        let own: Vec<f32> = manifest.heads.iter().map(|head| head.weight).collect();
        let Some(given) = &self.weights else { return own };
        let pick = |(index, own): (usize, &f32)| match given.get(index) {
            Some(weight) if weight.is_finite() => weight.clamp(-limits::WEIGHT, limits::WEIGHT),
            _ => *own,
        };
        let used: Vec<f32> = own.iter().enumerate().map(pick).collect();
        if *given != used {
            let what = format!(
                "one is not finite or beyond {:e}, or there are {} for {} heads; {used:?} apply",
                limits::WEIGHT,
                given.len(),
                own.len()
            );
            warnings.push(Warning::from(&Error::new(Kind::RankWeights, "options.weights", what)));
        }
        used
    }
}

/// A limit that is NaN or negative counts as 0: the caller meant some limit.
fn limit(name: &str, limit: Option<f64>, warnings: &mut Vec<Warning>) -> Option<f64> {
    match limit {
        Some(limit) if limit >= 0.0 => Some(limit),
        Some(limit) => {
            let message = format!("{name} is {limit}, must be 0 or more; it counts as 0");
            warnings.push(Warning { code: "rank/limit", path: format!("options.{name}"), message });
            Some(0.0)
        }
        None => None,
    }
}
