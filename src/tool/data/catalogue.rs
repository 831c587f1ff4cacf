//! In: a MovieLens-shaped folder, or items that were read from a log. Out: what is known of items without any
//! rating, and the items as the ranker takes them. Only tags by train users are read: a validation or test
//! user's tag would give away that user's opinion.

use crate::data::error::Result;
use crate::data::movielens::rows;
use crate::data::rating::Opinion;
use crate::data::served::Served;
use ranklet::internals::item::Packer;
use std::collections::BTreeMap;
use std::path::Path;

/// The numeric fields of an item, in packed order: release year, number of train ratings.
pub const FIELDS: [&str; 2] = ["year", "popularity"];
/// Tags kept of one item: genres, then what train users wrote most.
const MOST_TAGS: usize = 14;

/// What is known of an item without any rating: of a film or of anything else.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemMetadata {
    /// Title without the year.
    pub title: String,
    /// Release year; NaN if unknown.
    pub year: f32,
    /// Genres.
    pub genres: Vec<String>,
    /// What train users wrote, most frequent first.
    pub themes: Vec<String>,
}

impl ItemMetadata {
    /// Genres and themes together, at most 14.
    pub fn tags(&self) -> Vec<&str> {
        self.genres.iter().chain(&self.themes).map(String::as_str).take(MOST_TAGS).collect()
    }
}

/// All items of a folder.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    items: BTreeMap<u64, ItemMetadata>,
}

impl Catalogue {
    /// Reads `movies.csv` and the train users' part of `tags.csv`.
    ///
    /// # Errors
    /// As the readers: file, line and field of what is malformed.
    pub fn read(folder: &Path) -> Result<Catalogue> {
        let mut counts: BTreeMap<u64, BTreeMap<String, u32>> = BTreeMap::new();
        for tag in rows::train_tags(folder)? {
            let text = tag.text.trim().to_lowercase();
            *counts.entry(tag.item).or_default().entry(text).or_default() += 1;
        }
        let mut items = BTreeMap::new();
        for movie in rows::movies(folder)? {
            let mut themes: Vec<(String, u32)> =
                counts.remove(&movie.item).unwrap_or_default().into_iter().collect();
            themes.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
            let facts = ItemMetadata {
                title: movie.title,
                year: movie.year.map_or(f32::NAN, f32::from),
                genres: movie.genres,
                themes: themes.into_iter().map(|(text, _)| text).collect(),
            };
            items.insert(movie.item, facts);
        }
        Ok(Catalogue { items })
    }

    /// Of items that were read elsewhere.
    #[must_use]
    pub fn of(items: BTreeMap<u64, ItemMetadata>) -> Catalogue {
        Catalogue { items }
    }

    /// What is known of an item.
    pub fn get(&self, item: u64) -> Option<&ItemMetadata> {
        self.items.get(&item)
    }

    /// All items by ascending id.
    pub fn iter(&self) -> impl Iterator<Item = (u64, &ItemMetadata)> {
        self.items.iter().map(|(&item, facts)| (item, facts))
    }

    /// Appends an item to a list. Without a server's knowledge (a cold item) score, popularity and
    /// vector are absent.
    pub fn push(&self, packer: &mut Packer, item: u64, served: Option<&Served>) {
        let rated = served.filter(|served| served.stats.popularity(item) > 0);
        let score = rated.map_or(f32::NAN, |served| served.stats.server_score(item) as f32);
        let popularity = rated.map_or(f32::NAN, |served| served.stats.popularity(item) as f32);
        let id = item.to_string();
        match self.get(item) {
            Some(facts) => packer.push(&id, &facts.title, &facts.tags(), score, &[facts.year, popularity]),
            None => packer.push(&id, "", &[] as &[&str], score, &[f32::NAN, popularity]),
        }
        if let Some(vector) = served.and_then(|served| served.vectors.get(item)) {
            packer.set_vector(vector);
        }
    }
}

/// The genres that a visitor would name: those of the most liked items, ties by name.
pub fn liked_genres(catalogue: &Catalogue, ratings: &[(u64, f32)], most: usize) -> Vec<String> {
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    for &(item, _) in ratings.iter().filter(|(_, stars)| Opinion::of(*stars) == Opinion::Like) {
        for genre in catalogue.get(item).map_or(&[][..], |facts| &facts.genres) {
            *counts.entry(genre).or_default() += 1;
        }
    }
    let mut genres: Vec<(&str, u32)> = counts.into_iter().collect();
    genres.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    genres.into_iter().take(most).map(|(genre, _)| genre.to_string()).collect()
}
