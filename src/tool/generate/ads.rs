//! In: how many visitors, visits and advertisements, and a seed. Out: the log of that world, record by record in order
//! of time. Held are the world, the exposures, and the records of visits still going on.

use crate::data::logs::record::Record;
use crate::generate::clicks::{Exposures, Moment, attraction, examination};
use crate::generate::records::{Page, described, hour};
use crate::generate::rng::Rng;
use crate::generate::world::{AdWorld, DEVICES};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

/// How much to invent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ads {
    /// Visitors.
    pub users: usize,
    /// Visits of a visitor, on average; the number varies, and everyone comes once at least.
    pub visits: usize,
    /// Advertisements.
    pub items: usize,
    /// Advertisements on a page.
    pub list: usize,
    /// Another seed makes another world.
    pub seed: u64,
}

impl Default for Ads {
    /// 3,000 visitors with 10 visits each, 1,000 advertisements, 20 on a page.
    fn default() -> Self {
        Self { users: 3_000, visits: 10, items: 1_000, list: 20, seed: 1 }
    }
}

/// What was invented.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Generated {
    /// Lists shown.
    pub rankings: u64,
    /// Items that came into view.
    pub impressions: u64,
    /// Of these, clicked.
    pub clicks: u64,
}

/// The first moment: 2024-01-01 UTC, in milliseconds.
const START: i64 = 1_704_067_200_000;
/// Milliseconds that a visitor spends on an item in view.
const GLANCE: i64 = 1_500;
/// How likely a visitor scrolls on after an item.
const SCROLL: f64 = 0.9;
/// Items in view before anyone scrolls.
const FOLD: usize = 3;

/// Gives every record of the world to `write`, in order of time.
///
/// # Errors
/// Those of `write`.
pub fn ads<E>(sizes: &Ads, mut write: impl FnMut(Record) -> Result<(), E>) -> Result<Generated, E> {
    let list = sizes.list.min(sizes.items);
    let world = AdWorld::new(sizes.seed, sizes.users, sizes.items, list);
    for item in 0..world.ads.len() {
        write(described(&world, item, START))?;
    }
    let mut pages = Pages {
        world: &world,
        list,
        exposures: vec![Exposures::default(); sizes.users],
        waiting: BTreeMap::new(),
        sent: 0,
        generated: Generated::default(),
    };
    // Who comes next: time, visitor, number of the visit.
    let mut next: BinaryHeap<Reverse<(i64, usize, u64)>> = (0..sizes.users)
        .map(|user| {
            let pause = world.people[user].pause;
            let first = Rng::new(sizes.seed, "first", user as u64).wait(4.0 * pause);
            Reverse((START + first as i64, user, 0))
        })
        .collect();
    while let Some(Reverse((at, user, visit))) = next.pop() {
        pages.flush(at, &mut write)?;
        let mut rng = Rng::new(sizes.seed, "visit", user as u64 * 1_000_003 + visit);
        let end = pages.visit(user, visit, at, &mut rng);
        // A geometric number of visits: the next one comes with the same chance each time.
        if rng.chance(1.0 - 1.0 / sizes.visits.max(1) as f64) {
            let pause = rng.wait(world.people[user].pause) as i64;
            next.push(Reverse((end + 60_000 + pause, user, visit + 1)));
        }
    }
    pages.flush(i64::MAX, &mut write)?;
    Ok(pages.generated)
}

/// The visits as they go on.
struct Pages<'a> {
    world: &'a AdWorld,
    list: usize,
    exposures: Vec<Exposures>,
    /// Records by time and number, until nothing earlier can come.
    waiting: BTreeMap<(i64, u64), Record>,
    sent: u64,
    generated: Generated,
}

impl Pages<'_> {
    fn flush<E>(&mut self, until: i64, write: &mut impl FnMut(Record) -> Result<(), E>) -> Result<(), E> {
        while let Some(first) = self.waiting.first_entry().filter(|first| first.key().0 < until) {
            write(first.remove())?;
        }
        Ok(())
    }

    fn put(&mut self, at: i64, record: Record) {
        self.waiting.insert((at, self.sent), record);
        self.sent += 1;
    }

    /// One page, seen down to some item; when it ended.
    fn visit(&mut self, user: usize, visit: u64, at: i64, rng: &mut Rng) -> i64 {
        let person = &self.world.people[user];
        let device = if rng.chance(0.9) { person.device } else { rng.below(DEVICES.len()) };
        let moment = Moment { at, device, daypart: (hour(at) / 6) as usize };
        let shown = self.shown(user, rng);
        let truths: Vec<f64> = shown
            .iter()
            .enumerate()
            .map(|(position, &item)| {
                examination(position) * attraction(self.world, person, &self.exposures[user], item, moment)
            })
            .collect();
        let page = Page { id: format!("r{user}-{visit}"), user };
        self.put(at, page.ranking(self.world, moment, &shown, &truths));
        self.generated.rankings += 1;
        let mut depth = FOLD.min(shown.len());
        while depth < shown.len() && rng.chance(SCROLL) {
            depth += 1;
        }
        // Everything that a page's items depend on was fixed when it was shown.
        let mut now = at;
        for (position, (&item, &truth)) in shown.iter().zip(&truths).take(depth).enumerate() {
            now += GLANCE;
            self.generated.impressions += 1;
            self.act(&page, item, "impression", now, None);
            let clicked = rng.chance(truth);
            if clicked {
                self.generated.clicks += 1;
                self.act(&page, item, "click", now + 500, None);
                let interest = person.interest[self.world.ads[item].category];
                let dwell = 20.0 * libm::exp(0.4 * interest + 0.8 * rng.normal());
                let seconds = (dwell * 10.0).round() / 10.0;
                now += 500 + (1_000.0 * seconds) as i64;
                self.act(&page, item, "dwell", now, Some(seconds));
            } else if position + 1 < depth {
                self.act(&page, item, "skip", now + GLANCE - 1, None);
            }
            self.exposures[user].note(item, &self.world.ads[item], now, clicked);
        }
        now + GLANCE
    }

    /// The server's choice: a draw by its score among what this visitor may be shown, best first.
    fn shown(&self, user: usize, rng: &mut Rng) -> Vec<usize> {
        let eligible = &self.world.people[user].eligible;
        let score = |item: usize| self.world.ads[item].score;
        let mut drawn: Vec<(f64, usize)> =
            eligible.iter().map(|&item| (score(item) + rng.gumbel(), item)).collect();
        drawn.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut page: Vec<usize> = drawn.into_iter().take(self.list).map(|(_, item)| item).collect();
        page.sort_by(|&a, &b| score(b).total_cmp(&score(a)).then(a.cmp(&b)));
        page
    }

    fn act(&mut self, page: &Page, item: usize, kind: &str, at: i64, value: Option<f64>) {
        self.put(at, page.interaction(item, kind, at, value));
    }
}
