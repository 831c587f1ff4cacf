//! In: how many users, items and ratings, and a seed. Out: an invented MovieLens-shaped data set, the
//! same for the same arguments on every platform. It has no real title or person in it.
//!
//! What there is to learn: an item has a quality and one or two genres, a user has a taste for each
//! genre. Users rate items they tend to like and that are popular; stars follow quality, taste,
//! the user's severity and noise. Titles and tags use words of the item's genres.

use crate::data::error::{DataError, Result};
use crate::data::hash::{draw, fnv, mix};
use crate::data::movielens::rows::{Movie, Tag};
use crate::data::rating::Rating;
use std::fs;
use std::path::Path;

/// How much data to invent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// Number of users, with ids from 1.
    pub users: u64,
    /// Number of items, with ids from 1.
    pub items: u64,
    /// Ratings of each user; never more than there are items.
    pub per_user: usize,
    /// Another seed makes another world of the same shape.
    pub seed: u64,
}

impl Default for Shape {
    /// 200 users with 80 ratings each over 600 items.
    fn default() -> Self {
        Self { users: 200, items: 600, per_user: 80, seed: 1 }
    }
}

/// A genre's name and the words that titles and tags take from it.
const GENRES: [(&str, [&str; 4]); 8] = [
    ("Action", ["Strike", "Chase", "Thunder", "Impact"]),
    ("Comedy", ["Honeymoon", "Mixup", "Neighbors", "Holiday"]),
    ("Drama", ["Winter", "Silence", "Promise", "Daughter"]),
    ("Horror", ["Cellar", "Hollow", "Scream", "Curse"]),
    ("Romance", ["Letter", "Kiss", "Summer", "Paris"]),
    ("Sci-Fi", ["Orbit", "Machine", "Colony", "Signal"]),
    ("Western", ["Prairie", "Sheriff", "Saddle", "Canyon"]),
    ("Documentary", ["Archive", "Ocean", "Voices", "Century"]),
];

const ADJECTIVES: [&str; 8] = ["Last", "Hidden", "Long", "Broken", "Golden", "Second", "Quiet", "Red"];

/// Start of the invented world: 2010-01-01 UTC, in seconds since 1970.
const EPOCH: i64 = 1_262_304_000;
const DAY: u64 = 86_400;

/// Independent draws in `[0, 1)` for a named purpose. Not [`crate::generate::rng`]'s: committed digests of lists rest
/// on these draws.
struct PlainRng {
    seed: u64,
    count: u64,
}

impl PlainRng {
    fn new(shape: &Shape, purpose: &str, id: u64) -> Self {
        Self { seed: fnv(format_args!("{purpose}:{}:{id}", shape.seed)), count: 0 }
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.count += 1;
        draw(self.seed, self.count) % bound.max(1)
    }

    fn unit(&mut self) -> f64 {
        self.below(1 << 32) as f64 / 4_294_967_296.0
    }

    /// Bell-shaped, mean 0, standard deviation 1/2: a sum of uniforms needs no library function that
    /// could differ between platforms.
    fn bell(&mut self) -> f64 {
        self.unit() + self.unit() + self.unit() - 1.5
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> Option<T> {
        let place = self.below(from.len() as u64);
        from.get(usize::try_from(place).ok()?).copied()
    }
}

/// An invented item's hidden nature.
struct Nature {
    genres: Vec<usize>,
    quality: f64,
    popularity: f64,
}

fn nature(shape: &Shape, item: u64) -> Nature {
    let mut rng = PlainRng::new(shape, "nature", item);
    let places: Vec<usize> = (0..GENRES.len()).collect();
    let count = 1 + rng.below(2);
    let mut genres: Vec<usize> = (0..count).filter_map(|_| rng.pick(&places)).collect();
    genres.sort_unstable();
    genres.dedup();
    Nature { genres, quality: rng.bell(), popularity: 0.2 + rng.unit() }
}

/// The ratings, by user and then in the order they were given.
#[must_use]
pub fn ratings(shape: &Shape) -> Vec<Rating> {
    let natures: Vec<Nature> = (1..=shape.items).map(|item| nature(shape, item)).collect();
    (1..=shape.users).flat_map(|user| history(shape, &natures, user)).collect()
}

fn history(shape: &Shape, natures: &[Nature], user: u64) -> Vec<Rating> {
    let mut rng = PlainRng::new(shape, "user", user);
    let tastes: Vec<f64> = GENRES.iter().map(|_| 2.0 * rng.unit() - 1.0).collect();
    let severity = 0.5 * rng.bell();
    let liking = |nature: &Nature| {
        let sum: f64 = nature.genres.iter().filter_map(|&genre| tastes.get(genre)).sum();
        sum / nature.genres.len().max(1) as f64
    };
    let mut pull: Vec<(f64, u64, &Nature)> = (1..)
        .zip(natures)
        .map(|(item, nature)| {
            let interest = nature.popularity * (1.4 + liking(nature));
            (rng.unit() * interest, item, nature)
        })
        .collect();
    pull.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    pull.truncate(shape.per_user);
    // The order of rating says nothing about liking.
    pull.sort_by_key(|&(_, item, _)| mix(fnv(format_args!("order:{}:{user}:{item}", shape.seed))));

    let mut seconds = rng.below(5 * 365 * DAY);
    pull.into_iter()
        .map(|(_, item, nature)| {
            // One rating in four shares its second with the one before.
            seconds += if rng.below(4) == 0 { 0 } else { rng.below(2 * DAY) };
            let merit = 0.7 * nature.quality + 1.6 * liking(nature);
            let stars = 3.1 + severity + merit + 0.5 * rng.bell();
            let halves = (2.0 * stars).round().clamp(1.0, 10.0);
            Rating {
                user,
                item,
                rating: (halves / 2.0) as f32,
                timestamp: EPOCH.saturating_add_unsigned(seconds),
            }
        })
        .collect()
}

/// The items, titles in reading order.
#[must_use]
pub fn movies(shape: &Shape) -> Vec<Movie> {
    (1..=shape.items).map(|item| movie(shape, item)).collect()
}

fn movie(shape: &Shape, item: u64) -> Movie {
    let mut rng = PlainRng::new(shape, "title", item);
    let genres: Vec<_> = nature(shape, item).genres.iter().filter_map(|&genre| GENRES.get(genre)).collect();
    let adjective = rng.pick(&ADJECTIVES).unwrap_or_default();
    let noun = genres.first().and_then(|genre| rng.pick(&genre.1)).unwrap_or_default();
    let article = if rng.below(2) == 0 { "The " } else { "" };
    Movie {
        item,
        title: format!("{article}{adjective} {noun}"),
        year: u16::try_from(1970 + rng.below(40)).ok(),
        genres: genres.iter().map(|genre| genre.0.to_owned()).collect(),
    }
}

/// Tags by about a third of the users on items they rated: a word of one of the item's genres.
#[must_use]
pub fn tags(shape: &Shape) -> Vec<Tag> {
    let tagged = |rating: &Rating| {
        let mut rng = PlainRng::new(shape, "tag", rating.user);
        if rng.below(3) != 0 {
            return None;
        }
        let mut rng =
            PlainRng::new(shape, "word", rating.user.wrapping_mul(shape.items).wrapping_add(rating.item));
        if rng.below(8) != 0 {
            return None;
        }
        let genre = rng.pick(&nature(shape, rating.item).genres)?;
        let word = rng.pick(&GENRES.get(genre)?.1)?;
        Some(Tag {
            user: rating.user,
            item: rating.item,
            text: word.to_lowercase(),
            timestamp: rating.timestamp.saturating_add(60),
        })
    };
    ratings(shape).iter().filter_map(tagged).collect()
}

/// Writes `ratings.csv`, `movies.csv` and `tags.csv` into a folder, which is created.
///
/// # Errors
/// The folder or a file cannot be written.
pub fn write(folder: &Path, shape: &Shape) -> Result<()> {
    fs::create_dir_all(folder).map_err(|cause| DataError::io(folder, &cause))?;
    let save = |name: &str, text: String| {
        let path = folder.join(name);
        fs::write(&path, text).map_err(|cause| DataError::io(&path, &cause))
    };
    let mut text = String::from("userId,movieId,rating,timestamp\n");
    for Rating { user, item, rating, timestamp } in ratings(shape) {
        text += &format!("{user},{item},{rating:.1},{timestamp}\n");
    }
    save("ratings.csv", text)?;
    let mut text = String::from("movieId,title,genres\n");
    for Movie { item, title, year, genres } in movies(shape) {
        // As MovieLens writes it: the article behind the name, and then in quotes for the comma.
        let year = year.unwrap_or_default();
        let title = match title.strip_prefix("The ") {
            Some(name) => format!("\"{name}, The ({year})\""),
            None => format!("{title} ({year})"),
        };
        text += &format!("{item},{title},{}\n", genres.join("|"));
    }
    save("movies.csv", text)?;
    let mut text = String::from("userId,movieId,tag,timestamp\n");
    for Tag { user, item, text: tag, timestamp } in tags(shape) {
        text += &format!("{user},{item},{tag},{timestamp}\n");
    }
    save("tags.csv", text)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::data::history::Histories;
    use crate::data::split::Split;
    use crate::data::stats::Stats;
    use crate::data::visit::Visit;
    use crate::evaluate::predictions::predict;
    use crate::evaluate::protocol::Protocol;
    use crate::evaluate::score::{Metric, Subset, score};

    #[test]
    fn the_same_shape_is_the_same_world_and_another_seed_is_not() {
        let shape = Shape { users: 5, ..Shape::default() };
        assert_eq!(ratings(&shape), ratings(&shape));
        assert_ne!(ratings(&shape), ratings(&Shape { seed: 2, ..shape }));
        assert_eq!(ratings(&shape).len(), 5 * 80);
    }

    #[test]
    fn feedback_on_genres_beats_the_server_order() {
        let shape = Shape::default();
        let histories: Histories = ratings(&shape).into_iter().collect();
        let stats = Stats::of_train(&histories);
        let genres: HashMap<u64, Vec<usize>> =
            (1..=shape.items).map(|item| (item, nature(&shape, item).genres)).collect();
        let of = |item| genres.get(&item).map_or(&[][..], Vec::as_slice);
        // Stars above the mean of rated items that share a genre, shrunken.
        let affinity = |visit: &Visit, k, item| {
            let shared = |other: u64| of(other).iter().any(|genre| of(item).contains(genre));
            let told: Vec<f64> = visit.feedback(k).iter().map(|rated| f64::from(rated.1)).collect();
            let mean = told.iter().sum::<f64>() / told.len().max(1) as f64;
            let near = visit.feedback(k).iter().filter(|rated| shared(rated.0));
            let (sum, count) =
                near.fold((0.0, 2.0), |(sum, n), rated| (sum + f64::from(rated.1) - mean, n + 1.0));
            sum / count
        };
        for protocol in [Protocol::V1, Protocol::V2] {
            let visits = protocol.visits(&histories, Split::Test);
            let predictions = predict(&visits, &[0, 20], false, |visit, k, candidate| {
                stats.server_score(candidate.item) + affinity(visit, k, candidate.item)
            });
            let gauc: Vec<f64> = score(protocol, &visits, &predictions)
                .iter()
                .flat_map(|cards| cards.values())
                .filter_map(|card| card.mean(Metric::Gauc, Subset::All))
                .collect();
            assert!(matches!(gauc[..], [before, after] if after > before + 0.03), "{gauc:?}");
        }
    }
}
