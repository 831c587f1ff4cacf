//! In: visits, cross-fitted item representations. Out: [`Example`]s: vectors, features, history, labels in numbers.
//! Features, tokens and sessions are made by the ranker's own code; a train user's rows are made of what the other
//! folds know, so that no label can be read off a statistic.

use crate::data::catalogue::{Catalogue, liked_genres};
use crate::data::rating::event_type;
use crate::data::visit::Visit;
use crate::train::item_representations::{CrossFit, ItemRepresentations};
use crate::train::model::inputs::ListInputs;
use crate::train::parallel::parallel;
use crate::train::task::Task;
use candle_core::{Device, Tensor};
use ndarray::Array2;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use ranklet::Result;
use ranklet::internals::event::{CHANNELS, Event};
use ranklet::internals::features;
use ranklet::internals::item::{Items, Packer};
use ranklet::internals::model::Manifest;
use ranklet::internals::session::{ItemFacts, Session};
use ranklet::internals::text::tag_id;
use std::collections::HashMap;
use std::rc::Rc;

/// How the examples of train users are varied.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Augmentation {
    /// Share of rows that lose their server vector and statistics, so that the model knows new items.
    pub new: f64,
    /// Share of sessions with impressions, skips and dislikes of items that the user never picked: the
    /// data has ratings alone, and this is how the model learns what passing over says.
    pub unpicked: f64,
    /// Share of sessions that begin with stated preferences.
    pub stated: f64,
}

impl Default for Augmentation {
    fn default() -> Augmentation {
        Augmentation { new: 0.15, unpicked: 0.25, stated: 0.1 }
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

impl Example {
    /// The rows that exist, as tensors.
    ///
    /// # Errors
    /// As candle.
    pub fn inputs(&self) -> candle_core::Result<ListInputs<Tensor>> {
        let tensor = |data: &[f32], rows: usize| {
            Tensor::from_slice(data, (rows, data.len() / rows.max(1)), &Device::Cpu)
        };
        Ok(ListInputs {
            item: tensor(&self.item, self.rows)?,
            dense: tensor(&self.dense, self.rows)?,
            history: tensor(&self.history, self.length)?,
            actions: tensor(&self.actions, self.length)?,
        })
    }
}

/// Makes examples from visits.
pub struct ExampleBuilder<'a> {
    /// Facts of all items.
    pub catalogue: &'a Catalogue,
    /// Its features and text settings apply.
    pub manifest: &'a Manifest,
    /// What is known of items.
    pub cross_fit: &'a CrossFit,
    /// How examples are varied.
    pub augmentation: Augmentation,
}

/// What a visitor did before the list, oldest first.
struct Past {
    events: Vec<(u64, &'static str)>,
    stated: Vec<String>,
}

impl ExampleBuilder<'_> {
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
    fn augmented(&self, visit: &Visit, rng: &mut StdRng) -> Result<Example> {
        let k = *SIZES.choose(rng).unwrap_or(&0);
        // A random masking of the most recent events: the pool is cut at a random end.
        let skip = rng.random_range(0..=visit.pool.len().saturating_sub(k));
        let feedback = visit.pool.iter().skip(skip).take(k);
        let mut past = Past {
            events: feedback.map(|&(item, stars)| (item, event_type(stars))).collect(),
            stated: Vec::new(),
        };
        if rng.random_bool(self.augmentation.stated) {
            past.stated = liked_genres(self.catalogue, &visit.pool, STATED);
        }
        if rng.random_bool(self.augmentation.unpicked) {
            past.events.extend(unpicked(visit, rng));
        }
        self.make(visit, &past, Some(rng))
    }

    /// Varied examples of train users' lists, `rounds` of each; every one is drawn from a seed of its own.
    /// `on_example` is called after each.
    ///
    /// # Errors
    /// As the ranker's own.
    pub fn augmented_all(
        &self,
        lists: &[(Task, Visit)],
        rounds: impl Fn(Task) -> usize,
        seed: u64,
        on_example: impl Fn() + Sync,
    ) -> crate::error::Result<Vec<(Task, Example)>> {
        let mut jobs = Vec::new();
        for (index, (task, visit)) in lists.iter().enumerate() {
            jobs.extend((0..rounds(*task)).map(|round| (index as u64 * 64 + round as u64, *task, visit)));
        }
        parallel(&jobs, |&(number, task, visit)| {
            let mut rng = StdRng::seed_from_u64(seed.wrapping_mul(0x9E37_79B9).wrapping_add(number));
            let example = self.augmented(visit, &mut rng)?;
            on_example();
            Ok::<_, ranklet::Error>((task, example))
        })
    }

    fn make(&self, visit: &Visit, past: &Past, mut rng: Option<&mut StdRng>) -> Result<Example> {
        let (manifest, representations) = (self.manifest, self.cross_fit.for_user(visit.user));
        let mut packer = Packer::default();
        let (mut item, mut rated) = (Vec::new(), Vec::new());
        for candidate in &visit.candidates {
            let new = rng.as_mut().is_some_and(|rng| rng.random_bool(self.augmentation.new));
            self.catalogue.push(&mut packer, candidate.item, (!new).then_some(&representations.served));
            item.extend(self.cross_fit.vector(representations, candidate.item, new));
            rated.push((!new).then_some(candidate.item));
        }
        let items = Items::read(&packer.packed(), manifest.text.as_ref(), manifest.fields.len())?;
        let mut session = self.session(representations, past, rng)?;
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
            privileged: privileged(representations, &rated, &session),
        })
    }

    fn session(
        &self,
        representations: &ItemRepresentations,
        past: &Past,
        mut rng: Option<&mut StdRng>,
    ) -> Result<Session> {
        let manifest = self.manifest;
        let mut packer = Packer::default();
        past.events
            .iter()
            .for_each(|&(item, _)| self.catalogue.push(&mut packer, item, Some(&representations.served)));
        let items = Items::read(&packer.packed(), manifest.text.as_ref(), manifest.fields.len())?;
        let mut session = Session::default();
        if !past.stated.is_empty() {
            session.prefer(vec![Rc::new(self.stated(representations, &past.stated))]);
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
                vector: self.cross_fit.vector(representations, item, false),
                ..ItemFacts::default()
            };
            session.observe("", event.at_ms, Rc::new(known), strength);
        }
        Ok(session)
    }

    /// Stated tags as the ranker takes them: one item that has only those tags.
    fn stated(&self, representations: &ItemRepresentations, tags: &[String]) -> ItemFacts {
        let mut tokens = Vec::new();
        if let Some(text) = &self.manifest.text {
            text.tokens("", tags.iter().map(String::as_str), &mut tokens);
        }
        ItemFacts {
            id: "\0stated".into(),
            tags: tags.iter().filter_map(|tag| tag_id(tag)).collect(),
            fields: vec![f32::NAN; self.manifest.fields.len()],
            vector: representations.encoder.encode(&tokens),
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
fn privileged(
    representations: &ItemRepresentations,
    candidates: &[Option<u64>],
    session: &Session,
) -> Vec<f32> {
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
    let score = |item: &Option<u64>, side: &Vec<(u64, f32)>| match (item, &representations.ease) {
        (Some(item), Some(ease)) => ease.score(*item, side),
        _ => 0.0,
    };
    candidates.iter().flat_map(|item| sides.iter().map(move |side| score(item, side))).collect()
}
