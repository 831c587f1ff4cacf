//! In: replayed lists of train users. Out: [`Example`]s: tokens, features, history, labels.
//! Features, tokens and sessions are made by the ranker's own code, with fold-out statistics.
//! Must never let a user's own rating into the statistics that the user's rows are made of.

use crate::data::{Catalogue, event_type};
use crate::error::Result;
use crate::event::{CHANNELS, Event};
use crate::features;
use crate::item::{Items, Packer};
use crate::model::Manifest;
use crate::replay::stats::Stats;
use crate::replay::{LIST, Visit};
use crate::session::{Known, Profile, Session};
use ndarray::Array2;
use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use std::rc::Rc;

/// Share of rows that lose their statistics in training, so that the model knows cold items.
const PSEUDO_COLD: f64 = 0.15;
/// Share of an item's tokens that a training row loses: words of titles are nearly identities.
pub const TOKEN_DROPOUT: f64 = 0.7;
/// Share of training sessions with impressions, skips and dislikes of items that the user never
/// picked: the data has ratings alone, and this is how the model learns what passing over says.
const WITH_UNPICKED: f64 = 0.5;
/// Most impressions of such a session.
const MOST_SHOWN: usize = 40;
/// Most skips of such a session, and most dislikes.
const MOST_REJECTED: usize = 4;

/// What a list teaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lesson {
    /// Which of the list the user will pick and like.
    Engage,
    /// Which of the picked ones the user will like.
    Like,
}

/// One list as tensors: rows padded to [`LIST`].
#[derive(Debug, Clone)]
pub struct Example {
    /// `[LIST, T]`.
    pub tokens: Vec<u32>,
    /// `[LIST, F]`.
    pub dense: Vec<f32>,
    /// `[L, T]`.
    pub history_tokens: Vec<u32>,
    /// `[L, 3]`.
    pub history_actions: Vec<f32>,
    /// `[LIST]`: 1 for a positive.
    pub labels: Vec<f32>,
    /// `[LIST]`: 1 for a row that exists.
    pub mask: Vec<f32>,
}

/// Makes examples from visits.
pub struct Maker<'a> {
    /// Facts of all items.
    pub catalogue: &'a Catalogue,
    /// Its features and text settings apply.
    pub manifest: &'a Manifest,
    /// Share of tokens that [`Maker::augmented`] drops.
    pub token_dropout: f64,
}

impl Maker<'_> {
    /// The example of a visit after its first `k` pool entries, as evaluation sees it.
    ///
    /// # Errors
    /// As the ranker's own.
    pub fn plain(&self, visit: &Visit, k: usize, stats: &Stats) -> Result<Example> {
        self.make(visit, visit.feedback(k), stats, None)
    }

    /// The example of a train user's visit: random feedback, strengths, cold rows, impressions.
    ///
    /// # Errors
    /// As the ranker's own.
    pub fn augmented(&self, visit: &Visit, stats: &Stats, rng: &mut StdRng) -> Result<Example> {
        let k = *[0, 0, 1, 2, 3, 5, 7, 10, 10, 14, 20, 20, 20].choose(rng).unwrap_or(&0);
        // A random masking of the most recent events: the pool is cut at a random end.
        let skip = rng.random_range(0..=visit.pool.len().saturating_sub(k));
        let feedback: Vec<(u64, f32)> = visit.pool.iter().skip(skip).take(k).copied().collect();
        self.make(visit, &feedback, stats, Some(rng))
    }

    fn make(
        &self,
        visit: &Visit,
        feedback: &[(u64, f32)],
        stats: &Stats,
        mut rng: Option<&mut StdRng>,
    ) -> Result<Example> {
        let manifest = self.manifest;
        let mut packer = Packer::default();
        for candidate in &visit.candidates {
            let cold = rng.as_mut().is_some_and(|rng| rng.random_bool(PSEUDO_COLD));
            self.catalogue.push(&mut packer, candidate.item, (!cold).then_some(stats));
        }
        let items = Items::read(&packer.packed(), manifest.text.as_ref(), manifest.fields.len())?;
        let mut past = Packer::default();
        feedback.iter().for_each(|&(item, _)| self.catalogue.push(&mut past, item, Some(stats)));
        let mut kinds: Vec<&str> = feedback.iter().map(|&(_, stars)| event_type(stars)).collect();
        if let Some(rng) = rng.as_mut()
            && rng.random_bool(WITH_UNPICKED)
        {
            // Anything may be shown, at the rate at which it is in the list; only what was not picked
            // may be passed over or rejected. So an impression alone must not say "not picked".
            let any: Vec<u64> = visit.candidates.iter().map(|c| c.item).collect();
            let rejected: Vec<u64> =
                visit.candidates.iter().filter(|c| c.rating.is_none()).map(|c| c.item).collect();
            let count = rng.random_range(0..=MOST_SHOWN);
            let mut shown: Vec<(u64, &str)> =
                any.choose_multiple(*rng, count).map(|&item| (item, "impression")).collect();
            for kind in ["skip", "dislike"] {
                let count = rng.random_range(0..=MOST_REJECTED);
                shown.extend(rejected.choose_multiple(*rng, count).map(|&item| (item, kind)));
            }
            for (item, kind) in shown {
                self.catalogue.push(&mut past, item, Some(stats));
                kinds.push(kind);
            }
        }
        let past = Items::read(&past.packed(), manifest.text.as_ref(), manifest.fields.len())?;
        let mut session = self.session(&past, &kinds, rng.as_deref_mut())?;

        let n = items.len();
        let mut dense = Array2::zeros((n, manifest.features.len()));
        features::fill(&mut dense, &manifest.features, &manifest.fields, &items, session.profile(), |_| true);
        let mut example = self.pad(visit, &items, &dense);
        self.history(&mut example, session.profile(), &past);
        if let Some(rng) = rng {
            drop_tokens(&mut example.tokens, self.token_dropout, rng);
            drop_tokens(&mut example.history_tokens, self.token_dropout, rng);
        }
        Ok(example)
    }

    fn session(&self, past: &Items, kinds: &[&str], mut rng: Option<&mut StdRng>) -> Result<Session> {
        let mut session = Session::default();
        for (position, kind) in kinds.iter().enumerate() {
            let event = Event { kind, id: "", at_ms: position as f64, value: f64::NAN };
            let mut strength = event.strength(&self.manifest.actions)?;
            if let Some(rng) = rng.as_mut()
                && rng.random_bool(0.3)
            {
                let share = rng.random_range(0.3..1.0);
                strength = strength.map(|s| s * share);
            }
            let item = Known {
                id: past.id(position).into(),
                tags: past.tags(position).to_vec(),
                fields: past.fields(position).to_vec(),
                ..Known::default()
            };
            session.observe("", event.at_ms, Rc::new(item), strength);
        }
        Ok(session)
    }

    fn pad(&self, visit: &Visit, items: &Items, dense: &Array2<f32>) -> Example {
        let width = self.manifest.text.as_ref().map_or(0, |text| text.max_tokens);
        let n = items.len();
        let mut tokens: Vec<u32> = (0..n).flat_map(|p| items.tokens(p).iter().copied()).collect();
        tokens.resize(LIST * width, 0);
        let mut flat: Vec<f32> = dense.iter().copied().collect();
        flat.resize(LIST * dense.ncols(), 0.0);
        let mut labels: Vec<f32> = visit.candidates.iter().map(|c| f32::from(c.relevant())).collect();
        labels.resize(LIST, 0.0);
        let mut mask = vec![1.0; n];
        mask.resize(LIST, 0.0);
        let history = self.manifest.history;
        Example {
            tokens,
            dense: flat,
            history_tokens: vec![0; history * width],
            history_actions: vec![0.0; history * CHANNELS],
            labels,
            mask,
        }
    }

    fn history(&self, example: &mut Example, profile: &Profile, past: &Items) {
        let width = self.manifest.text.as_ref().map_or(0, |text| text.max_tokens);
        for (index, row) in profile.history(self.manifest.history).enumerate() {
            let position = past.position_of(&row.item.id).unwrap_or(usize::MAX);
            if let Some(tokens) = Some(past.tokens(position)).filter(|tokens| tokens.len() == width) {
                example.history_tokens[index * width..(index + 1) * width].copy_from_slice(tokens);
                example.history_actions[index * CHANNELS..(index + 1) * CHANNELS]
                    .copy_from_slice(&row.strength);
            }
        }
    }
}

fn drop_tokens(tokens: &mut [u32], share: f64, rng: &mut StdRng) {
    for token in tokens.iter_mut().filter(|token| **token != 0) {
        if rng.random_bool(share) {
            *token = 0;
        }
    }
}
