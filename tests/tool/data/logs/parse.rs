#![allow(clippy::unwrap_used, clippy::expect_used)]
use super::*;
use proptest::prelude::*;

fn good(line: &str) -> Record {
    record(line.as_bytes()).unwrap_or_else(|fault| panic!("{line}: {fault:?}"))
}

fn bad(line: &str) -> (FaultKind, String) {
    let malformed = record(line.as_bytes()).expect_err(line);
    assert!(!malformed.what.is_empty());
    (malformed.kind, malformed.field)
}

/// The examples of Metarank's documentation (doc/event-schema.md), with their comments taken out.
const METARANK: [&str; 4] = [
    r#"{"event": "item", "id": "81f46c34-a4bb-469c-8708-f8127cd67d27", "timestamp": "1599391467000",
        "item": "item1", "fields": [
          {"name": "title", "value": "You favourite cat"},
          {"name": "color", "value": ["white", "black"]},
          {"name": "is_cute", "value": true}]}"#,
    r#"{"event": "user", "id": "81f46c34-a4bb-469c-8708-f8127cd67d27", "timestamp": "1599391467000",
        "user": "user1", "fields": [{"name": "age", "value": 33}, {"name": "gender", "value": "m"}]}"#,
    r#"{"event": "ranking", "id": "81f46c34-a4bb-469c-8708-f8127cd67d27", "timestamp": "1599391467000",
        "user": "user1", "session": "session1",
        "fields": [{"name": "query", "value": "cat"}, {"name": "source", "value": "search"}],
        "items": [{"id": "item3", "relevancy": 2.0}, {"id": "item1", "relevancy": 1.0},
                  {"id": "item2", "relevancy": 0.5}]}"#,
    r#"{"event": "interaction", "id": "0f4c0036-04fb-4409-b2c6-7163a59f6b7d",
        "ranking": "81f46c34-a4bb-469c-8708-f8127cd67d27", "timestamp": "1599391467000",
        "user": "user1", "session": "session1", "type": "purchase", "item": "item1",
        "fields": [{"name": "count", "value": 1}, {"name": "shipping", "value": "DHL"}]}"#,
];

#[test]
fn metarank_s_own_examples_are_read_as_they_are() {
    let at = 1_599_391_467_000;
    let [item, user, ranking, interaction] = METARANK.map(good);
    assert_eq!(
        item,
        Record::Item(Item {
            id: Some("81f46c34-a4bb-469c-8708-f8127cd67d27".into()),
            item: "item1".into(),
            timestamp: Some(at),
            fields: vec![
                Field::new("title", "You favourite cat"),
                Field::new("color", vec!["white".to_owned(), "black".to_owned()]),
                Field::new("is_cute", true),
            ],
        })
    );
    let Record::User(user) = user else { panic!("{user:?}") };
    assert_eq!(user.fields, [Field::new("age", 33.0), Field::new("gender", "m")]);
    let Record::Ranking(ranking) = ranking else { panic!("{ranking:?}") };
    assert_eq!((ranking.timestamp, ranking.items.len()), (at, 3));
    assert_eq!(
        ranking.items[2],
        RankedItem { id: "item2".into(), fields: vec![Field::new("relevancy", 0.5)] }
    );
    let Record::Interaction(click) = interaction else { panic!("{interaction:?}") };
    assert_eq!((click.kind.as_str(), click.item.as_str()), ("purchase", "item1"));
    assert_eq!(click.ranking, Some(ranking.id));
}

#[test]
fn what_older_and_sloppier_writers_give_is_read_too() {
    let old =
        good(r#"{"event":"metadata","item":7,"timestamp":1599391467,"fields":null,"tenant":"default"}"#);
    let expected = Item { item: "7".into(), timestamp: Some(1_599_391_467_000), ..Item::default() };
    assert_eq!(old, Record::Item(expected));
    let old = good(
        r#"{"event":"interaction","item":"7","timestamp":1.599391467E12,"impression":"r1","type":"click","session":null}"#,
    );
    let Record::Interaction(old) = old else { panic!("{old:?}") };
    assert_eq!((old.ranking.as_deref(), old.timestamp), (Some("r1"), 1_599_391_467_000));
    let bare = good(r#"{"event":"user","user":"u"}"#);
    assert_eq!(bare, Record::User(User { user: "u".into(), ..User::default() }));
}

#[test]
fn every_fault_names_its_field() {
    use FaultKind::{BadTime, Empty, Missing, NotJson, OutOfBounds, UnknownEvent, WrongType};
    let cases = [
        ("", NotJson, ""),
        ("{\"event\":", NotJson, ""),
        ("[]", NotJson, ""),
        ("7", NotJson, ""),
        ("{}", Missing, "event"),
        (r#"{"event":7}"#, WrongType, "event"),
        (r#"{"event":"click"}"#, UnknownEvent, "event"),
        (r#"{"event":"item"}"#, Missing, "item"),
        (r#"{"event":"item","item":null}"#, Missing, "item"),
        (r#"{"event":"item","item":""}"#, Empty, "item"),
        (r#"{"event":"item","item":1.5}"#, WrongType, "item"),
        (r#"{"event":"item","item":["a"]}"#, WrongType, "item"),
        (r#"{"event":"item","item":"a","timestamp":"soon"}"#, BadTime, "timestamp"),
        (r#"{"event":"item","item":"a","timestamp":[]}"#, WrongType, "timestamp"),
        (r#"{"event":"item","item":"a","timestamp":1e300}"#, BadTime, "timestamp"),
        (r#"{"event":"item","item":"a","fields":{}}"#, WrongType, "fields"),
        (r#"{"event":"item","item":"a","fields":[7]}"#, WrongType, "fields[0]"),
        (r#"{"event":"item","item":"a","fields":[{"value":1}]}"#, Missing, "fields[0].name"),
        (r#"{"event":"item","item":"a","fields":[{"name":"","value":1}]}"#, Empty, "fields[0].name"),
        (r#"{"event":"item","item":"a","fields":[{"name":"x"}]}"#, Missing, "fields[0].value"),
        (r#"{"event":"item","item":"a","fields":[{"name":"x","value":{}}]}"#, WrongType, "fields[0].value"),
        (
            r#"{"event":"item","item":"a","fields":[{"name":"x","value":[1,"b"]}]}"#,
            WrongType,
            "fields[0].value[1]",
        ),
        (
            r#"{"event":"item","item":"a","fields":[{"name":"x","value":["b",1]}]}"#,
            WrongType,
            "fields[0].value[0]",
        ),
        (r#"{"event":"user","timestamp":5}"#, Missing, "user"),
        (r#"{"event":"ranking","timestamp":5}"#, Missing, "id"),
        (r#"{"event":"ranking","id":"r"}"#, Missing, "timestamp"),
        (r#"{"event":"ranking","id":"r","timestamp":5,"user":{}}"#, WrongType, "user"),
        (r#"{"event":"ranking","id":"r","timestamp":5,"items":[]}"#, Empty, "items"),
        (r#"{"event":"ranking","id":"r","timestamp":5,"items":["a"]}"#, WrongType, "items[0]"),
        (r#"{"event":"ranking","id":"r","timestamp":5,"items":[{"id":"a"},{}]}"#, Missing, "items[1].id"),
        (
            r#"{"event":"ranking","id":"r","timestamp":5,"items":[{"id":"a","relevancy":"x"}]}"#,
            WrongType,
            "items[0].relevancy",
        ),
        (
            r#"{"event":"ranking","id":"r","timestamp":5,"items":[{"id":"a","fields":[{"name":"s","value":{}}]}]}"#,
            WrongType,
            "items[0].fields[0].value",
        ),
        (r#"{"event":"interaction","item":"a","timestamp":5}"#, Missing, "type"),
        (r#"{"event":"interaction","timestamp":5,"type":"click"}"#, Missing, "item"),
        (r#"{"event":"interaction","item":"a","timestamp":-5,"type":"click"}"#, BadTime, "timestamp"),
    ];
    for (line, kind, field) in cases {
        assert_eq!(bad(line), (kind, field.to_owned()), "{line}");
    }
    let long = "x".repeat(limits::ID_BYTES);
    good(&format!(r#"{{"event":"item","item":"{long}"}}"#));
    assert_eq!(bad(&format!(r#"{{"event":"item","item":"{long}x"}}"#)), (OutOfBounds, "item".into()));
}

#[test]
fn lists_are_bounded() {
    let fields = |n: usize| vec![r#"{"name":"x","value":1}"#; n].join(",");
    let item = |n| format!(r#"{{"event":"item","item":"a","fields":[{}]}}"#, fields(n));
    good(&item(limits::LOG_FIELDS));
    assert_eq!(bad(&item(limits::LOG_FIELDS + 1)), (FaultKind::OutOfBounds, "fields".into()));
    let list = |n: usize| {
        format!(
            r#"{{"event":"item","item":"a","fields":[{{"name":"x","value":[{}]}}]}}"#,
            vec!["1"; n].join(",")
        )
    };
    good(&list(limits::LOG_LIST));
    assert_eq!(bad(&list(limits::LOG_LIST + 1)), (FaultKind::OutOfBounds, "fields[0].value".into()));
    let ranking = |n: usize| {
        let items = vec![r#"{"id":"a"}"#; n].join(",");
        format!(r#"{{"event":"ranking","id":"r","timestamp":5,"items":[{items}]}}"#)
    };
    good(&ranking(limits::CANDIDATES));
    assert_eq!(bad(&ranking(limits::CANDIDATES + 1)), (FaultKind::OutOfBounds, "items".into()));
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<bool>().prop_map(Value::Flag),
        any::<f64>().prop_filter("finite", |n| n.is_finite()).prop_map(Value::Number),
        ".*".prop_map(Value::Text),
        prop::collection::vec(".*", 0..4).prop_map(Value::Texts),
        prop::collection::vec(-1e6..1e6_f64, 1..4).prop_map(Value::Numbers),
    ]
}

fn fields() -> impl Strategy<Value = Vec<Field>> {
    prop::collection::vec(("[a-z]{1,8}", value()).prop_map(|(name, value)| Field { name, value }), 0..4)
}

fn any_record() -> impl Strategy<Value = Record> {
    let id = || ".{1,20}";
    let at = || 0..10_i64.pow(14);
    let shown = (id(), fields()).prop_map(|(id, fields)| RankedItem { id, fields });
    prop_oneof![
        (prop::option::of(id()), id(), prop::option::of(at()), fields())
            .prop_map(|(id, item, timestamp, fields)| Record::Item(Item { id, item, timestamp, fields })),
        (prop::option::of(id()), id(), prop::option::of(at()), fields())
            .prop_map(|(id, user, timestamp, fields)| Record::User(User { id, user, timestamp, fields })),
        (
            id(),
            at(),
            prop::option::of(id()),
            prop::option::of(id()),
            fields(),
            prop::collection::vec(shown, 1..4)
        )
            .prop_map(|(id, timestamp, user, session, fields, items)| {
                Record::Ranking(Ranking { id, timestamp, user, session, fields, items })
            }),
        (id(), at(), prop::option::of(id()), prop::option::of(id()), id(), fields()).prop_map(
            |(item, timestamp, ranking, user, kind, fields)| {
                let session = user.clone();
                Record::Interaction(Interaction {
                    id: None,
                    item,
                    timestamp,
                    ranking,
                    user,
                    session,
                    kind,
                    fields,
                })
            }
        ),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_back(written in any_record()) {
        let line = serde_json::to_vec(&written).unwrap();
        prop_assert_eq!(record(&line), Ok(written));
    }

    #[test]
    fn no_bytes_bring_it_down(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = record(&bytes);
    }

    #[test]
    fn no_damage_to_a_good_line_brings_it_down(written in any_record(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut line = serde_json::to_vec(&written).unwrap();
        let at = at.index(line.len());
        line[at] = byte;
        let _ = record(&line);
    }
}
