//! In: ratings, a catalogue. Out: [`ItemRepresentations`]: what a server and a text encoder know of items, learnt from
//! some users only; and [`CrossFit`]: once for all train users and once without each fold, so that a user's own
//! ratings never enter what the user's rows are made of.

use crate::data::catalogue::{Catalogue, FIELDS};
use crate::data::collaborative::ease::Ease;
use crate::data::collaborative::vector_table::{self, VectorTable};
use crate::data::hash::{fnv, mix};
use crate::data::history::Histories;
use crate::data::served::{Served, interactions};
use crate::data::split::{self, Split};
use crate::data::stats::Stats;
use crate::train::text_encoder::{Encoder, Target, Texts};
use nalgebra::DMatrix;
use ranklet::internals::item::{Items, Packer};
use ranklet::internals::text::TextSpec;
use std::collections::HashMap;

/// Parts that items are dealt into, so that an item's text can be read by an encoder that never saw it.
const ITEM_PARTS: u64 = 3;
/// Ratings at which a target counts half.
const HALF_WEIGHT: f32 = 5.0;
/// Stars that make one unit of quality, and the usual reach: both come out about as wide as a vector's numbers.
const QUALITY_UNIT: f32 = 0.25;
const USUAL_REACH: f32 = 1.5;

/// What was learnt from some users.
pub struct ItemRepresentations {
    /// The server's side: scores and int8 vectors.
    pub served: Served,
    /// The text encoder fitted on all their rated items.
    pub encoder: Encoder,
    /// Vectors of items by encoders that never saw them, for rows that play new in training.
    unseen: HashMap<u64, Vec<f32>>,
    /// The teacher's item against item.
    pub ease: Option<Ease>,
}

/// The representations by all train users, and without each fold of them.
pub struct CrossFit {
    /// Texts of the whole catalogue.
    pub texts: Texts,
    /// What one step of an int8 vector stands for.
    pub scale: f32,
    /// Numbers of a collaborative vector.
    pub width: usize,
    /// Of all train users.
    pub all: ItemRepresentations,
    /// Without each fold of train users.
    pub folds: Vec<ItemRepresentations>,
}

impl CrossFit {
    /// Learns from the train users of some ratings; `on_step` is called after each of `1 + FOLDS` steps.
    ///
    /// # Errors
    /// As reading a catalogue's text.
    pub fn of(
        histories: &Histories,
        catalogue: &Catalogue,
        text: &TextSpec,
        width: usize,
        mut on_step: impl FnMut(),
    ) -> ranklet::Result<CrossFit> {
        let texts = texts(catalogue, text)?;
        let (items, raw) =
            vector_table::learn(&interactions(histories, |u| Split::of(u) == Split::Train), width);
        let reference = raw.map(|x| x / vector_table::unit_of(&raw));
        let scale = vector_table::scale_of(&reference);
        let places: HashMap<u64, usize> = items.iter().enumerate().map(|(row, &item)| (item, row)).collect();
        // What a server learns from all train users is the reference itself, bit for bit: its basis is the
        // model's, and whoever learns it again gets the same.
        let learnt = |admit: &dyn Fn(u64) -> bool, own: &[u64], vectors: &DMatrix<f32>, folded: bool| {
            let vectors_sent = VectorTable::rounded(own, vectors, scale);
            let served = Served { stats: Stats::of_users(histories, admit), vectors: vectors_sent };
            let ease = Ease::of(interactions(histories, admit));
            let targets = targets(&served.stats, own, vectors);
            ItemRepresentations::of(served, ease, &targets, &texts, folded)
        };
        let all = learnt(&|user| Split::of(user) == Split::Train, &items, &reference, false);
        on_step();
        let mut folds = Vec::new();
        for fold in 0..split::FOLDS {
            let admit = |user: u64| Split::of(user) == Split::Train && split::fold(user) != fold;
            let (own, vectors) = vector_table::learn(&interactions(histories, admit), width);
            let known =
                |item: u64| places.get(&item).map(|&row| reference.row(row).iter().copied().collect());
            folds.push(learnt(&admit, &own, &vector_table::aligned(&own, &vectors, known, 1.0), true));
            on_step();
        }
        Ok(CrossFit { texts, scale, width, all, folds })
    }

    /// What rows of a user may be made of: of a train user, what the other folds know.
    pub fn for_user(&self, user: u64) -> &ItemRepresentations {
        let own =
            if Split::of(user) == Split::Train { self.folds.get(split::fold(user) as usize) } else { None };
        own.unwrap_or(&self.all)
    }

    /// The item vector of an item with a server vector, or of one that plays new.
    pub fn vector(&self, representations: &ItemRepresentations, item: u64, new: bool) -> Vec<f32> {
        let tokens = self.texts.tokens.get(&item).map_or(&[][..], Vec::as_slice);
        match representations.served.vectors.get(item).filter(|_| !new) {
            Some(server) => {
                let mut vector = representations.encoder.encode(tokens);
                ranklet::internals::item::place(&mut vector, server, self.scale);
                vector
            }
            None => {
                let unseen = representations.unseen.get(&item).filter(|_| new);
                unseen.cloned().unwrap_or_else(|| representations.encoder.encode(tokens))
            }
        }
    }
}

impl ItemRepresentations {
    /// `folded`: rows of train users are made of these, some of which play new.
    fn of(
        served: Served,
        ease: Option<Ease>,
        targets: &[Target],
        texts: &Texts,
        folded: bool,
    ) -> ItemRepresentations {
        let part = |item: u64| mix(fnv(format_args!("part:{item}"))) % ITEM_PARTS;
        let mut unseen = HashMap::new();
        for left_out in (0..ITEM_PARTS).filter(|_| folded) {
            let rest: Vec<Target> =
                targets.iter().filter(|target| part(target.item) != left_out).cloned().collect();
            let encoder = Encoder::fit(texts, &rest);
            for target in targets.iter().filter(|target| part(target.item) == left_out) {
                let tokens = texts.tokens.get(&target.item).map_or(&[][..], Vec::as_slice);
                unseen.insert(target.item, encoder.encode(tokens));
            }
        }
        ItemRepresentations { served, encoder: Encoder::fit(texts, targets), unseen, ease }
    }
}

/// What the text of each rated item should give: its vector, its quality, its reach.
fn targets(stats: &Stats, items: &[u64], vectors: &DMatrix<f32>) -> Vec<Target> {
    let target = |(row, &item): (usize, &u64)| {
        let known = stats.item(item);
        let count = known.count as f32;
        let mean = (known.sum + 5.0 * stats.mean()) / (f64::from(known.count) + 5.0) - stats.mean();
        let mut values: Vec<f32> = vectors.row(row).iter().copied().collect();
        values.extend([mean as f32 / QUALITY_UNIT, count.ln_1p() - USUAL_REACH]);
        Target { item, weight: count / (count + HALF_WEIGHT), values }
    };
    items.iter().enumerate().map(target).filter(|target| target.weight > 0.0).collect()
}

fn texts(catalogue: &Catalogue, text: &TextSpec) -> ranklet::Result<Texts> {
    let ids: Vec<u64> = catalogue.iter().map(|(item, _)| item).collect();
    let mut tokens = HashMap::with_capacity(ids.len());
    for chunk in ids.chunks(1_000) {
        let mut packer = Packer::default();
        chunk.iter().for_each(|&item| catalogue.push(&mut packer, item, None));
        let items = Items::read(&packer.packed(), Some(text), FIELDS.len())?;
        for (position, &item) in chunk.iter().enumerate() {
            let own = items.tokens(position).iter().copied().filter(|&token| token != 0);
            tokens.insert(item, own.collect());
        }
    }
    Ok(Texts::of(tokens, text.table as usize))
}
