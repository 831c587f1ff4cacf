//! Laws of snapshots: nothing is lost on the way, and nothing gets in.
use super::*;
use crate::session::snapshot;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn a_snapshot_is_the_session() {
    let rankers = two();
    let cases = (lists(12), acts(12), proptest::collection::vec(0usize..24, 0..3));
    law("snapshot round trip", cases, |(list, acts, stated)| {
        let (one, other) = &mut *rankers.borrow_mut();
        let tags: &[&str] = if stated.is_empty() { &[] } else { &["tea", "night train"] };
        fresh(one, &list, &acts).prefer(tags, &packed(stated.into_iter().map(item)).packed()).unwrap();
        let before = rank(one);
        let full = one.snapshot(Form::Full);
        prop_assert!(full.len() <= limits::SNAPSHOT_BYTES);
        for bytes in [&full, &one.snapshot(Form::Compact)] {
            other.forget();
            set(other, &list);
            other.restore(bytes).unwrap();
            let after = rank(other);
            prop_assert_eq!(&after.order, &before.order);
            prop_assert_eq!(bits(&after.scores), bits(&before.scores));
        }
        other.restore(&full).unwrap();
        prop_assert_eq!(other.snapshot(Form::Full), full);
        Ok(())
    });
}

#[test]
fn any_bytes_decode_or_are_refused() {
    let rankers = two();
    let real = {
        let (ranker, _) = &mut *rankers.borrow_mut();
        let acts: Vec<Act> = (0..20).map(|i| (i % KINDS.len(), i % 24, i as u16)).collect();
        fresh(ranker, &[1, 2, 3], &acts).snapshot(Form::Full)
    };
    let noise = proptest::collection::vec(any::<u8>(), 0..200);
    let damage = proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6);
    law("any bytes decode to a session or a coded error", (noise, damage, 0u8..4), |(noise, damage, way)| {
        let (ranker, _) = &mut *rankers.borrow_mut();
        let mut bytes = if way < 2 { real.clone() } else { noise };
        if way == 1 {
            damage.iter().for_each(|(at, byte)| bytes[at.index(real.len())] = *byte);
        } else if way == 0 {
            bytes.truncate(damage[0].0.index(real.len()));
        }
        if way != 3 {
            // Past the checksum: it keeps accidents out, not malice.
            bytes = snapshot::resealed(&bytes);
        }
        match ranker.restore(&bytes) {
            Ok(()) => {
                prop_assert!(ranker.session().len() <= limits::EVENTS);
                set(ranker, &[1, 2, 3]);
                prop_assert_eq!(rank(ranker).report.tier, Tier::Full);
            }
            Err(error) => prop_assert!(error.code().starts_with("snapshot/"), "{}", error),
        }
        Ok(())
    });
}
