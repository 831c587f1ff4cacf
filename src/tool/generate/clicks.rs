//! In: the world, a visitor's exposures so far, and the moment. Out: how likely a seen item is clicked at a position.
//! Nothing is drawn here: the probability is what the log keeps as the truth.

use crate::generate::world::{Ad, AdWorld, Person};
use std::collections::HashMap;

/// Half-life of an exposure, in milliseconds: a day.
const HALF_LIFE: f64 = 86_400_000.0;

/// When and on what a visit takes place.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    pub at: i64,
    pub device: usize,
    pub daypart: usize,
}

/// What an exposure is counted under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Topic {
    Item(usize),
    Advertiser(usize),
    Category(usize),
}

/// What a visitor has seen without clicking, fading with time.
#[derive(Debug, Clone, Default)]
pub struct Exposures(HashMap<Topic, (f64, i64)>);

impl Exposures {
    fn count(&self, topic: Topic, at: i64) -> f64 {
        self.0.get(&topic).map_or(0.0, |&(count, since)| count * fading(at - since))
    }

    fn set(&mut self, topic: Topic, at: i64, change: impl Fn(f64) -> f64) {
        let count = change(self.count(topic, at));
        self.0.insert(topic, (count, at));
    }

    /// An item was seen: without a click it tires; a click makes its advertiser and category fresher.
    pub fn note(&mut self, item: usize, ad: &Ad, at: i64, clicked: bool) {
        let around = [Topic::Advertiser(ad.advertiser), Topic::Category(ad.category)];
        if clicked {
            around.into_iter().for_each(|topic| self.set(topic, at, |count| count / 2.0));
        } else {
            around
                .into_iter()
                .chain([Topic::Item(item)])
                .for_each(|topic| self.set(topic, at, |count| count + 1.0));
        }
    }

    /// By how much the logit of attraction is lowered.
    fn fatigue(&self, item: usize, ad: &Ad, at: i64) -> f64 {
        let log = |topic| libm::log1p(self.count(topic, at));
        0.8 * log(Topic::Item(item))
            + 0.3 * log(Topic::Advertiser(ad.advertiser))
            + 0.15 * log(Topic::Category(ad.category))
    }
}

fn fading(age: i64) -> f64 {
    libm::exp2(-(age.max(0) as f64) / HALF_LIFE)
}

/// γ: how likely an item in view is examined, by its position from 0.
pub fn examination(position: usize) -> f64 {
    libm::pow(1.0 + position as f64, -0.6)
}

/// α: how likely an examined item is clicked.
pub fn attraction(
    world: &AdWorld,
    person: &Person,
    exposures: &Exposures,
    item: usize,
    moment: Moment,
) -> f64 {
    let ad = &world.ads[item];
    let known = if person.known.contains(&ad.advertiser) { 1.0 } else { 0.0 };
    let logit = -1.3 + ad.quality + person.interest[ad.category] + person.taste[ad.format] + known
        - 0.35 * (ad.price as f64 - person.price).abs()
        + world.device_format[moment.device][ad.format]
        + world.daypart_category[moment.daypart][ad.category]
        - exposures.fatigue(item, ad, moment.at);
    1.0 / (1.0 + libm::exp(-logit))
}
