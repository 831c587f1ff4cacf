//! In: histories of ml-latest-small. Out: checks of its splits, counts and lists.
//! The published values are those of the protocols' own description.

use crate::data::history::Histories;
use crate::data::lists::popularity::PopularityIndex;
use crate::data::split::Split;
use crate::data::split::is_cold;
use crate::data::stats::Stats;
use crate::data::visit::{LIST, ListItem, POOL};
use crate::evaluate::checks::check::{Checks, joined};
use crate::evaluate::protocol::{Protocol, digest};

type Published = &'static [(&'static str, &'static str)];

const V1_TEST: Published = &[
    ("evaluated users", "87"),
    ("candidates", "6094"),
    ("cold candidates", "641"),
    ("users with 100 candidates", "36"),
    ("relevant share", "0.618477"),
    ("first user and pool head", "6: 592 590 150 296 380"),
    ("first candidates in time", "161 208 292 339 10"),
];

const V1_VALIDATION: Published =
    &[("evaluated users", "49"), ("candidates", "3471"), ("cold candidates", "369")];

const V2_TEST: Published = &[
    ("evaluated users", "78"),
    ("candidates", "7800"),
    ("positives", "885"),
    ("seen, not liked", "608"),
    ("cold candidates", "1625"),
    ("cold positives", "194"),
    ("first user and candidates head", "6: 1 20 27 29 31 39"),
    ("positives of that user", "41 86 274 314 339 454"),
    ("digest", "16ea3b892667741f"),
];

const V2_VALIDATION: Published =
    &[("evaluated users", "47"), ("positives", "528"), ("digest", "fc301072a0ba03e9")];

/// Users, items and ratings in each part.
pub fn counts(checks: &mut Checks, histories: &Histories, stats: &Stats) {
    let users = [Split::Train, Split::Validation, Split::Test].map(|s| histories.of_split(s).count());
    checks.add("users train, val, test", "434 59 117", joined(users));
    let mut items: Vec<u64> =
        histories.iter().flat_map(|(_, events)| events.iter().map(|event| event.item)).collect();
    items.sort_unstable();
    items.dedup();
    checks.add("rated items", 9724, items.len());
    checks.add("cold rated items", 954, items.iter().filter(|&&item| is_cold(item)).count());
    checks.add("training ratings", 67183, stats.ratings());
    checks.decimal("mean training rating", 3.448_640, Some(stats.mean()));
    checks.add("train events, cold included", 74779, PopularityIndex::of_train(histories).events());
}

/// The lists of both protocols on both evaluation splits.
pub fn compare(checks: &mut Checks, histories: &Histories) {
    let (v1, v2) = (Protocol::V1, Protocol::V2);
    for (protocol, split, facts, expected) in [
        (v1, Split::Test, v1_facts(histories, Split::Test), V1_TEST),
        (v1, Split::Validation, v1_facts(histories, Split::Validation), V1_VALIDATION),
        (v2, Split::Test, v2_facts(histories, Split::Test), V2_TEST),
        (v2, Split::Validation, v2_facts(histories, Split::Validation), V2_VALIDATION),
    ] {
        for (name, value) in expected {
            let fact = facts.iter().find(|fact| fact.0 == *name);
            let actual = fact.map_or("none", |fact| fact.1.as_str());
            checks.add(&format!("v{} {split}: {name}", protocol.number()), value, actual);
        }
    }
}

fn v1_facts(histories: &Histories, split: Split) -> Vec<(&'static str, String)> {
    let visits = Protocol::V1.visits(histories, split);
    let all = || visits.iter().flat_map(|visit| &visit.candidates);
    let relevant = all().filter(|c| c.relevant()).count();
    let full = visits.iter().filter(|visit| visit.candidates.len() == LIST).count();
    let first = visits.first();
    let pool = joined(first.iter().flat_map(|visit| visit.pool.iter().take(5)).map(|rated| rated.0));
    let user = first.map_or(0, |visit| visit.user);
    let later = histories.of_user(user).iter().skip(POOL).take(5);
    vec![
        ("evaluated users", visits.len().to_string()),
        ("candidates", all().count().to_string()),
        ("cold candidates", all().filter(|c| is_cold(c.item)).count().to_string()),
        ("users with 100 candidates", full.to_string()),
        ("relevant share", format!("{:.6}", relevant as f64 / all().count() as f64)),
        ("first user and pool head", format!("{user}: {pool}")),
        ("first candidates in time", joined(later.map(|event| event.item))),
    ]
}

fn v2_facts(histories: &Histories, split: Split) -> Vec<(&'static str, String)> {
    let visits = Protocol::V2.visits(histories, split);
    let count = |keep: fn(&ListItem) -> bool| {
        let all = visits.iter().flat_map(|visit| &visit.candidates);
        all.filter(|candidate| keep(candidate)).count().to_string()
    };
    let head = |keep: fn(&ListItem) -> bool| {
        let all = visits.first().into_iter().flat_map(|visit| &visit.candidates);
        joined(all.filter(|candidate| keep(candidate)).take(6).map(|candidate| candidate.item))
    };
    let user = visits.first().map_or(0, |visit| visit.user);
    vec![
        ("evaluated users", visits.len().to_string()),
        ("candidates", count(|_| true)),
        ("positives", count(ListItem::relevant)),
        ("seen, not liked", count(|c| c.rating.is_some() && !c.relevant())),
        ("cold candidates", count(|c| is_cold(c.item))),
        ("cold positives", count(|c| is_cold(c.item) && c.relevant())),
        ("first user and candidates head", format!("{user}: {}", head(|_| true))),
        ("positives of that user", head(ListItem::relevant)),
        ("digest", digest(&visits)),
    ]
}
