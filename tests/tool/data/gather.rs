#![allow(clippy::unwrap_used, clippy::expect_used)]
use super::*;
use crate::data::catalogue::Catalogue;
use crate::data::history::Histories;
use crate::data::logs::fault::{FaultKind, Faults};
use crate::data::logs::split::SplitBy;
use crate::data::logs::write::LogWriter;
use crate::data::movielens::to_log::movielens_to_log;
use crate::data::split::Split;
use crate::generate::ratings::{self, Shape};
use crate::test_folder::Folder;
use std::fs;
use std::path::{Path, PathBuf};

fn log_in(folder: &Folder, lines: &[&str]) -> PathBuf {
    let path = folder.0.join("log.jsonl");
    fs::write(&path, lines.join("\n")).unwrap();
    path
}

fn read(path: &Path) -> Gathered {
    gather(path, &Reading::default(), &mut Faults::new(true), &mut |_, _| ()).unwrap()
}

/// Years may be NaN, which equals nothing.
fn facts(catalogue: &Catalogue) -> Vec<String> {
    catalogue.iter().map(|(item, facts)| format!("{item} {facts:?}")).collect()
}

#[test]
fn a_folder_its_log_and_the_protocol_s_own_reader_say_the_same() {
    let folder = Folder::new("gather-same");
    ratings::write(&folder.0, &Shape::default()).unwrap();
    let log = folder.0.join("log.jsonl.gz");
    let mut writer = LogWriter::create(&log).unwrap();
    movielens_to_log(&folder.0, &mut writer, &mut Faults::new(true), &mut |_, _| ()).unwrap();
    writer.finish().unwrap();
    let (of_folder, of_log) = (read(&folder.0), read(&log));
    assert!(of_folder.histories == of_log.histories);
    assert!(of_folder.histories == Histories::read(&folder.0).unwrap());
    assert_eq!(facts(&of_folder.catalogue), facts(&of_log.catalogue));
    assert_eq!(facts(&of_folder.catalogue), facts(&Catalogue::read(&folder.0).unwrap()));
    assert!(!of_folder.picks_are_likes);
    assert_eq!(of_log.id_of(7), "7");
}

const ITEM: &str = r#"{"event":"item","item":"sku-1","timestamp":"1600000000000","fields":[{"name":"title","value":"A lamp"},{"name":"genres","value":["light"]},{"name":"brand","value":"Acme"},{"name":"tags","value":["brass"]}]}"#;

/// 2023-11-14, 22:13:20 UTC, in milliseconds.
const START: u64 = 1_700_000_000_000;

fn interaction(user: &str, item: &str, kind: &str, at: u64) -> String {
    let at = START + at;
    format!(
        r#"{{"event":"interaction","item":"{item}","user":"{user}","type":"{kind}","timestamp":"{at}","fields":[]}}"#
    )
}

#[test]
fn the_order_of_lines_and_files_does_not_matter() {
    let item = |at: u64, title: &str, more: &str| {
        let at = START + at;
        format!(
            r#"{{"event":"item","item":"sku-1","timestamp":"{at}","fields":[{{"name":"title","value":"{title}"}}{more}]}}"#
        )
    };
    let stars = |at: u64, stars: &str| {
        let at = START + at;
        format!(
            r#"{{"event":"interaction","item":"sku-1","user":"ann","type":"rating","timestamp":"{at}","fields":[{{"name":"rating","value":{stars}}}]}}"#
        )
    };
    let mut lines = [
        item(0, "A lamp", r#",{"name":"tags","value":["brass"]}"#),
        item(9_000, "A brass lamp", ""),
        interaction("ann", "sku-1", "click", 1_000),
        stars(5_000, "2"),
        stars(3_000, "4.5"),
        interaction("bob", "sku-1", "purchase", 4_000),
        interaction("bob", "sku-1", "click", 2_000),
    ];
    let folder = Folder::new("gather-order");
    let mut told = Vec::new();
    for _ in 0..lines.len() {
        lines.rotate_left(1);
        for _ in 0..2 {
            lines.reverse();
            let all: Vec<&str> = lines.iter().map(String::as_str).collect();
            let gathered = read(&log_in(&folder, &all));
            told.push((gathered.histories, facts(&gathered.catalogue)));
        }
    }
    let (histories, catalogue) = &told[0];
    assert!(told.iter().all(|(other, facts)| other == histories && facts == catalogue));
    assert!(catalogue[0].contains("A brass lamp") && catalogue[0].contains("brass\""), "{catalogue:?}");
    let mut held: Vec<(f32, i64)> = histories
        .iter()
        .flat_map(|(_, events)| events)
        .map(|event| (event.rating, event.timestamp))
        .collect();
    held.sort_by(|a, b| a.0.total_cmp(&b.0));
    let since = |seconds: i64| START as i64 / 1_000 + seconds;
    assert_eq!(held, [(4.5, since(1)), (5.0, since(2))]);
}

#[test]
fn interactions_become_opinions_by_their_type_and_ids_may_be_any_text() {
    let folder = Folder::new("gather-types");
    let lines = [
        interaction("ann", "sku-1", "impression", 1_000),
        interaction("ann", "sku-1", "click", 2_000),
        interaction("ann", "sku-1", "purchase", 9_000),
        interaction("ann", "sku-2", "click", 3_000),
        interaction("ann", "sku-3", "click", 4_000),
        interaction("ann", "sku-3", "hide", 5_000),
    ];
    let mut all = vec![ITEM];
    all.extend(lines.iter().map(String::as_str));
    let gathered = read(&log_in(&folder, &all));
    let (user, events) = gathered.histories.iter().next().unwrap();
    let since = |timestamp| timestamp - START as i64 / 1_000;
    let told: Vec<(String, f32, i64)> = events
        .iter()
        .map(|event| (gathered.id_of(event.item), event.rating, since(event.timestamp)))
        .collect();
    assert_eq!(told, [("sku-1".into(), 5.0, 2), ("sku-2".into(), 3.5, 3), ("sku-3".into(), 1.0, 4)]);
    assert_eq!(gathered.id_of(user), "ann");
    assert_eq!(gathered.passed_over.get("impression"), Some(&1));
    let (_, known) = gathered.catalogue.iter().next().unwrap();
    assert_eq!((known.title.as_str(), known.tags()), ("A lamp", vec!["light", "brass", "brand:Acme"]));
}

#[test]
fn in_a_log_without_likes_a_pick_counts_as_one() {
    let folder = Folder::new("gather-picks");
    let lines = [interaction("ann", "a", "click", 1_000), interaction("ann", "b", "hide", 2_000)];
    let gathered = read(&log_in(&folder, &lines.each_ref().map(String::as_str)));
    let stars: Vec<f32> =
        gathered.histories.iter().flat_map(|(_, events)| events).map(|e| e.rating).collect();
    assert_eq!((stars, gathered.picks_are_likes), (vec![4.0, 1.0], true));
}

#[test]
fn a_user_is_dealt_the_split_of_the_id_s_text() {
    let folder = Folder::new("gather-splits");
    let lines: Vec<String> =
        (0..300).map(|user| interaction(&format!("user-{user}"), "a", "like", 1_000)).collect();
    let gathered = read(&log_in(&folder, &lines.iter().map(String::as_str).collect::<Vec<_>>()));
    let mut users = 0;
    for (user, _) in gathered.histories.iter() {
        assert_eq!(Split::of(user), Split::of(gathered.id_of(user)));
        users += 1;
    }
    assert_eq!(users, 300);
}

#[test]
fn what_happened_from_the_time_on_is_left_out() {
    let folder = Folder::new("gather-until");
    let lines = [interaction("ann", "a", "like", 1_000), interaction("ann", "b", "like", 86_400_000)];
    let log = log_in(&folder, &lines.each_ref().map(String::as_str));
    let split: SplitBy = "2023-11-15".parse().unwrap();
    let reading = Reading { split, ..Reading::default() };
    let gathered = gather(&log, &reading, &mut Faults::new(true), &mut |_, _| ()).unwrap();
    assert_eq!((gathered.opinions, gathered.passed_over.len()), (1, 1));
}

#[test]
fn a_malformed_line_is_named_and_passed_over_or_stops_the_reading() {
    let folder = Folder::new("gather-faults");
    let good = interaction("ann", "a", "like", 1_000);
    let nobody =
        r#"{"event":"interaction","item":"b","type":"like","timestamp":"1700000000000","fields":[]}"#;
    let log = log_in(&folder, &[&good, "{", nobody]);
    let mut faults = Faults::new(false);
    let gathered = gather(&log, &Reading::default(), &mut faults, &mut |_, _| ()).unwrap();
    assert_eq!((gathered.opinions, faults.count()), (1, 2), "{faults}");
    let places: Vec<(FaultKind, u64)> =
        faults.tallies().map(|(kind, _, tally)| (kind, tally.first.line)).collect();
    assert!(places.contains(&(FaultKind::Missing, 3)), "{faults}");
    assert!(places.iter().any(|&(_, line)| line == 2), "{faults}");
    assert!(gather(&log, &Reading::default(), &mut Faults::new(true), &mut |_, _| ()).is_err());
}

#[test]
fn a_log_that_nobody_can_learn_from_says_what_it_holds() {
    let folder = Folder::new("gather-empty");
    let shown = interaction("ann", "a", "impression", 1_000);
    let error =
        gather(&log_in(&folder, &[&shown]), &Reading::default(), &mut Faults::new(true), &mut |_, _| ());
    let text = error.unwrap_err().to_string();
    assert!(text.contains("impression") && text.contains("--likes"), "{text}");
}
