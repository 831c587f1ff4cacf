#![allow(clippy::unwrap_used)]
use super::ads::{Ads, ads};
use crate::data::logs::fault::Faults;
use crate::data::logs::join;
use crate::data::logs::record::Record;
use crate::data::logs::visit::JoinOptions;
use crate::data::logs::write::LogWriter;
use crate::test_folder::Folder;

const SMALL: Ads = Ads { users: 60, visits: 4, items: 80, list: 20, seed: 1 };

fn records(sizes: &Ads) -> Vec<Record> {
    let mut records = Vec::new();
    let made = ads(sizes, |record| {
        records.push(record);
        Ok::<_, String>(())
    });
    let rankings = records.iter().filter(|record| matches!(record, Record::Ranking(_))).count();
    assert_eq!(made.unwrap().rankings, rankings as u64);
    records
}

#[test]
fn the_same_seed_gives_the_same_log_and_another_does_not() {
    assert_eq!(records(&SMALL), records(&SMALL));
    assert_ne!(records(&SMALL), records(&Ads { seed: 2, ..SMALL }));
}

#[test]
fn records_come_in_order_of_time_items_first() {
    let time = |record: &Record| match record {
        Record::Item(item) => item.timestamp.unwrap(),
        Record::User(user) => user.timestamp.unwrap(),
        Record::Ranking(ranking) => ranking.timestamp,
        Record::Interaction(interaction) => interaction.timestamp,
    };
    let records = records(&SMALL);
    assert!(records.is_sorted_by_key(time));
    assert!(records[..80].iter().all(|record| matches!(record, Record::Item(_))));
}

#[test]
fn what_was_seen_is_clicked_as_often_as_the_log_says() {
    let folder = Folder::new("ads");
    let path = folder.0.join("ads.jsonl");
    let mut log = LogWriter::create(&path).unwrap();
    let made = ads(&Ads { users: 200, ..SMALL }, |record| log.write(&record)).unwrap();
    log.finish().unwrap();
    let log = join::read(&path, &JoinOptions::default(), &mut Faults::new(true), &mut |_, _| ()).unwrap();
    let click = log.kinds().find("click").unwrap();
    let (mut seen, mut clicks, mut expected, mut variance) = (0, 0, 0.0, 0.0);
    for candidate in log.visits().flat_map(|visit| visit.candidates).filter(|c| c.seen) {
        let truth = f64::from(candidate.truth);
        seen += 1;
        clicks += u64::from(candidate.labels.has(click));
        expected += truth;
        variance += truth * (1.0 - truth);
    }
    assert_eq!((seen, clicks), (made.impressions, made.clicks));
    assert!((clicks as f64 - expected).abs() < 4.0 * variance.sqrt(), "{clicks} of {seen}, not {expected}");
}
