//! In: options as a caller gives them. Out: the same as the ranking can meet them.
//! What cannot be met is cut or left out, and said in a warning.
//! Must never refuse to rank.

use super::Ranker;
use crate::error::{Error, Kind};
use crate::limits;
use crate::ranking::{Options, Warning};
use crate::session::{View, whole_ms};

const HOUR_MS: f64 = 3_600_000.0;

impl Ranker {
    /// How the session is to be looked at: options that cannot be met are said.
    pub(crate) fn view(&self, options: &Options, warnings: &mut Vec<Warning>) -> View {
        let mut context = options.context.clone();
        let half_life_ms = self.manifest().session.half_life_hours.map(|hours| hours * HOUR_MS);
        let now_ms = options.at.filter(|at| at.is_finite() && half_life_ms.is_some()).map(whole_ms);
        let ids = &options.without[..options.without.len().min(limits::WITHOUT)];
        let (without, errors) = self.session.log().positions_of(ids);
        warnings.extend(context.check().iter().chain(&errors).map(Warning::from));
        View { now_ms, half_life_ms, without, without_stated: false, context }
    }

    /// The caller's weights, cut at [`limits::WEIGHT`]; the model's own where one is not finite.
    pub(super) fn weights(&self, options: &Options, warnings: &mut Vec<Warning>) -> Vec<f32> {
        let own: Vec<f32> = self.manifest().heads.iter().map(|head| head.weight).collect();
        let Some(given) = &options.weights else { return own };
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
pub(super) fn limit(name: &str, limit: Option<f64>, warnings: &mut Vec<Warning>) -> Option<f64> {
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
