//! Diversity against its definitions, written naively.
use super::*;
use crate::laws::law;
use proptest::prelude::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const WIDTH: usize = 5;

fn cosine(a: &[f32], b: &[f32]) -> f64 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>();
    let norm = (dot(a, a) * dot(b, b)).sqrt();
    if norm > 0.0 { dot(a, b) / norm } else { 0.0 }
}

/// Determinant by elimination.
fn determinant(mut m: Vec<Vec<f64>>) -> f64 {
    let mut product = 1.0;
    for k in 0..m.len() {
        let pivot = (k..m.len()).max_by(|&a, &b| m[a][k].abs().total_cmp(&m[b][k].abs())).unwrap();
        if pivot != k {
            m.swap(pivot, k);
            product = -product;
        }
        product *= m[k][k];
        if m[k][k] == 0.0 {
            return 0.0;
        }
        for row in k + 1..m.len() {
            let factor = m[row][k] / m[k][k];
            let above = m[k].clone();
            m[row].iter_mut().zip(above).skip(k).for_each(|(to, from)| *to -= factor * from);
        }
    }
    product
}

fn relevance(scores: &[f32]) -> Vec<f64> {
    let low = scores.iter().copied().fold(f32::INFINITY, f32::min);
    let high = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let scaled = |s: &f32| if high > low { f64::from(s - low) / f64::from(high - low) } else { 1.0 };
    scores.iter().map(scaled).collect()
}

fn list(n: usize, scores: Vec<f32>, vectors: Vec<f32>) -> List {
    List { scores, vectors, width: WIDTH, ..List::of(&vec![&[][..]; n]) }
}

/// What each choice was worth by the definition, against the best that there was.
fn regrets(order: &[u32], top: usize, worth: impl Fn(&[u32], u32) -> f64) -> Vec<f64> {
    let steps = 0..top.min(order.len());
    let regret = |step: usize| {
        let (chosen, left) = order.split_at(step);
        let best = left.iter().map(|&c| worth(chosen, c)).fold(f64::NEG_INFINITY, f64::max);
        best - worth(chosen, left[0])
    };
    steps.map(regret).collect()
}

type Case = ((Vec<f32>, Vec<f32>), f32, u32);

/// Scores and vectors of up to `most` items, a weight of relevance up to `relevance`, and a top.
fn cases(most: usize, relevance: f32) -> impl Strategy<Value = Case> {
    let rows = (1..most).prop_flat_map(|n| {
        (proptest::collection::vec(-5f32..5.0, n), proptest::collection::vec(-1f32..1.0, n * WIDTH))
    });
    (rows, 0f32..=relevance, 1..most as u32)
}

fn diversified(method: &str, ((scores, vectors), relevance, top): &Case) -> Vec<u32> {
    let rules =
        json!([{"rule": "diversity", "method": method, "top": top, "pool": 20, "relevance": relevance}]);
    list(scores.len(), scores.clone(), vectors.clone()).apply(&rules).order
}

#[test]
fn mmr_takes_what_its_formula_says() {
    law("rules: mmr takes what its formula says", cases(12, 1.0), |case| {
        let order = diversified("mmr", &case);
        let ((scores, vectors), lambda, top) = case;
        let relevance = relevance(&scores);
        let vector = |p: u32| &vectors[p as usize * WIDTH..(p as usize + 1) * WIDTH];
        let regrets = regrets(&order, top as usize, |chosen, c| {
            let nearest =
                chosen.iter().map(|&j| cosine(vector(c), vector(j))).fold(f64::NEG_INFINITY, f64::max);
            let (lambda, relevance) = (f64::from(lambda), relevance[c as usize]);
            if chosen.is_empty() { relevance } else { lambda * relevance - (1.0 - lambda) * nearest }
        });
        prop_assert!(regrets.iter().all(|regret| *regret < 1e-5), "{:?}", regrets);
        Ok(())
    });
}

/// Scores, and for each item some of so many tags.
fn tagged(most: usize) -> impl Strategy<Value = (Vec<f32>, Vec<Vec<u16>>)> {
    (1..most, prop_oneof![Just(4u16), Just(200)]).prop_flat_map(|(n, kinds)| {
        let tags = proptest::collection::vec(proptest::collection::vec(0..kinds, 0..6), n);
        (proptest::collection::vec(-5f32..5.0, n), tags)
    })
}

/// What MMR over tags lost against its formula, choice by choice.
fn regrets_over_tags(scores: &[f32], tags: &[Vec<u16>], lambda: f32, top: u32) -> Vec<f64> {
    let names: Vec<Vec<String>> = tags.iter().map(|tags| tags.iter().map(u16::to_string).collect()).collect();
    let rows: Vec<Vec<&str>> = names.iter().map(|names| names.iter().map(String::as_str).collect()).collect();
    let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
    let list = List { scores: scores.to_vec(), ..List::of(&rows) };
    let rules = json!([
        {"rule": "diversity", "method": "mmr", "top": top, "pool": 100, "relevance": lambda, "over": "tags"}
    ]);
    let order = list.apply(&rules).order;
    let relevance = relevance(scores);
    let set = |p: u32| tags[p as usize].iter().collect::<std::collections::BTreeSet<_>>();
    let cosine = |a: u32, b: u32| {
        let (a, b) = (set(a), set(b));
        let sizes = (a.len() * b.len()) as f64;
        if sizes > 0.0 { a.intersection(&b).count() as f64 / sizes.sqrt() } else { 0.0 }
    };
    regrets(&order, top as usize, |chosen, c| {
        let nearest = chosen.iter().map(|&j| cosine(c, j)).fold(f64::NEG_INFINITY, f64::max);
        let (lambda, relevance) = (f64::from(lambda), relevance[c as usize]);
        if chosen.is_empty() { relevance } else { lambda * relevance - (1.0 - lambda) * nearest }
    })
}

#[test]
fn mmr_over_tags_takes_what_its_formula_says() {
    let cases = (tagged(12), 0f32..=1.0, 1u32..12);
    law("rules: mmr over tags takes what its formula says", cases, |((scores, tags), lambda, top)| {
        let regrets = regrets_over_tags(&scores, &tags, lambda, top);
        prop_assert!(regrets.iter().all(|regret| *regret < 1e-5), "{:?}", regrets);
        Ok(())
    });
    // More tags that several items have than there are bits.
    let tags: Vec<Vec<u16>> =
        (0..60).map(|i: u16| (0..24).map(|j| (i * 37 + j * j * 11) % 700).collect()).collect();
    let scores: Vec<f32> = (0..60).map(|i| (i * 17 % 60) as f32).collect();
    let regrets = regrets_over_tags(&scores, &tags, 0.4, 50);
    assert!(regrets.iter().all(|regret| *regret < 1e-5), "{regrets:?}");
}

#[test]
fn dpp_takes_what_grows_the_determinant_most() {
    law("rules: dpp takes what grows the determinant most", cases(9, 0.9), |case| {
        let order = diversified("dpp", &case);
        let ((scores, vectors), theta, top) = case;
        let relevance = relevance(&scores);
        let alpha = f64::from(theta) / (2.0 * (1.0 - f64::from(theta)));
        let vector = |p: u32| &vectors[p as usize * WIDTH..(p as usize + 1) * WIDTH];
        let kernel = |a: u32, b: u32| {
            let like = if a == b { 1.0 } else { 0.95 * cosine(vector(a), vector(b)) };
            (alpha * (relevance[a as usize] + relevance[b as usize])).exp() * like
        };
        let log_det = |set: &[u32]| {
            determinant(set.iter().map(|&a| set.iter().map(|&b| kernel(a, b)).collect()).collect()).ln()
        };
        let regrets = regrets(&order, top as usize, |chosen, c| log_det(&[chosen, &[c]].concat()));
        prop_assert!(regrets.iter().all(|regret| *regret < 2e-3), "{:?}", regrets);
        Ok(())
    });
}

#[test]
fn missing_vectors_are_like_nothing_and_tags_stand_in_for_a_model_without() {
    let diversity = |method: &str, over: &str| json!([{"rule": "diversity", "method": method, "top": 3, "relevance": 0.3, "over": over}]);
    for method in ["mmr", "dpp"] {
        let mut vectors = vec![0.0; 4 * WIDTH];
        vectors[0] = 1.0;
        vectors[WIDTH] = 2.0; // the direction of the first
        let mut list = list(4, vec![4.0, 3.9, 2.0, 1.0], vectors);
        assert_eq!(list.apply(&diversity(method, "auto")).order[..2], [0, 2], "{method}");
        list.vectors.iter_mut().for_each(|value| *value = f32::MAX);
        assert_eq!(list.apply(&diversity(method, "vectors")).order.len(), 4, "{method}: overflow");
    }
    let tagged = List::of(&[&["x", "y"], &["x", "y"], &["z"], &[]]);
    for method in ["mmr", "dpp"] {
        assert_eq!(tagged.apply(&diversity(method, "auto")).order[..2], [0, 2], "{method}");
        assert_eq!(tagged.apply(&diversity(method, "vectors")).reports[0].code, Some("rules/infeasible"));
    }
}

#[test]
fn more_relevance_is_less_diversity() {
    let tagged = List::of(&[&["x"], &["x"], &["x"], &["y"]]);
    let place = |relevance: f32| {
        let rules = json!([{"rule": "diversity", "method": "mmr", "top": 3, "relevance": relevance}]);
        tagged.apply(&rules).order.iter().position(|p| *p == 3).unwrap()
    };
    assert_eq!([0.0, 0.3, 1.0].map(place), [1, 1, 3]);
}

#[test]
fn the_top_keeps_away_from_what_is_pinned_into_it() {
    let tagged = List::of(&[&["x"], &["x"], &["y"], &["x"]]);
    let rules = json!([
        {"rule": "pin", "id": "d", "slot": 0},
        {"rule": "diversity", "method": "mmr", "top": 2, "relevance": 0.3}
    ]);
    assert_eq!(tagged.apply(&rules).order[..2], [3, 2]);
}

#[test]
fn of_equals_the_first_is_taken_and_all_are_taken_once() {
    for method in ["mmr", "dpp"] {
        for relevance in [0.0, 0.7] {
            let rule = json!([{"rule": "diversity", "method": method, "top": 9, "relevance": relevance}]);
            let alike = list(9, vec![1.0; 9], [1.0, 0.0, 0.0, 0.0, 0.0].repeat(9));
            assert_eq!(alike.apply(&rule).order, Vec::from_iter(0..9), "{method}");
            let pairs: Vec<f32> =
                (0..8).flat_map(|p| (0..WIDTH).map(move |d| f32::from(d == p / 2))).collect();
            let order = list(8, vec![1.0; 8], pairs).apply(&rule).order;
            assert_eq!(order, [0, 2, 4, 6, 1, 3, 5, 7], "{method}: one of each pair, then the others");
        }
    }
}
