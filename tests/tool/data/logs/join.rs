#![allow(clippy::unwrap_used, clippy::expect_used)]
use super::*;
use crate::data::logs::record::{Field, Item, RankedItem, User};
use crate::data::logs::split::SplitBy;
use crate::data::logs::visit::{LoggedVisit, TRUTH};
use crate::data::split::Split;
use crate::test_folder::Folder;

const T: i64 = 1_700_000_000_000;

fn ranking(id: &str, user: &str, at: i64, items: &[&str]) -> Record {
    Record::Ranking(Ranking {
        id: id.into(),
        timestamp: T + at,
        user: (!user.is_empty()).then(|| user.into()),
        items: items.iter().map(|&id| RankedItem { id: id.into(), fields: Vec::new() }).collect(),
        ..Ranking::default()
    })
}

fn act(kind: &str, item: &str, at: i64, ranking: &str, user: &str) -> Record {
    let named = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Record::Interaction(Interaction {
        item: item.into(),
        timestamp: T + at,
        ranking: named(ranking),
        user: named(user),
        kind: kind.into(),
        ..Interaction::default()
    })
}

fn log_with(records: &[Record], options: &JoinOptions) -> (VisitLog, Faults) {
    let lines: Vec<String> = records.iter().map(|record| serde_json::to_string(record).unwrap()).collect();
    let mut faults = Faults::new(false);
    let folder = Folder::new("join");
    let reader = LogReader::open(&folder.file("log", lines.join("\n"))).unwrap();
    let log = join(reader, options, &mut faults, &mut |_, _| ()).unwrap();
    (log, faults)
}

fn log(records: &[Record]) -> VisitLog {
    let (log, faults) = log_with(records, &JoinOptions::default());
    assert_eq!(faults.count(), 0, "{faults}");
    log
}

fn visit(log: &VisitLog, place: usize) -> LoggedVisit<'_> {
    log.visits().nth(place).unwrap()
}

/// What a visit knows, as `kind item` in order.
fn past(log: &VisitLog, place: usize) -> Vec<String> {
    let visit = visit(log, place);
    assert!(visit.past.iter().all(|event| event.at < visit.at), "the past is before the visit");
    visit.past.iter().map(|e| format!("{} {}", log.kinds().name(e.kind), log.item_id(e.item))).collect()
}

fn labelled(log: &VisitLog, place: usize, kind: &str) -> Vec<String> {
    let kind = log.kinds().find(kind).unwrap();
    let candidates = visit(log, place).candidates.iter().filter(|c| c.labels.has(kind));
    candidates.map(|c| log.item_id(c.item).to_owned()).collect()
}

fn seen(log: &VisitLog, place: usize) -> Vec<&str> {
    visit(log, place).candidates.iter().filter(|c| c.seen).map(|c| log.item_id(c.item)).collect()
}

#[test]
fn outcomes_go_to_their_list_and_history_to_the_next() {
    let log = log(&[
        ranking("r1", "u", 0, &["a", "b", "c"]),
        act("impression", "a", 1, "r1", "u"),
        act("impression", "b", 2, "r1", "u"),
        act("click", "b", 3, "r1", "u"),
        act("like", "z", 4, "", "u"),
        ranking("r2", "u", 10, &["a", "d"]),
        act("click", "d", 11, "r2", "u"),
    ]);
    assert_eq!(log.len(), 2);
    assert!(past(&log, 0).is_empty());
    assert_eq!(past(&log, 1), ["impression a", "click b", "like z"], "b was clicked: not merely seen");
    assert_eq!(labelled(&log, 0, "click"), ["b"]);
    assert_eq!(labelled(&log, 1, "click"), ["d"]);
    assert_eq!(seen(&log, 0), ["a", "b"]);
}

#[test]
fn a_visit_sees_nothing_of_its_own_moment_or_later() {
    // Everything at the very time of the second list, and its own click logged before it.
    let records = [
        ranking("r1", "u", 0, &["a", "b"]),
        act("click", "b", 5, "r2", "u"),
        act("click", "a", 5, "r1", "u"),
        ranking("r2", "u", 5, &["a", "b"]),
        act("like", "b", 6, "r2", "u"),
    ];
    let log = log(&records);
    assert!(past(&log, 1).is_empty());
    assert_eq!(labelled(&log, 1, "click"), ["b"]);
}

#[test]
fn a_click_after_the_next_list_leaves_what_that_list_knew() {
    let log = log(&[
        ranking("r1", "u", 0, &["a"]),
        act("impression", "a", 1, "r1", "u"),
        ranking("r2", "u", 2, &["b"]),
        act("click", "a", 3, "r1", "u"),
        ranking("r3", "u", 4, &["c"]),
    ]);
    assert_eq!(past(&log, 1), ["impression a"]);
    assert_eq!(past(&log, 2), ["impression a", "click a"]);
}

#[test]
fn any_order_of_lines_gives_the_same_visits() {
    let mut records = vec![
        ranking("r1", "u", 0, &["a", "b", "c"]),
        act("impression", "a", 1, "r1", "u"),
        act("click", "c", 2, "r1", "u"),
        ranking("r2", "u", 10, &["a"]),
        act("skip", "a", 12, "r2", "u"),
        ranking("r3", "v", 11, &["a"]),
        ranking("r4", "u", 20, &["b"]),
    ];
    let show = |records: &[Record]| {
        let log = log(records);
        let visits = (0..log.len()).map(|place| {
            format!("{} {:?} {:?}", visit(&log, place).id, past(&log, place), seen(&log, place))
        });
        visits.collect::<Vec<_>>()
    };
    let expected = show(&records);
    assert_eq!(expected[2], r#"r3 [] []"#);
    assert_eq!(expected[3], r#"r4 ["impression a", "click c", "skip a"] []"#);
    for _ in 0..records.len() {
        records.rotate_left(1);
        assert_eq!(show(&records), expected);
    }
    records.reverse();
    assert_eq!(show(&records), expected);
}

#[test]
fn without_logged_exposures_what_stands_above_a_click_was_seen() {
    let log = log(&[
        ranking("r1", "u", 0, &["a", "b", "c", "d"]),
        act("click", "c", 5, "r1", "u"),
        ranking("r2", "u", 9, &["a"]),
        act("click", "a", 12, "r1", "u"),
        ranking("r3", "u", 20, &["a"]),
    ]);
    assert_eq!(seen(&log, 0), ["a", "b", "c"]);
    assert_eq!(past(&log, 1), ["impression a", "impression b", "click c"]);
    assert_eq!(past(&log, 2), ["impression a", "impression b", "click c", "click a"]);
}

#[test]
fn late_outcomes_are_history_only() {
    let options = JoinOptions { attribution_ms: 100, ..JoinOptions::default() };
    let records = [
        ranking("r1", "u", 0, &["a", "b"]),
        act("click", "a", 100, "r1", "u"),
        act("click", "b", 101, "r1", "u"),
        ranking("r2", "u", 200, &["a"]),
    ];
    let (log, _) = log_with(&records, &options);
    assert_eq!(labelled(&log, 0, "click"), ["a"]);
    assert_eq!(past(&log, 1), ["click a", "click b"]);
}

#[test]
fn the_past_keeps_the_latest() {
    let mut records: Vec<Record> = (0..10).map(|n| act("click", &n.to_string(), n, "", "u")).collect();
    records.push(ranking("r", "u", 100, &["a"]));
    let (log, _) = log_with(&records, &JoinOptions { past: 3, ..JoinOptions::default() });
    assert_eq!(past(&log, 0), ["click 7", "click 8", "click 9"]);
}

#[test]
fn scores_dwell_and_truth_have_their_places() {
    let mut list = Ranking { id: "r".into(), timestamp: T, user: Some("u".into()), ..Ranking::default() };
    let fields = vec![Field::new("relevancy", 0.5), Field::new(TRUTH, 0.25), Field::new("bid", 3.0)];
    list.items =
        vec![RankedItem { id: "a".into(), fields }, RankedItem { id: "b".into(), fields: Vec::new() }];
    let mut dwell = Interaction {
        item: "a".into(),
        timestamp: T + 9,
        ranking: Some("r".into()),
        ..Interaction::default()
    };
    dwell.kind = "dwell".into();
    dwell.fields = vec![Field::new("value", 12.5)];
    let log = log(&[Record::Ranking(list), Record::Interaction(dwell)]);
    let visit = visit(&log, 0);
    let [a, b] = visit.candidates else { panic!() };
    assert_eq!((a.score, a.truth, a.dwell, a.position), (0.5, 0.25, 12.5, 0));
    assert_eq!(a.fields, [Field::new("bid", 3.0)], "neither score nor truth is a feature");
    assert!(b.score.is_nan() && b.truth.is_nan() && b.dwell.is_nan());
    assert_eq!(log.visitors[0].timeline[0].value, 12.5);
}

#[test]
fn facts_are_those_of_the_moment() {
    let said = |at: Option<i64>, fields: Vec<Field>| {
        Record::Item(Item { item: "a".into(), timestamp: at.map(|at| T + at), fields, ..Item::default() })
    };
    let user = |at, plan: &str| {
        let fields = vec![Field::new("plan", plan)];
        Record::User(User { user: "u".into(), timestamp: Some(T + at), fields, ..User::default() })
    };
    let log = log(&[
        said(Some(10), vec![Field::new("price", 5.0), Field::new("sale", true)]),
        said(
            None,
            vec![
                Field::new("title", "A cup"),
                Field::new("price", 7.0),
                Field::new("colour", vec!["red".to_owned(), "blue".to_owned()]),
                Field::new("brand", "Acme"),
            ],
        ),
        user(10, "pro"),
        user(0, "free"),
        ranking("r", "u", 5, &["a", "b"]),
    ]);
    let visit = visit(&log, 0);
    assert_eq!(visit.user_fields, [Field::new("plan", "free")]);
    let item = visit.candidates[0].item;
    let before = log.facts(item, visit.at).unwrap();
    assert_eq!(
        (before.title.as_str(), before.number("price"), before.number("sale")),
        ("A cup", Some(7.0), None)
    );
    assert_eq!(before.tags, ["colour:red", "colour:blue", "brand:Acme"]);
    assert_eq!(before.tagged("colour").collect::<Vec<_>>(), ["red", "blue"]);
    let after = log.facts(item, T + 10).unwrap();
    assert_eq!(
        (after.title.as_str(), after.number("price"), after.number("sale")),
        ("A cup", Some(5.0), Some(1.0))
    );
    assert_eq!(log.facts(visit.candidates[1].item, visit.at), None);
}

#[test]
fn visitors_without_a_name_are_told_apart() {
    let mut by_session =
        Ranking { id: "r2".into(), timestamp: T, session: Some("s".into()), ..Ranking::default() };
    by_session.items = vec![RankedItem { id: "a".into(), fields: Vec::new() }];
    let log = log(&[
        ranking("r1", "", 0, &["a"]),
        Record::Ranking(by_session),
        act("click", "a", 1, "r1", ""),
        ranking("r3", "", 2, &["a"]),
    ]);
    let users: Vec<&str> = log.visits().map(|visit| visit.user).collect();
    assert_eq!(users, ["ranking:r1", "session:s", "ranking:r3"]);
    assert_eq!(labelled(&log, 0, "click"), ["a"]);
    assert!(past(&log, 2).is_empty());
}

#[test]
fn what_does_not_fit_is_counted_and_kept_as_history() {
    let (log, faults) = log_with(
        &[
            ranking("r1", "u", 10, &["a", "b", "a"]),
            ranking("r1", "u", 11, &["z"]),
            act("click", "x", 12, "r1", "u"),
            act("click", "a", 13, "r9", "u"),
            act("click", "b", 3, "r1", "u"),
            act("click", "a", 14, "", ""),
            ranking("r2", "u", 20, &["a"]),
        ],
        &JoinOptions::default(),
    );
    let kinds: Vec<(FaultKind, u64)> = faults.tallies().map(|(kind, _, tally)| (kind, tally.count)).collect();
    let expected = [
        (FaultKind::Duplicate, 1),
        (FaultKind::Duplicate, 1),
        (FaultKind::UnknownRanking, 1),
        (FaultKind::UnknownCandidate, 1),
        (FaultKind::EarlierThanRanking, 1),
        (FaultKind::Nobody, 1),
    ];
    assert_eq!(kinds, expected, "{faults}");
    assert_eq!(visit(&log, 0).candidates.len(), 2);
    assert_eq!(labelled(&log, 0, "click"), ["b"]);
    assert_eq!(past(&log, 1), ["click b", "click x", "click a"]);
    assert!(
        faults.to_string().contains("log line 5 field timestamp: is 7 ms before ranking \"r1\""),
        "{faults}"
    );
}

#[test]
fn types_of_interactions_are_bounded() {
    let records: Vec<Record> =
        (0..=limits::ACTIONS).map(|n| act(&format!("type{n}"), "a", 1, "", "u")).collect();
    let (log, faults) = log_with(&records, &JoinOptions::default());
    assert_eq!(log.kinds().iter().count(), limits::ACTIONS);
    assert_eq!(faults.count(), 1);
    let (_, faults) = log_with(&records[1..], &JoinOptions::default());
    assert_eq!(faults.count(), 0);
}

#[test]
fn splits_keep_a_visitor_together_or_cut_at_a_time() {
    let log =
        log(&[ranking("r1", "6", 0, &["a"]), ranking("r2", "1", 1, &["a"]), ranking("r3", "6", 2, &["a"])]);
    let ids = |by, split| log.visits_of(by, split).map(|visit| visit.id).collect::<Vec<_>>();
    assert_eq!(ids(SplitBy::User, Split::Test), ["r1", "r3"]);
    assert_eq!(ids(SplitBy::User, Split::Train), ["r2"]);
    let by = SplitBy::Time { validation: None, test: T + 2 };
    assert_eq!((ids(by, Split::Train), ids(by, Split::Test)), (vec!["r1", "r2"], vec!["r3"]));
}
