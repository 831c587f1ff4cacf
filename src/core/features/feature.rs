//! One column of the matrix `dense` as the manifest describes it: source, transforms, missing value.
//! The numbers are checked when a manifest is read; [`Feature::finish`] applies the transforms.

use crate::context::Circumstance;
use serde::{Deserialize, Serialize};

/// One column of `dense`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Feature {
    /// Its name, for people.
    pub name: String,
    /// Where its value comes from.
    pub source: Source,
    /// What is done to it, in order.
    #[serde(default)]
    pub transform: Vec<Transform>,
    /// The final value where the source has none.
    #[serde(default)]
    pub missing: f32,
}

/// Where a feature comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Source {
    /// The server's score.
    ServerScore,
    /// The share of the list's scored items whose server score is lower, ties half: 0 to 1.
    ServerRank,
    /// 1 if the server sent no score, else 0.
    ServerAbsent,
    /// A numeric field of the candidate.
    Field {
        /// Its name in the manifest's `fields`.
        field: String,
    },
    /// The candidate's field minus the visitor's mean of it over items with positive strength.
    FieldGap {
        /// Its name in the manifest's `fields`.
        field: String,
    },
    /// Number of tags.
    TagCount,
    /// What the session says of the candidate's tags.
    TagAffinity {
        /// Which channel.
        channel: Channel,
        /// How the candidate's tags are combined.
        pool: Pool,
    },
    /// Summed strength of the session.
    SessionStrength {
        /// Which channel.
        channel: Channel,
    },
    /// When and where the ranking is for; the same for every item.
    Context {
        /// Which of it.
        value: Circumstance,
    },
}

/// A channel of the session's strengths, or a blend of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// What the visitor took: likes, clicks, purchases.
    Positive,
    /// What the visitor refused: dislikes, hides.
    Negative,
    /// Seen without a verdict.
    Exposed,
    /// Interest minus rejection.
    Net,
}

/// How the values of several tags become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pool {
    /// Their mean.
    Mean,
    /// The one furthest from zero.
    Peak,
}

/// A step that turns one value into another.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Transform {
    /// `ln(1 + max(x, 0))`.
    Log1p,
    /// `|x|`.
    Abs,
    /// `(x - mean) / scale`.
    Standardise {
        /// Subtracted; finite.
        mean: f32,
        /// Divided by; finite and not 0.
        scale: f32,
    },
    /// Between `low` and `high`.
    Clip {
        /// What smaller values become; finite, at most `high`.
        low: f32,
        /// What larger values become; finite.
        high: f32,
    },
}

impl Feature {
    /// Says what is wrong with a feature of a manifest.
    pub(crate) fn check(&self, fields: &[String]) -> Result<(), String> {
        if let Source::Field { field } | Source::FieldGap { field } = &self.source
            && !fields.contains(field)
        {
            return Err(format!("no field `{field}` in `fields`"));
        }
        let finite = self.transform.iter().all(|step| match *step {
            Transform::Log1p | Transform::Abs => true,
            Transform::Standardise { mean, scale } => mean.is_finite() && scale.is_normal(),
            Transform::Clip { low, high } => low <= high && low.is_finite() && high.is_finite(),
        });
        if finite && self.missing.is_finite() { Ok(()) } else { Err("a number is out of range".into()) }
    }

    /// Whether the value depends on the list alone, so that an event leaves it as it is.
    pub fn is_static(&self) -> bool {
        matches!(
            self.source,
            Source::ServerScore
                | Source::ServerRank
                | Source::ServerAbsent
                | Source::Field { .. }
                | Source::TagCount
        )
    }

    /// Raw values become those of the column, step by step over all of them.
    pub(super) fn finish(&self, column: &mut [f32]) {
        // From here on NaN is absent: no step makes one of a number. Chosen, not filtered: as vectors.
        let or = |absent: f32| move |x: &mut f32| *x = if x.is_finite() { *x } else { absent };
        column.iter_mut().for_each(or(f32::NAN));
        for step in &self.transform {
            let each = column.iter_mut();
            match *step {
                Transform::Log1p => each.filter(|x| !x.is_nan()).for_each(|x| *x = libm::log1pf(x.max(0.0))),
                Transform::Abs => each.for_each(|x| *x = x.abs()),
                Transform::Standardise { mean, scale } => each.for_each(|x| *x = (*x - mean) / scale),
                Transform::Clip { low, high } => each.for_each(|x| *x = x.clamp(low, high)),
            }
        }
        column.iter_mut().for_each(or(self.missing));
    }
}

impl Channel {
    /// The channel's value of raw strengths.
    pub(super) fn of(self, [positive, negative, exposed]: [f32; 3]) -> f32 {
        match self {
            Channel::Positive => positive,
            Channel::Negative => negative,
            Channel::Exposed => exposed,
            Channel::Net => positive - negative,
        }
    }
}
