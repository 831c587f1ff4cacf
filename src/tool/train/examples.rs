//! In: replayed lists of train users. Out: [`Example`]s: vectors, features, history, labels.
//! Features, tokens and sessions are made by the ranker's own code, with fold-out knowledge.
//! Must never let a user's own rating into the knowledge that the user's rows are made of.

use super::knowledge::{Knowledge, Learnt};
use crate::catalogue::{Catalogue, event_type, liked_genres};
use crate::replay::Visit;
use ndarray::Array2;
use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use ranklet::error::Result;
use ranklet::event::{CHANNELS, Event};
use ranklet::features;
use ranklet::item::{Items, Packer};
use ranklet::model::Manifest;
use ranklet::session::{ItemFacts, Session};
use ranklet::text::tag_id;
use std::collections::HashMap;
use std::rc::Rc;

/// How examples are varied.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Variation {
    /// Share of rows that lose their server vector and statistics, so that the model knows new items.
    pub new: f64,
    /// Share of sessions with impressions, skips and dislikes of items that the user never picked: the
    /// data has ratings alone, and this is how the model learns what passing over says.
    pub unpicked: f64,
    /// Share of sessions that begin with stated preferences.
    pub stated: f64,
}

impl Default for Variation {
    fn default() -> Variation {
        Variation { new: 0.15, unpicked: 0.25, stated: 0.1 }
    }
}

/// Most impressions of a session with unpicked items.
const MOST_SHOWN: usize = 40;
/// Most skips of such a session, and most dislikes.
const MOST_REJECTED: usize = 4;
/// Numbers of feedback events that training sessions have, as often as they are here.
const SIZES: [usize; 13] = [0, 0, 1, 2, 3, 5, 7, 10, 10, 14, 20, 20, 20];
/// Genres that a visitor states.
pub const STATED: usize = 3;

/// What a list teaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lesson {
    /// Which of the list the user will pick and like.
    Engage,
    /// Which of the picked ones the user will like.
    Like,
}

/// One list in numbers.
#[derive(Debug, Clone, Default)]
pub struct Example {
    /// Whose it is.
    pub user: u64,
    /// Candidates.
    pub rows: usize,
    /// `[rows, D + EXTRAS]`.
    pub item: Vec<f32>,
    /// `[rows, F]`.
    pub dense: Vec<f32>,
    /// Rows of history.
    pub length: usize,
    /// `[length, D + EXTRAS]`.
    pub history: Vec<f32>,
    /// `[length, 3]`.
    pub actions: Vec<f32>,
    /// `[rows]`: 1 for a positive.
    pub labels: Vec<f32>,
    /// `[rows]`: the protocol's gain of each; of the picked, more stars more.
    pub gains: Vec<f32>,
    /// `[rows, 2]`: what only the teacher sees, EASE over what was liked and over what was not.
    pub privileged: Vec<f32>,
}

/// Makes examples from visits.
pub struct Maker<'a> {
    /// Facts of all items.
    pub catalogue: &'a Catalogue,
    /// Its features and text settings apply.
    pub manifest: &'a Manifest,
    /// What is known of items.
    pub learnt: &'a Learnt,
    /// How examples are varied.
    pub variation: Variation,
}

/// What a visitor did before the list, oldest first.
struct Past {
    events: Vec<(u64, &'static str)>,
    stated: Vec<String>,
}

impl Maker<'_> {
    /// The example of a visit after its first `k` pool entries, as evaluation sees it.
    ///
    /// # Errors
    /// As the ranker's own.
    pub fn plain(&self, visit: &Visit, k: usize) -> Result<Example> {
        let events = visit.feedback(k).iter().map(|&(item, stars)| (item, event_type(stars))).collect();
        self.make(visit, &Past { events, stated: Vec::new() }, None)
    }

    /// The example of a train user's visit: random feedback, strengths, new rows, impressions.
    ///
    /// # Errors
    /// As the ranker's own.
    pub fn varied(&self, visit: &Visit, rng: &mut StdRng) -> Result<Example> {
        let k = *SIZES.choose(rng).unwrap_or(&0);
        // A random masking of the most recent events: the pool is cut at a random end.
        let skip = rng.random_range(0..=visit.pool.len().saturating_sub(k));
        let feedback = visit.pool.iter().skip(skip).take(k);
        let mut past = Past {
            events: feedback.map(|&(item, stars)| (item, event_type(stars))).collect(),
            stated: Vec::new(),
        };
        if rng.random_bool(self.variation.stated) {
            past.stated = liked_genres(self.catalogue, &visit.pool, STATED);
        }
        if rng.random_bool(self.variation.unpicked) {
            past.events.extend(unpicked(visit, rng));
        }
        self.make(visit, &past, Some(rng))
    }

    fn make(&self, visit: &Visit, past: &Past, mut rng: Option<&mut StdRng>) -> Result<Example> {
        let (manifest, knowledge) = (self.manifest, self.learnt.for_user(visit.user));
        let mut packer = Packer::default();
        let (mut item, mut rated) = (Vec::new(), Vec::new());
        for candidate in &visit.candidates {
            let new = rng.as_mut().is_some_and(|rng| rng.random_bool(self.variation.new));
            self.catalogue.push(&mut packer, candidate.item, (!new).then_some(&knowledge.served));
            item.extend(self.learnt.vector(knowledge, candidate.item, new));
            rated.push((!new).then_some(candidate.item));
        }
        let items = Items::read(&packer.packed(), manifest.text.as_ref(), manifest.fields.len())?;
        let mut session = self.session(knowledge, past, rng)?;
        let mut dense = Array2::zeros((items.len(), manifest.features.len()));
        let profile = session.profile();
        features::fill(&mut dense, &manifest.features, &manifest.fields, &items, profile, |_| true);

        let (length, width) = (manifest.history, manifest.vector);
        let (mut history, mut actions) = (vec![0.0; length * width], vec![0.0; length * CHANNELS]);
        let rows = history.chunks_exact_mut(width).zip(actions.chunks_exact_mut(CHANNELS));
        for ((to, action), row) in rows.zip(profile.history(length)) {
            to.copy_from_slice(&row.item.vector);
            action.copy_from_slice(&row.strength);
        }
        Ok(Example {
            user: visit.user,
            rows: items.len(),
            item,
            dense: dense.iter().copied().collect(),
            length,
            history,
            actions,
            labels: visit.candidates.iter().map(|c| f32::from(c.relevant())).collect(),
            gains: visit.candidates.iter().map(|c| c.graded_gain() as f32).collect(),
            privileged: privileged(knowledge, &rated, &session),
        })
    }

    fn session(&self, knowledge: &Knowledge, past: &Past, mut rng: Option<&mut StdRng>) -> Result<Session> {
        let manifest = self.manifest;
        let mut packer = Packer::default();
        past.events
            .iter()
            .for_each(|&(item, _)| self.catalogue.push(&mut packer, item, Some(&knowledge.served)));
        let items = Items::read(&packer.packed(), manifest.text.as_ref(), manifest.fields.len())?;
        let mut session = Session::default();
        if !past.stated.is_empty() {
            session.prefer(vec![Rc::new(self.stated(knowledge, &past.stated))]);
        }
        for (position, &(item, kind)) in past.events.iter().enumerate() {
            let event = Event { kind, id: "", at_ms: position as f64, value: f64::NAN };
            let mut strength = event.strength(&manifest.actions)?;
            if let Some(rng) = rng.as_mut()
                && rng.random_bool(0.3)
            {
                let share = rng.random_range(0.3..1.0);
                strength = strength.map(|s| s * share);
            }
            let known = ItemFacts {
                id: items.id(position).into(),
                tags: items.tags(position).to_vec(),
                fields: items.fields(position).to_vec(),
                vector: self.learnt.vector(knowledge, item, false),
                ..ItemFacts::default()
            };
            session.observe("", event.at_ms, Rc::new(known), strength);
        }
        Ok(session)
    }

    /// Stated tags as the ranker takes them: one item that has only those tags.
    fn stated(&self, knowledge: &Knowledge, tags: &[String]) -> ItemFacts {
        let mut tokens = Vec::new();
        if let Some(text) = &self.manifest.text {
            text.tokens("", tags.iter().map(String::as_str), &mut tokens);
        }
        ItemFacts {
            id: "\0stated".into(),
            tags: tags.iter().filter_map(|tag| tag_id(tag)).collect(),
            fields: vec![f32::NAN; self.manifest.fields.len()],
            vector: knowledge.encoder.encode(&tokens),
            ..ItemFacts::default()
        }
    }
}

/// Anything may be shown, at the rate at which it is in the list; only what was not picked may be
/// passed over or rejected. So an impression alone must not say "not picked".
fn unpicked(visit: &Visit, rng: &mut StdRng) -> Vec<(u64, &'static str)> {
    let any: Vec<u64> = visit.candidates.iter().map(|c| c.item).collect();
    let rejected: Vec<u64> = visit.candidates.iter().filter(|c| c.rating.is_none()).map(|c| c.item).collect();
    let count = rng.random_range(0..=MOST_SHOWN);
    let mut shown: Vec<(u64, &str)> =
        any.choose_multiple(rng, count).map(|&item| (item, "impression")).collect();
    for kind in ["skip", "dislike"] {
        let count = rng.random_range(0..=MOST_REJECTED);
        shown.extend(rejected.choose_multiple(rng, count).map(|&item| (item, kind)));
    }
    shown
}

/// Of rows that play new the teacher knows no more than the student.
fn privileged(knowledge: &Knowledge, candidates: &[Option<u64>], session: &Session) -> Vec<f32> {
    let mut strengths: HashMap<u64, [f32; 2]> = HashMap::new();
    for entry in session.log().entries() {
        if let Ok(item) = entry.item.id.parse() {
            strengths.insert(item, [entry.strength[0], entry.strength[1]]);
        }
    }
    let mut past: Vec<(u64, [f32; 2])> = strengths.into_iter().collect();
    past.sort_unstable_by_key(|&(item, _)| item);
    let side = |channel: usize| -> Vec<(u64, f32)> {
        past.iter().filter(|(_, s)| s[channel] > 0.0).map(|&(item, s)| (item, s[channel])).collect()
    };
    let sides = [side(0), side(1)];
    let score = |item: &Option<u64>, side: &Vec<(u64, f32)>| match (item, &knowledge.ease) {
        (Some(item), Some(ease)) => ease.score(*item, side),
        _ => 0.0,
    };
    candidates.iter().flat_map(|item| sides.iter().map(move |side| score(item, side))).collect()
}
