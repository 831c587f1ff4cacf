//! Measures of concentration and the simulated visitor, by hand; the command itself is in `tests/tool/simulate_command.rs`.
#![allow(clippy::unwrap_used)]
use super::concentration::{Concentration, Shares};
use super::visitor::Visitor;

#[test]
fn one_topic_is_concentrated_and_equal_topics_are_not() {
    let mut one = Shares::of(4, 2);
    (0..5).for_each(|_| one.show(0, &[2], true));
    let Concentration { entropy, hhi, coverage, clicks } = one.concentration();
    assert_eq!((entropy.abs(), hhi, coverage, clicks), (0.0, 1.0, 0.5, 1.0));

    let mut equal = Shares::of(4, 4);
    (0..4).for_each(|topic| equal.show(topic, &[topic], topic == 0));
    let Concentration { entropy, hhi, coverage, clicks } = equal.concentration();
    assert_eq!((entropy, hhi, coverage, clicks), (2.0, 0.25, 1.0, 0.25));

    let mut both = Shares::of(4, 1);
    both.show(0, &[0, 1], false);
    assert_eq!(both.concentration().entropy, 1.0, "a film of two topics counts half for each");
    assert_eq!(Shares::of(4, 1).concentration(), Concentration::default());
}

#[test]
fn a_visitor_clicks_more_of_what_they_clicked() {
    let clicks = |visitor: &mut Visitor, topic: usize, from: usize| {
        (from..from + 400).filter(|&step| visitor.looks(step, 0, &[topic])).count()
    };
    let mut visitor = Visitor::new(7, 0, 3);
    let (first, later) = (clicks(&mut visitor, 1, 0), clicks(&mut visitor, 1, 400));
    assert!(later > first + 50, "{first} clicks of 400, then {later}");
}

#[test]
fn the_server_sends_each_film_once_and_all_equally_often() {
    let visitor = Visitor::new(7, 0, 3);
    let mut times = [0u32; 40];
    for step in 0..2_000 {
        let mut sent = visitor.sent(step, 40, 10);
        sent.iter().for_each(|&film| times[film] += 1);
        sent.sort_unstable();
        sent.dedup();
        assert_eq!(sent.len(), 10);
    }
    assert!(times.iter().all(|&times| (400..600).contains(&times)), "{times:?}");
    assert_eq!(visitor.sent(0, 4, 10).len(), 4);
    assert_ne!(visitor.sent(0, 40, 10), Visitor::new(7, 1, 3).sent(0, 40, 10), "visitors differ");
}
