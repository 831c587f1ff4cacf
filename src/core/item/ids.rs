//! In: where each item's id is in a list's text. Out: [`Ids`]: the positions that hold an id.
//! Sorted by a hash; ids of one hash are parted by another, so that no choice of ids makes a list slow.
//! Ids are compared in full: equal hashes do not make two ids one.

/// Multipliers of the two hashes: odd, their bits without order.
const FIRST: u64 = 0x9E37_79B9_7F4A_7C15;
const SECOND: u64 = 0xD6E8_FEB8_6659_FD93;

/// The ids of a list.
#[derive(Debug, Clone, Default)]
pub(super) struct Ids {
    spans: Vec<(u32, u32)>,
    /// Hash above, position below.
    sorted: Vec<u64>,
    repeated: Vec<u32>,
}

fn text_at<'t>(text: &'t str, span: Option<&(u32, u32)>) -> &'t str {
    span.and_then(|&(start, end)| text.get(start as usize..end as usize)).unwrap_or_default()
}

fn hash_of(entry: u64) -> u32 {
    (entry >> 32) as u32
}

impl Ids {
    /// Takes where the ids are in `text`.
    pub fn of(text: &str, spans: Vec<(u32, u32)>) -> Ids {
        let id = |position: u32| text_at(text, spans.get(position as usize));
        let entry =
            |position: u32, multiplier| u64::from(hash(id(position), multiplier)) << 32 | u64::from(position);
        let mut sorted: Vec<u64> = (0..spans.len() as u32).map(|position| entry(position, FIRST)).collect();
        sorted.sort_unstable();
        let mut repeated = Vec::new();
        for run in sorted.chunk_by(|a, b| hash_of(*a) == hash_of(*b)).filter(|run| run.len() > 1) {
            let mut again: Vec<u64> = run.iter().map(|&other| entry(other as u32, SECOND)).collect();
            again.sort_unstable();
            for same in again.chunk_by(|a, b| hash_of(*a) == hash_of(*b)) {
                let later = same.iter().enumerate().skip(1);
                let known = later.filter(|(at, own)| {
                    same.iter().take(*at).any(|&other| id(other as u32) == id(**own as u32))
                });
                repeated.extend(known.map(|(_, &own)| own as u32));
            }
        }
        repeated.sort_unstable();
        Ids { spans, sorted, repeated }
    }

    /// The id at a position; empty beyond the end.
    pub fn at<'t>(&self, text: &'t str, position: usize) -> &'t str {
        text_at(text, self.spans.get(position))
    }

    /// The positions that hold an id, ascending.
    pub fn find<'a>(&'a self, text: &'a str, id: &'a str) -> impl Iterator<Item = usize> + 'a {
        let wanted = hash(id, FIRST);
        let start = self.sorted.partition_point(|&entry| hash_of(entry) < wanted);
        let rest = self.sorted.get(start..).unwrap_or_default().iter();
        let run =
            rest.take_while(move |&&entry| hash_of(entry) == wanted).map(|&entry| entry as u32 as usize);
        run.filter(move |&position| self.at(text, position) == id)
    }

    /// Positions whose id an earlier one has, ascending.
    pub fn repeated(&self) -> &[u32] {
        &self.repeated
    }
}

/// A quick hash of a few bytes; only speed depends on it. Ids often differ in their last digits alone, so
/// that every bit read must reach every bit of the end.
fn hash(text: &str, multiplier: u64) -> u32 {
    let mix = |hash: u64, four: u32| (hash.rotate_left(23) ^ u64::from(four)).wrapping_mul(multiplier);
    let (fours, rest) = text.as_bytes().as_chunks::<4>();
    let hash = fours.iter().fold(text.len() as u64, |hash, four| mix(hash, u32::from_le_bytes(*four)));
    let rest = rest.iter().fold(0, |rest, &byte| rest << 8 | u32::from(byte));
    let hash = mix(hash, rest);
    ((hash ^ hash >> 32).wrapping_mul(multiplier) >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn ids(list: &[String]) -> (String, Ids) {
        let (mut text, mut spans) = (String::new(), Vec::new());
        for id in list {
            spans.push((text.len() as u32, (text.len() + id.len()) as u32));
            text.push_str(id);
        }
        let ids = Ids::of(&text, spans);
        (text, ids)
    }

    /// Two strings with the same hash: among so many there are some five pairs.
    fn colliding() -> [String; 2] {
        let mut known = std::collections::HashMap::new();
        for i in 0..200_000 {
            let id = format!("item {i}");
            if let Some(other) = known.insert(hash(&id, FIRST), id.clone()) {
                return [other, id];
            }
        }
        [String::new(), String::new()]
    }

    #[test]
    fn numbered_ids_hardly_ever_share_a_hash() {
        for prefix in ["", "1/", "item-", "https://shop.example/p/"] {
            let hashes: std::collections::HashSet<u32> =
                (0..10_000).map(|i| hash(&format!("{prefix}{i}"), FIRST)).collect();
            assert!(hashes.len() > 9_995, "{prefix}: {}", hashes.len());
        }
    }

    #[test]
    fn ids_of_one_hash_are_told_apart() {
        let [a, b] = colliding();
        assert_eq!(hash(&a, FIRST), hash(&b, FIRST));
        assert_ne!(a, b);
        let (text, ids) = ids(&[b.clone(), a.clone(), b.clone(), "x".into(), a.clone()]);
        assert_eq!(ids.find(&text, &a).collect::<Vec<_>>(), [1, 4]);
        assert_eq!(ids.find(&text, &b).collect::<Vec<_>>(), [0, 2]);
        assert_eq!(ids.repeated(), [2, 4]);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]
        #[test]
        fn positions_are_those_of_a_scan(list in proptest::collection::vec("[ab]{1,3}", 0..40), id in "[ab]{0,3}") {
            let (text, ids) = ids(&list);
            let scan: Vec<usize> = (0..list.len()).filter(|&at| list[at] == id).collect();
            prop_assert_eq!(ids.find(&text, &id).collect::<Vec<_>>(), scan);
            let later = (0..list.len()).filter(|&at| list[..at].contains(&list[at])).map(|at| at as u32);
            prop_assert_eq!(ids.repeated(), later.collect::<Vec<_>>());
        }
    }
}
