//! In: a seed and sizes. Out: the invented advertisements and visitors: what is logged of them, and what is not.
//! The world stands before the first visitor comes, so that no visit changes another visitor.

use crate::generate::rng::Rng;

pub const CATEGORIES: [&str; 16] = [
    "travel",
    "games",
    "fashion",
    "food",
    "finance",
    "sport",
    "music",
    "garden",
    "cars",
    "phones",
    "books",
    "health",
    "pets",
    "furniture",
    "courses",
    "tools",
];
pub const FORMATS: [&str; 4] = ["banner", "video", "carousel", "text"];
pub const DEVICES: [&str; 3] = ["phone", "desktop", "tablet"];
pub const DAYPARTS: [&str; 4] = ["night", "morning", "afternoon", "evening"];
pub const PRICES: usize = 5;
/// Advertisements of one advertiser, on average.
const PER_ADVERTISER: usize = 8;

/// An advertisement.
#[derive(Debug, Clone)]
pub struct Ad {
    pub advertiser: usize,
    pub category: usize,
    pub format: usize,
    pub price: usize,
    /// What everyone likes about it.
    pub quality: f64,
    /// What the server thinks of its quality.
    pub score: f64,
}

/// A visitor's likes and dislikes, on the logit scale.
#[derive(Debug, Clone)]
pub struct Person {
    pub interest: [f64; CATEGORIES.len()],
    pub taste: [f64; FORMATS.len()],
    pub price: f64,
    pub device: usize,
    /// Two advertisers whom this visitor knows and likes.
    pub known: [usize; 2],
    /// The advertisements that the server may show here, by number.
    pub eligible: Vec<usize>,
    /// Mean time between visits, in milliseconds.
    pub pause: f64,
}

/// Everything that holds before the first visit.
pub struct AdWorld {
    pub ads: Vec<Ad>,
    pub people: Vec<Person>,
    pub device_format: [[f64; FORMATS.len()]; DEVICES.len()],
    pub daypart_category: [[f64; CATEGORIES.len()]; DAYPARTS.len()],
}

impl AdWorld {
    pub fn new(seed: u64, users: usize, items: usize, list: usize) -> Self {
        let advertisers = (items / PER_ADVERTISER).max(2);
        let ads: Vec<Ad> = (0..items).map(|item| Ad::new(seed, item, advertisers)).collect();
        let mut rng = Rng::new(seed, "crosses", 0);
        let device_format = std::array::from_fn(|_| std::array::from_fn(|_| 0.6 * rng.normal()));
        let daypart_category = std::array::from_fn(|_| std::array::from_fn(|_| 0.5 * rng.normal()));
        let people = (0..users).map(|user| Person::new(seed, user, &ads, advertisers, list)).collect();
        Self { ads, people, device_format, daypart_category }
    }
}

impl Ad {
    fn new(seed: u64, item: usize, advertisers: usize) -> Self {
        let mut rng = Rng::new(seed, "ad", item as u64);
        let advertiser = rng.below(advertisers);
        // An advertiser sells in one category, and now and then in another.
        let home = Rng::new(seed, "advertiser", advertiser as u64).below(CATEGORIES.len());
        let category = if rng.chance(0.8) { home } else { rng.below(CATEGORIES.len()) };
        let quality = 0.6 * rng.normal();
        Self {
            advertiser,
            category,
            format: rng.below(FORMATS.len()),
            price: rng.below(PRICES),
            quality,
            score: quality + 0.5 * rng.normal(),
        }
    }
}

impl Person {
    fn new(seed: u64, user: usize, ads: &[Ad], advertisers: usize, list: usize) -> Self {
        let mut rng = Rng::new(seed, "person", user as u64);
        let mut interest = std::array::from_fn(|_| 0.4 * rng.normal() - 0.5);
        for _ in 0..3 {
            interest[rng.below(CATEGORIES.len())] += 1.6;
        }
        let taste = std::array::from_fn(|_| 0.4 * rng.normal());
        let price = rng.unit() * (PRICES - 1) as f64;
        let device = if rng.chance(0.6) { 0 } else { 1 + rng.below(DEVICES.len() - 1) };
        let known = [rng.below(advertisers), rng.below(advertisers)];
        // Campaigns aim at interests, and miss as often as not.
        let mut aimed: Vec<(f64, usize)> = ads
            .iter()
            .enumerate()
            .map(|(item, ad)| (0.7 * interest[ad.category] + rng.gumbel(), item))
            .collect();
        aimed.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let eligible = aimed.into_iter().take(2 * list).map(|(_, item)| item).collect();
        let pause = 3_600_000.0 * (4.0 + rng.wait(8.0));
        Self { interest, taste, price, device, known, eligible, pause }
    }
}
