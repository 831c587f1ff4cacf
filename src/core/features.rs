//! In: items, a profile, the manifest's features. Out: the matrix `dense [n,F]`.
//! The one place that turns what is known into model inputs: training, evaluation and wasm share it.
//! Must never name a domain: fields and tags are the manifest's and the candidates' own.

mod affinity;

use crate::context::Circumstance;
use crate::item::Items;
use crate::order;
use crate::session::Profile;
use affinity::Affinities;
use ndarray::Array2;
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
    /// Interest.
    Positive,
    /// Rejection.
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
        /// Mean.
        mean: f32,
        /// Scale; not 0.
        scale: f32,
    },
    /// Between `low` and `high`.
    Clip {
        /// Least.
        low: f32,
        /// Most.
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
    fn finish(&self, column: &mut [f32]) {
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
    fn of(self, [positive, negative, exposed]: [f32; 3]) -> f32 {
        match self {
            Channel::Positive => positive,
            Channel::Negative => negative,
            Channel::Exposed => exposed,
            Channel::Net => positive - negative,
        }
    }
}

/// Fills the columns of `dense` that `wanted` picks.
///
/// `dense` has a row an item and a column a feature; other columns stay as they are, which is how
/// a re-rank after an event recomputes only what the event can change.
pub fn fill(
    dense: &mut Array2<f32>,
    features: &[Feature],
    fields: &[String],
    items: &Items,
    profile: &Profile,
    wanted: impl Fn(&Feature) -> bool,
) {
    let any = |of: fn(&Source) -> bool| features.iter().any(|f| of(&f.source) && wanted(f));
    let ranked = any(|source| *source == Source::ServerRank);
    let liked = any(|source| matches!(source, Source::TagAffinity { .. }));
    let of_list = OfList {
        ranks: if ranked { server_ranks(items.scores()) } else { Vec::new() },
        affinities: if liked { affinity::affinities(items, profile) } else { Vec::new() },
    };
    let width = dense.ncols().max(1);
    let mut values = vec![0.0; items.len()];
    for (column, feature) in features.iter().enumerate().filter(|(_, f)| wanted(f)) {
        values.fill(f32::NAN);
        raw(&feature.source, fields, items, profile, &of_list, &mut values);
        feature.finish(&mut values);
        let cells = dense.as_slice_mut().unwrap_or_default().iter_mut().skip(column).step_by(width);
        cells.zip(&values).for_each(|(cell, &value)| *cell = value);
    }
}

/// What several columns read, computed once: by item, empty if no column reads it.
struct OfList {
    ranks: Vec<f32>,
    affinities: Vec<Affinities>,
}

/// What a feature's source says of every item; NaN is absent.
fn raw(
    source: &Source,
    fields: &[String],
    items: &Items,
    profile: &Profile,
    of_list: &OfList,
    values: &mut [f32],
) {
    let scores = items.scores();
    let position_of = |name: &String| fields.iter().position(|known| known == name);
    let field = |position: usize, field: Option<usize>| {
        field.and_then(|f| items.fields(position).get(f)).copied().unwrap_or(f32::NAN)
    };
    let cells = values.iter_mut().enumerate();
    match source {
        Source::ServerScore => cells.zip(scores).for_each(|((_, cell), &score)| *cell = score),
        Source::ServerRank => cells.zip(&of_list.ranks).for_each(|((_, cell), &rank)| *cell = rank),
        Source::ServerAbsent => {
            cells.zip(scores).for_each(|((_, cell), score)| *cell = f32::from(!score.is_finite()));
        }
        Source::Field { field: name } => {
            let at = position_of(name);
            cells.for_each(|(position, cell)| *cell = field(position, at));
        }
        Source::FieldGap { field: name } => {
            let at = position_of(name);
            let mean = at.map_or(f32::NAN, |f| profile.field_mean(f));
            cells.for_each(|(position, cell)| *cell = field(position, at) - mean);
        }
        Source::TagCount => cells.for_each(|(position, cell)| *cell = items.tags(position).len() as f32),
        Source::TagAffinity { channel, pool } => {
            let of_items = of_list.affinities.iter().map(|of_item| of_item.of(*channel, *pool));
            cells.zip(of_items).for_each(|((_, cell), affinity)| *cell = affinity);
        }
        Source::SessionStrength { channel } => values.fill(channel.of(profile.totals())),
        Source::Context { value } => values.fill(profile.context().value(value)),
    }
}

/// For each score the share of finite scores below it, ties half; NaN for an absent one.
fn server_ranks(scores: &[f32]) -> Vec<f32> {
    let falling = order::ranked(scores);
    let score = |position: u32| scores.get(position as usize).copied().unwrap_or(f32::NAN);
    let mut below = scores.iter().filter(|score| score.is_finite()).count();
    let others = (below as f32 - 1.0).max(1.0);
    let mut ranks = vec![f32::NAN; scores.len()];
    for equal in falling.get(..below).unwrap_or_default().chunk_by(|&a, &b| score(a) == score(b)) {
        below -= equal.len();
        let rank = (below as f32 + (equal.len() as f32 - 1.0) * 0.5) / others;
        for &position in equal {
            ranks.get_mut(position as usize).into_iter().for_each(|to| *to = rank);
        }
    }
    ranks
}

#[cfg(test)]
#[path = "../../tests/core/features.rs"]
mod tests;
