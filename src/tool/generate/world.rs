//! Enters: a seed and sizes.
//! Leaves: the invented advertisements and visitors: what is logged of them, and what is not.
//! Never: draws anything while the visit goes on; the world stands before the first visitor comes.

use super::dice::Dice;

pub(super) const CATEGORIES: [&str; 16] = [
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
pub(super) const FORMATS: [&str; 4] = ["banner", "video", "carousel", "text"];
pub(super) const DEVICES: [&str; 3] = ["phone", "desktop", "tablet"];
pub(super) const DAYPARTS: [&str; 4] = ["night", "morning", "afternoon", "evening"];
pub(super) const PRICES: usize = 5;
/// Advertisements of one advertiser, on average.
const PER_ADVERTISER: usize = 8;

/// An advertisement.
#[derive(Debug, Clone)]
pub(super) struct Ad {
    pub(super) advertiser: usize,
    pub(super) category: usize,
    pub(super) format: usize,
    pub(super) price: usize,
    /// What everyone likes about it.
    pub(super) quality: f64,
    /// What the server thinks of its quality.
    pub(super) score: f64,
}

/// A visitor's likes and dislikes, on the logit scale.
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub(super) interest: [f64; CATEGORIES.len()],
    pub(super) taste: [f64; FORMATS.len()],
    pub(super) price: f64,
    pub(super) device: usize,
    /// Two advertisers whom this visitor knows and likes.
    pub(super) known: [usize; 2],
    /// The advertisements that the server may show here, by number.
    pub(super) eligible: Vec<usize>,
    /// Mean time between visits, in milliseconds.
    pub(super) pause: f64,
}

/// Everything that holds before the first visit.
pub(super) struct World {
    pub(super) ads: Vec<Ad>,
    pub(super) people: Vec<Person>,
    pub(super) device_format: [[f64; FORMATS.len()]; DEVICES.len()],
    pub(super) daypart_category: [[f64; CATEGORIES.len()]; DAYPARTS.len()],
}

impl World {
    pub(super) fn new(seed: u64, users: usize, items: usize, list: usize) -> Self {
        let advertisers = (items / PER_ADVERTISER).max(2);
        let ads: Vec<Ad> = (0..items).map(|item| Ad::new(seed, item, advertisers)).collect();
        let mut dice = Dice::new(seed, "crosses", 0);
        let device_format = std::array::from_fn(|_| std::array::from_fn(|_| 0.6 * dice.normal()));
        let daypart_category = std::array::from_fn(|_| std::array::from_fn(|_| 0.5 * dice.normal()));
        let people = (0..users).map(|user| Person::new(seed, user, &ads, advertisers, list)).collect();
        Self { ads, people, device_format, daypart_category }
    }
}

impl Ad {
    fn new(seed: u64, item: usize, advertisers: usize) -> Self {
        let mut dice = Dice::new(seed, "ad", item as u64);
        let advertiser = dice.below(advertisers);
        // An advertiser sells in one category, and now and then in another.
        let home = Dice::new(seed, "advertiser", advertiser as u64).below(CATEGORIES.len());
        let category = if dice.chance(0.8) { home } else { dice.below(CATEGORIES.len()) };
        let quality = 0.6 * dice.normal();
        Self {
            advertiser,
            category,
            format: dice.below(FORMATS.len()),
            price: dice.below(PRICES),
            quality,
            score: quality + 0.5 * dice.normal(),
        }
    }
}

impl Person {
    fn new(seed: u64, user: usize, ads: &[Ad], advertisers: usize, list: usize) -> Self {
        let mut dice = Dice::new(seed, "person", user as u64);
        let mut interest = std::array::from_fn(|_| 0.4 * dice.normal() - 0.5);
        for _ in 0..3 {
            interest[dice.below(CATEGORIES.len())] += 1.6;
        }
        let taste = std::array::from_fn(|_| 0.4 * dice.normal());
        let price = dice.unit() * (PRICES - 1) as f64;
        let device = if dice.chance(0.6) { 0 } else { 1 + dice.below(DEVICES.len() - 1) };
        let known = [dice.below(advertisers), dice.below(advertisers)];
        // Campaigns aim at interests, and miss as often as not.
        let mut aimed: Vec<(f64, usize)> = ads
            .iter()
            .enumerate()
            .map(|(item, ad)| (0.7 * interest[ad.category] + dice.gumbel(), item))
            .collect();
        aimed.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let eligible = aimed.into_iter().take(2 * list).map(|(_, item)| item).collect();
        let pause = 3_600_000.0 * (4.0 + dice.wait(8.0));
        Self { interest, taste, price, device, known, eligible, pause }
    }
}
