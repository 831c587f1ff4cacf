//! In: items, a profile, the manifest's features. Out: the matrix `dense [n,F]`.
//! The one place that turns what is known into model inputs: training, evaluation and wasm share it.
//! It names no domain: fields and tags are the manifest's and the candidates' own.

use super::affinity::{Affinities, affinities};
use super::feature::{Feature, Source};
use crate::item::Items;
use crate::order;
use crate::session::Profile;
use ndarray::Array2;

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
        affinities: if liked { affinities(items, profile) } else { Vec::new() },
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
