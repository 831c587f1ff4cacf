//! In: a MovieLens-shaped folder. Out: its items as the ranker takes them, its ratings as events.
//! The one adapter from that data set to the product's own terms; nothing behind it knows films.
//! Must never read a tag that a validation or test user wrote.

use crate::item::Packer;
use crate::replay::movielens;
use crate::replay::stats::Stats;
use crate::replay::{Opinion, Result};
use std::collections::BTreeMap;
use std::path::Path;

/// The numeric fields of an item, in packed order: release year, number of train ratings.
pub const FIELDS: [&str; 2] = ["year", "popularity"];
/// Tags kept of one item: genres, then what train users wrote most.
const MOST_TAGS: usize = 14;

/// What is known of an item without any rating.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// Title without the year.
    pub title: String,
    /// Release year; NaN if unknown.
    pub year: f32,
    /// Genres.
    pub genres: Vec<String>,
    /// What train users wrote, most frequent first.
    pub themes: Vec<String>,
}

impl Facts {
    /// Genres and themes together, at most 14.
    pub fn tags(&self) -> Vec<&str> {
        self.genres.iter().chain(&self.themes).map(String::as_str).take(MOST_TAGS).collect()
    }
}

/// All items of a folder.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    items: BTreeMap<u64, Facts>,
}

impl Catalogue {
    /// Reads `movies.csv` and the train users' part of `tags.csv`.
    ///
    /// # Errors
    /// As the readers: file, line and field of what is malformed.
    pub fn read(folder: &Path) -> Result<Catalogue> {
        let mut counts: BTreeMap<u64, BTreeMap<String, u32>> = BTreeMap::new();
        for tag in movielens::train_tags(folder)? {
            let text = tag.text.trim().to_lowercase();
            *counts.entry(tag.item).or_default().entry(text).or_default() += 1;
        }
        let mut items = BTreeMap::new();
        for movie in movielens::movies(folder)? {
            let mut themes: Vec<(String, u32)> =
                counts.remove(&movie.item).unwrap_or_default().into_iter().collect();
            themes.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
            let facts = Facts {
                title: movie.title,
                year: movie.year.map_or(f32::NAN, f32::from),
                genres: movie.genres,
                themes: themes.into_iter().map(|(text, _)| text).collect(),
            };
            items.insert(movie.item, facts);
        }
        Ok(Catalogue { items })
    }

    /// The facts of an item.
    pub fn get(&self, item: u64) -> Option<&Facts> {
        self.items.get(&item)
    }

    /// All items by ascending id.
    pub fn iter(&self) -> impl Iterator<Item = (u64, &Facts)> {
        self.items.iter().map(|(&item, facts)| (item, facts))
    }

    /// Appends an item to a list. Without statistics (a cold item) score and popularity are absent.
    pub fn push(&self, packer: &mut Packer, item: u64, stats: Option<&Stats>) {
        let rated = stats.filter(|stats| stats.popularity(item) > 0);
        let score = rated.map_or(f32::NAN, |stats| stats.server_score(item) as f32);
        let popularity = rated.map_or(f32::NAN, |stats| stats.popularity(item) as f32);
        let id = item.to_string();
        match self.get(item) {
            Some(facts) => packer.push(&id, &facts.title, &facts.tags(), score, &[facts.year, popularity]),
            None => packer.push(&id, "", &[] as &[&str], score, &[f32::NAN, popularity]),
        }
    }
}

/// The event type that a rating is replayed as.
pub fn event_type(stars: f32) -> &'static str {
    match Opinion::of(stars) {
        Opinion::Like => "like",
        Opinion::Neutral => "neutral",
        Opinion::Dislike => "low_rating",
    }
}
