//! In: ratings, a catalogue. Out: [`Knowledge`]: what a server and a text encoder know of items,
//! learnt from some users only, once for all train users and once without each fold.
//! Must never let a user's own rating into the knowledge that the user's rows are made of.

use super::encoder::{Encoder, Target, Texts};
use crate::catalogue::{Catalogue, Served, interactions};
use crate::collaborative::ease::Ease;
use crate::collaborative::{VectorTable, table};
use crate::replay::hash::{fnv, mix};
use crate::replay::split::{self, Split};
use crate::replay::{Histories, stats::Stats};
use nalgebra::DMatrix;
use ranklet::item::{Items, Packer};
use ranklet::text::TextSpec;
use std::collections::HashMap;

/// Numbers that a text gives besides the collaborative ones: quality and reach.
pub const EXTRAS: usize = 2;
/// Parts that items are dealt into, so that an item's text can be read by an encoder that never saw it.
const ITEM_PARTS: u64 = 3;
/// Ratings at which a target counts half.
const HALF_WEIGHT: f32 = 5.0;
/// Stars that make one unit of quality, and the usual reach: both come out about as wide as a vector's numbers.
const QUALITY_UNIT: f32 = 0.25;
const USUAL_REACH: f32 = 1.5;

/// What was learnt from some users.
pub struct Knowledge {
    /// The server's side: scores and int8 vectors.
    pub served: Served,
    /// The text encoder fitted on all their rated items.
    pub encoder: Encoder,
    /// Vectors of items by encoders that never saw them, for rows that play new in training.
    unseen: HashMap<u64, Vec<f32>>,
    /// The teacher's item against item.
    pub ease: Option<Ease>,
}

/// The knowledge of all train users, and without each fold.
pub struct Learnt {
    /// Texts of the whole catalogue.
    pub texts: Texts,
    /// What one step of an int8 vector stands for.
    pub scale: f32,
    /// Numbers of a collaborative vector.
    pub width: usize,
    /// Of all train users.
    pub all: Knowledge,
    /// Without each fold of train users.
    pub folds: Vec<Knowledge>,
}

impl Learnt {
    /// Learns from the train users of some ratings; `tell` is told of each step of `1 + FOLDS`.
    ///
    /// # Errors
    /// As reading a catalogue's text.
    pub fn of(
        histories: &Histories,
        catalogue: &Catalogue,
        text: &TextSpec,
        width: usize,
        mut tell: impl FnMut(),
    ) -> ranklet::Result<Learnt> {
        let texts = texts(catalogue, text)?;
        let (items, raw) = VectorTable::of(&interactions(histories, |u| Split::of(u) == Split::Train), width);
        let reference = raw.map(|x| x / table::unit_of(&raw));
        let scale = table::scale_of(&reference);
        let places: HashMap<u64, usize> = items.iter().enumerate().map(|(row, &item)| (item, row)).collect();
        // What a server learns from all train users is the reference itself, bit for bit: its basis is the
        // model's, and whoever learns it again gets the same.
        let learnt = |admit: &dyn Fn(u64) -> bool, own: &[u64], vectors: &DMatrix<f32>, folded: bool| {
            let stats = Stats::of_users(histories, admit);
            let ease = Ease::of(interactions(histories, admit));
            Knowledge::of(stats, own, vectors, scale, &texts, folded, ease)
        };
        let all = learnt(&|user| Split::of(user) == Split::Train, &items, &reference, false);
        tell();
        let mut folds = Vec::new();
        for fold in 0..split::FOLDS {
            let admit = |user: u64| Split::of(user) == Split::Train && split::fold(user) != fold;
            let (own, vectors) = VectorTable::of(&interactions(histories, admit), width);
            let known =
                |item: u64| places.get(&item).map(|&row| reference.row(row).iter().copied().collect());
            folds.push(learnt(&admit, &own, &table::aligned(&own, &vectors, known, 1.0), true));
            tell();
        }
        Ok(Learnt { texts, scale, width, all, folds })
    }

    /// What rows of a user may be made of.
    pub fn for_user(&self, user: u64) -> &Knowledge {
        let own =
            if Split::of(user) == Split::Train { self.folds.get(split::fold(user) as usize) } else { None };
        own.unwrap_or(&self.all)
    }

    /// The item vector of an item with a server vector, or of one that plays new.
    pub fn vector(&self, knowledge: &Knowledge, item: u64, new: bool) -> Vec<f32> {
        let tokens = self.texts.tokens.get(&item).map_or(&[][..], Vec::as_slice);
        match knowledge.served.vectors.get(item).filter(|_| !new) {
            Some(server) => {
                let mut vector = knowledge.encoder.encode(tokens);
                ranklet::item::place(&mut vector, server, self.scale);
                vector
            }
            None => {
                let unseen = knowledge.unseen.get(&item).filter(|_| new);
                unseen.cloned().unwrap_or_else(|| knowledge.encoder.encode(tokens))
            }
        }
    }
}

impl Knowledge {
    fn of(
        stats: Stats,
        items: &[u64],
        vectors: &DMatrix<f32>,
        scale: f32,
        texts: &Texts,
        folded: bool,
        ease: Option<Ease>,
    ) -> Knowledge {
        let target = |(row, &item): (usize, &u64)| {
            let known = stats.item(item);
            let count = known.count as f32;
            let mean = (known.sum + 5.0 * stats.mean()) / (f64::from(known.count) + 5.0) - stats.mean();
            let mut values: Vec<f32> = vectors.row(row).iter().copied().collect();
            values.extend([mean as f32 / QUALITY_UNIT, count.ln_1p() - USUAL_REACH]);
            Target { item, weight: count / (count + HALF_WEIGHT), values }
        };
        let targets: Vec<Target> =
            items.iter().enumerate().map(target).filter(|target| target.weight > 0.0).collect();
        let part = |item: u64| mix(fnv(format_args!("part:{item}"))) % ITEM_PARTS;
        let mut unseen = HashMap::new();
        for left_out in (0..ITEM_PARTS).filter(|_| folded) {
            let rest: Vec<Target> = targets
                .iter()
                .filter(|target| part(target.item) != left_out)
                .map(|t| Target { item: t.item, weight: t.weight, values: t.values.clone() })
                .collect();
            let encoder = Encoder::fit(texts, &rest);
            for target in targets.iter().filter(|target| part(target.item) == left_out) {
                let tokens = texts.tokens.get(&target.item).map_or(&[][..], Vec::as_slice);
                unseen.insert(target.item, encoder.encode(tokens));
            }
        }
        let encoder = Encoder::fit(texts, &targets);
        let served = Served { stats, vectors: VectorTable::rounded(items, vectors, scale) };
        Knowledge { served, encoder, unseen, ease }
    }
}

fn texts(catalogue: &Catalogue, text: &TextSpec) -> ranklet::Result<Texts> {
    let ids: Vec<u64> = catalogue.iter().map(|(item, _)| item).collect();
    let mut tokens = HashMap::with_capacity(ids.len());
    for chunk in ids.chunks(1_000) {
        let mut packer = Packer::default();
        chunk.iter().for_each(|&item| catalogue.push(&mut packer, item, None));
        let items = Items::read(&packer.packed(), Some(text), crate::catalogue::FIELDS.len())?;
        for (position, &item) in chunk.iter().enumerate() {
            let own = items.tokens(position).iter().copied().filter(|&token| token != 0);
            tokens.insert(item, own.collect());
        }
    }
    Ok(Texts::of(tokens, text.table as usize))
}
