#![allow(clippy::unwrap_used, clippy::expect_used)]
use super::*;
use crate::data::logs::record::Item;
use crate::data::logs::write::LogWriter;
use crate::test_folder::Folder;
use std::fs;

fn item(id: &str) -> Record {
    Record::Item(Item { item: id.to_owned(), ..Item::default() })
}

/// Ids of the items that are read, and their lines.
fn items(reader: &mut LogReader, faults: &mut Faults) -> Result<Vec<(String, u32)>> {
    let mut found = Vec::new();
    while let Some(entry) = reader.read(faults)? {
        let Record::Item(item) = entry.record else { panic!("{:?}", entry.record) };
        found.push((item.item, entry.location.line));
    }
    Ok(found)
}

fn named(ids: &[(&str, u32)]) -> Vec<(String, u32)> {
    ids.iter().map(|&(id, line)| (id.to_owned(), line)).collect()
}

const MIXED: &str = "\u{feff}{\"event\":\"item\",\"item\":\"a\"}\r\n\n  \n{\"event\":\"item\"}\nnonsense\n{\"event\":\"item\",\"item\":\"b\"}\nnonsense\n{\"event\":\"item\",\"item\":\"c\"}";

#[test]
fn malformed_lines_are_counted_with_file_line_and_field() {
    let folder = Folder::new("mixed");
    let path = folder.file("mixed.jsonl", MIXED);
    let mut faults = Faults::new(false);
    let mut reader = LogReader::open(&path).unwrap();
    assert_eq!(items(&mut reader, &mut faults).unwrap(), named(&[("a", 1), ("b", 6), ("c", 8)]));
    assert_eq!(reader.bytes_read(), reader.bytes());
    assert_eq!(faults.count(), 3);
    let summary = faults.to_string();
    assert!(summary.contains("2 × log/not-json line; the first:"), "{summary}");
    assert!(summary.contains("mixed.jsonl line 5"), "{summary}");
    assert!(summary.contains("mixed.jsonl line 4 field item: is missing (log/missing)"), "{summary}");
}

#[test]
fn strict_reading_stops_at_the_first_of_them() {
    let folder = Folder::new("strict");
    let path = folder.file("mixed.jsonl", MIXED);
    let mut faults = Faults::new(true);
    let error = items(&mut LogReader::open(&path).unwrap(), &mut faults).expect_err("line 4");
    assert!(error.to_string().contains("mixed.jsonl line 4 field item"), "{error}");
}

#[test]
fn indices_do_not_split_a_count() {
    let mut faults = Faults::new(false);
    let folder = Folder::new("indices");
    let reader = LogReader::open(&folder.file("log", "")).unwrap();
    for index in 0..5 {
        let field = format!("items[{index}].fields[{index}].value");
        faults
            .report(reader.fault(Location::default(), FaultKind::WrongType, &field, "is null".into()))
            .unwrap();
    }
    let tallies: Vec<_> = faults.tallies().map(|(_, field, tally)| (field.to_owned(), tally.count)).collect();
    assert_eq!(tallies, [("items[].fields[].value".to_owned(), 5)]);
}

#[test]
fn a_line_at_the_bound_is_read_and_one_beyond_is_passed_over() {
    let start = r#"{"event":"item","item":"a"}"#;
    let padded = |length: usize| format!("{start}{}\n", " ".repeat(length - start.len()));
    let text = padded(limits::LOG_LINE_BYTES) + &padded(limits::LOG_LINE_BYTES + 1) + start;
    let mut faults = Faults::new(false);
    let folder = Folder::new("bound");
    let mut reader = LogReader::open(&folder.file("log", &text)).unwrap();
    let read = items(&mut reader, &mut faults).unwrap();
    assert_eq!(read, named(&[("a", 1), ("a", 3)]));
    assert!(faults.to_string().contains("log line 2: has 16777217 bytes"), "{faults}");
}

#[test]
fn compressed_logs_are_told_by_their_bytes() {
    let folder = Folder::new("gzip");
    let path = folder.0.join("a.jsonl.gz");
    let mut writer = LogWriter::create(&path).unwrap();
    for id in ["a", "b"] {
        writer.write(&item(id)).unwrap();
    }
    writer.finish().unwrap();
    let packed = fs::read(&path).unwrap();
    assert!(packed.starts_with(&[0x1f, 0x8b]));
    // Two members one after the other, as `cat a.gz b.gz` makes them, under a name that says nothing.
    let path = folder.file("both", [packed.clone(), packed.clone()].concat());
    let mut faults = Faults::new(true);
    let read = items(&mut LogReader::open(&path).unwrap(), &mut faults).unwrap();
    assert_eq!(read, named(&[("a", 1), ("b", 2), ("a", 3), ("b", 4)]));
}

#[test]
fn a_log_cut_off_in_the_middle_keeps_its_beginning_and_the_other_files() {
    let folder = Folder::new("damaged");
    let path = folder.0.join("1.jsonl.gz");
    let mut writer = LogWriter::create(&path).unwrap();
    for id in 0..20_000 {
        writer.write(&item(&fnv_like(id))).unwrap();
    }
    writer.finish().unwrap();
    let mut packed = fs::read(&path).unwrap();
    packed.truncate(packed.len() / 2);
    fs::write(&path, packed).unwrap();
    folder.file("2.jsonl", r#"{"event":"item","item":"last"}"#);
    folder.file("readme.txt", "no log");
    let mut faults = Faults::new(false);
    let read = items(&mut LogReader::open(&folder.0).unwrap(), &mut faults).unwrap();
    assert!(read.len() > 1_000 && read.len() < 20_000, "{}", read.len());
    assert_eq!(read.last(), Some(&("last".to_owned(), 1)));
    let tally = faults.tallies().find(|(kind, ..)| *kind == FaultKind::Damaged);
    assert!(tally.is_some_and(|(.., tally)| tally.count == 1 && tally.first.file.ends_with("1.jsonl.gz")));
}

/// Ids that do not compress away.
fn fnv_like(id: u64) -> String {
    format!("{:x}", crate::data::hash::draw(1, id))
}

#[test]
fn nothing_there_is_said_with_its_path() {
    let folder = Folder::new("nothing");
    let error = LogReader::open(&folder.0.join("no-such.jsonl")).err().unwrap().to_string();
    assert!(error.contains("no-such.jsonl"), "{error}");
    let error = LogReader::open(&folder.0).err().unwrap().to_string();
    assert!(error.contains("holds no log"), "{error}");
}

#[test]
fn an_unfinished_log_does_not_bear_its_name() {
    let folder = Folder::new("unfinished");
    let path = folder.0.join("a.jsonl");
    let mut writer = LogWriter::create(&path).unwrap();
    writer.write(&item("a")).unwrap();
    drop(writer);
    assert!(!path.exists());
}
