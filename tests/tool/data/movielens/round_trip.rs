#![allow(clippy::unwrap_used, clippy::expect_used)]
use super::from_log::log_to_movielens;
use super::rows::{Ratings, movies, tags, train_tags};
use super::to_log::{Imported, movielens_to_log};
use crate::data::catalogue::Catalogue;
use crate::data::logs::fault::Faults;
use crate::data::logs::read::LogReader;
use crate::data::logs::record::{Field, Record};
use crate::data::logs::write::LogWriter;
use crate::data::rating::Rating;
use crate::generate::ratings::{self, Shape};
use crate::test_folder::Folder;
use std::fs;
use std::path::Path;

fn import(folder: &Path, log: &Path, faults: &mut Faults) -> crate::data::logs::fault::Result<Imported> {
    let mut writer = LogWriter::create(log)?;
    let mut last = (0, 0);
    let imported = movielens_to_log(folder, &mut writer, faults, &mut |done, total| {
        assert!(done >= last.0 && done <= total, "{done} of {total} after {last:?}");
        last = (done, total);
    })?;
    writer.finish()?;
    Ok(imported)
}

fn ratings(folder: &Path) -> Vec<Rating> {
    Ratings::open(&folder.join("ratings.csv")).unwrap().map(|row| row.unwrap()).collect()
}

fn records(log: &Path) -> Vec<Record> {
    let (mut reader, mut faults) = (LogReader::open(log).unwrap(), Faults::new(true));
    let mut records = Vec::new();
    while let Some(entry) = reader.read(&mut faults).unwrap() {
        records.push(entry.record);
    }
    records
}

#[test]
fn a_folder_comes_back_as_it_was_but_for_the_tags_of_evaluated_users() {
    let (folder, shape) = (Folder::new("round-trip"), Shape::default());
    let (first, second) = (folder.0.join("first"), folder.0.join("second"));
    fs::create_dir_all(&first).unwrap();
    ratings::write(&first, &shape).unwrap();
    let log = folder.0.join("log.jsonl.gz");
    let imported = import(&first, &log, &mut Faults::new(true)).unwrap();
    let all_tags = tags(&first, |_| true).unwrap().len() as u64;
    assert_eq!((imported.items, imported.ratings), (600, 16_000));
    assert!(imported.tags > 0 && imported.tags_left_out > 0);
    assert_eq!(imported.tags + imported.tags_left_out, all_tags);

    let mut reader = LogReader::open(&log).unwrap();
    let exported = log_to_movielens(&mut reader, &second, &mut Faults::new(true), &mut |_, _| ()).unwrap();
    assert_eq!((exported.items, exported.ratings, exported.tags), (600, 16_000, imported.tags));
    assert!(exported.lost.is_empty(), "{:?}", exported.lost);
    assert_eq!(ratings(&second), ratings(&first));
    assert_eq!(movies(&second).unwrap(), movies(&first).unwrap());
    assert_eq!(tags(&second, |_| true).unwrap(), train_tags(&first).unwrap());

    // And once more: the log of what came back is the same log.
    let again = folder.0.join("again.jsonl");
    import(&second, &again, &mut Faults::new(true)).unwrap();
    assert_eq!(records(&again), records(&log));
}

#[test]
fn items_say_what_the_trainer_s_own_reader_says() {
    let (folder, shape) = (Folder::new("facts"), Shape::default());
    ratings::write(&folder.0, &shape).unwrap();
    let log = folder.0.join("log.jsonl");
    import(&folder.0, &log, &mut Faults::new(true)).unwrap();
    let catalogue = Catalogue::read(&folder.0).unwrap();
    let mut items = 0;
    for record in records(&log) {
        let Record::Item(item) = record else { continue };
        let facts = catalogue.get(item.item.parse().unwrap()).unwrap();
        let mut expected = vec![
            Field::new("title", facts.title.as_str()),
            Field::new("year", f64::from(facts.year)),
            Field::new("genres", facts.genres.clone()),
        ];
        if !facts.themes.is_empty() {
            expected.push(Field::new("tags", facts.themes.clone()));
        }
        assert_eq!(item.fields, expected);
        items += 1;
    }
    assert_eq!(items, 600);
}

const MOVIES: &str = "movieId,title,genres\n1,\"Honeymoon, The (1999)\",Comedy|Drama\n2,Untitled,(no genres listed)\nx,No id,\n1,Again,\n";
const RATINGS: &str = "userId,movieId,rating,timestamp\n1,1,4.5,1262304000\n1,2,x,1262304000\n1,2\n1,1,3,1262304001\n2,2,2.5,1262304000\n1,2,3,-5\n";

#[test]
fn malformed_rows_are_passed_over_with_their_place_or_stop_it() {
    let folder = Folder::new("rows");
    fs::write(folder.0.join("movies.csv"), MOVIES).unwrap();
    fs::write(folder.0.join("ratings.csv"), RATINGS).unwrap();
    let log = folder.0.join("log.jsonl");
    let mut faults = Faults::new(false);
    let imported = import(&folder.0, &log, &mut faults).unwrap();
    assert_eq!((imported.items, imported.ratings, imported.tags), (2, 2, 0));
    assert_eq!(faults.count(), 6, "{faults}");
    let summary = faults.to_string();
    for place in [
        "movies.csv line 4 field movieId: \"x\"",
        "ratings.csv line 3 field rating: \"x\"",
        "ratings.csv line 4: has 2 fields, the header has 4",
        "ratings.csv line 7 field timestamp",
    ] {
        assert!(summary.contains(place), "{place} is not in {summary}");
    }
    let text = fs::read_to_string(&log).unwrap();
    let expected = [
        r#"{"event":"item","item":"1","fields":[{"name":"title","value":"The Honeymoon"},{"name":"year","value":1999.0},{"name":"genres","value":["Comedy","Drama"]}]}"#,
        r#"{"event":"item","item":"2","fields":[{"name":"title","value":"Untitled"},{"name":"genres","value":[]}]}"#,
        r#"{"event":"interaction","id":"rating:1:1","item":"1","timestamp":"1262304000000","user":"1","type":"like","fields":[{"name":"rating","value":4.5}]}"#,
        r#"{"event":"interaction","id":"rating:2:2","item":"2","timestamp":"1262304000000","user":"2","type":"low_rating","fields":[{"name":"rating","value":2.5}]}"#,
    ];
    assert_eq!(text.lines().collect::<Vec<_>>(), expected);

    let error = import(&folder.0, &log, &mut Faults::new(true)).expect_err("strict").to_string();
    assert!(error.contains("movies.csv line 4 field movieId"), "{error}");
}

#[test]
fn a_missing_column_or_file_is_named() {
    let folder = Folder::new("columns");
    fs::write(folder.0.join("movies.csv"), "movieId,name,genres\n").unwrap();
    let log = folder.0.join("log.jsonl");
    let error = import(&folder.0, &log, &mut Faults::new(false)).expect_err("no title").to_string();
    assert!(error.contains("movies.csv line 1: there is no column title"), "{error}");
    fs::write(folder.0.join("movies.csv"), "movieId,title,genres\n").unwrap();
    let error = import(&folder.0, &log, &mut Faults::new(false)).expect_err("no ratings").to_string();
    assert!(error.contains("ratings.csv"), "{error}");
    assert!(!log.exists());
}

#[test]
fn what_movielens_has_no_place_for_is_counted() {
    let folder = Folder::new("lost");
    let log = r#"{"event":"item","item":"5","fields":[{"name":"title","value":"A, \"B\""},{"name":"price","value":3}]}
{"event":"item","item":"abc","fields":[]}
{"event":"user","user":"1"}
{"event":"ranking","id":"r","timestamp":"1262304000000","user":"1","items":[{"id":"5"}]}
{"event":"interaction","item":"5","timestamp":"1262304000500","user":"1","type":"click"}
{"event":"interaction","item":"5","timestamp":"1262304000500","user":"1","type":"like","fields":[{"name":"rating","value":5}]}
{"event":"interaction","item":"5","timestamp":"1262304000900","user":"1","type":"like","fields":[{"name":"rating","value":4}]}
{"event":"interaction","item":"5","timestamp":"1262304000900","type":"like","fields":[{"name":"rating","value":4}]}
"#;
    let mut faults = Faults::new(false);
    let mut reader = LogReader::open(&folder.file("log", log)).unwrap();
    let exported = log_to_movielens(&mut reader, &folder.0, &mut faults, &mut |_, _| ()).unwrap();
    let lost: Vec<(&str, u64)> = exported.lost.iter().map(|(name, &count)| (name.as_str(), count)).collect();
    assert_eq!(
        lost,
        [("interactions of type click", 1), ("item field price", 1), ("rankings", 1), ("users", 1)]
    );
    assert_eq!(faults.count(), 3, "{faults}");
    let read = |name| fs::read_to_string(folder.0.join(name)).unwrap();
    assert_eq!(read("movies.csv"), "movieId,title,genres\n5,\"A, \"\"B\"\"\",(no genres listed)\n");
    assert_eq!(read("ratings.csv"), "userId,movieId,rating,timestamp\n1,5,5.0,1262304000\n");
    assert_eq!(read("tags.csv"), "userId,movieId,tag,timestamp\n");
}
