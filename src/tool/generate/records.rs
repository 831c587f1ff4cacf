//! In: the world and what happens in it. Out: the records of its log.
//! What a visitor likes is not in them: only what a page shows and what is done with it.

use crate::data::logs::record::{Field, Interaction, Item, RankedItem, Ranking, Record};
use crate::data::logs::visit::TRUTH;
use crate::generate::clicks::Moment;
use crate::generate::world::{AdWorld, CATEGORIES, DAYPARTS, DEVICES, FORMATS};

const HOUR_MS: i64 = 3_600_000;

/// The hour of the day, UTC.
pub fn hour(at: i64) -> i64 {
    (at / HOUR_MS).rem_euclid(24)
}

/// What is known of an advertisement since a moment.
pub fn described(world: &AdWorld, item: usize, since: i64) -> Record {
    let ad = &world.ads[item];
    let (brand, category) = (format!("brand{}", ad.advertiser), CATEGORIES[ad.category]);
    Record::Item(Item {
        item: format!("ad{item}"),
        timestamp: Some(since),
        fields: vec![
            Field::new("title", format!("{category} by {brand}").as_str()),
            Field::new("advertiser", brand.as_str()),
            Field::new("category", category),
            Field::new("format", FORMATS[ad.format]),
            Field::new("price", format!("band{}", ad.price).as_str()),
        ],
        ..Item::default()
    })
}

/// A page that a visitor opened.
pub struct Page {
    /// The ranking's id.
    pub id: String,
    /// The visitor.
    pub user: usize,
}

impl Page {
    /// The list with the probabilities that its items are clicked by.
    pub fn ranking(&self, world: &AdWorld, moment: Moment, shown: &[usize], truths: &[f64]) -> Record {
        // Short numbers keep the log small.
        let rounded = |number: f64| (number * 1e5).round() / 1e5;
        let fields = |item: usize, truth: f64| {
            vec![Field::new("score", rounded(world.ads[item].score)), Field::new(TRUTH, rounded(truth))]
        };
        let items = shown
            .iter()
            .zip(truths)
            .map(|(&item, &truth)| RankedItem { id: format!("ad{item}"), fields: fields(item, truth) });
        Record::Ranking(Ranking {
            id: self.id.clone(),
            timestamp: moment.at,
            user: Some(format!("u{}", self.user)),
            fields: vec![
                Field::new("device", DEVICES[moment.device]),
                Field::new("daypart", DAYPARTS[moment.daypart]),
                Field::new("hour", hour(moment.at) as f64),
            ],
            items: items.collect(),
            ..Ranking::default()
        })
    }

    /// Something that the visitor did with an item of the page.
    pub fn interaction(&self, item: usize, kind: &str, at: i64, value: Option<f64>) -> Record {
        Record::Interaction(Interaction {
            item: format!("ad{item}"),
            timestamp: at,
            ranking: Some(self.id.clone()),
            user: Some(format!("u{}", self.user)),
            kind: kind.to_owned(),
            fields: value.map(|value| Field::new("value", value)).into_iter().collect(),
            ..Interaction::default()
        })
    }
}
