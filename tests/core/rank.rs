//! What a ranking promises, on the trained model and real films.
#![allow(clippy::unwrap_used, clippy::expect_used)]
use super::*;
use crate::error::Result;
use crate::event::Event;
use crate::item::Packed;
use crate::item::Packer;
use crate::text::tag_id;
use crate::{limits, order};
use proptest::prelude::*;
use serde::Deserialize;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const MODEL: &[u8] = include_bytes!("../../www/movies/movies.onnx");
const FILMS: &str = include_str!("../../www/movies/films.json");

#[derive(Deserialize)]
struct Film {
    id: u64,
    title: String,
    year: Option<f32>,
    genres: Vec<String>,
    themes: Vec<String>,
    score: Option<f32>,
    popularity: Option<f32>,
}

fn films() -> Vec<Film> {
    serde_json::from_str(FILMS).unwrap()
}

fn push(packer: &mut Packer, id: &str, film: &Film) {
    let tags: Vec<&str> = film.genres.iter().chain(&film.themes).map(String::as_str).collect();
    let absent = |value: Option<f32>| value.unwrap_or(f32::NAN);
    let fields = [absent(film.year), absent(film.popularity)];
    packer.push(id, &film.title, &tags, absent(film.score), &fields);
}

fn packed(n: usize) -> Packer {
    let films = films();
    let mut packer = Packer::default();
    for index in 0..n {
        let film = &films[index % films.len()];
        push(&mut packer, &format!("{}#{}", film.id, index / films.len()), film);
    }
    packer
}

fn ranker(n: usize) -> Ranker {
    let mut ranker = Ranker::load(MODEL).unwrap();
    ranker.set_packed(&packed(n).packed()).unwrap();
    ranker
}

fn rank(ranker: &mut Ranker) -> Ranking {
    ranker.rank(&Options::default(), &mut || 0.0)
}

fn observe(ranker: &mut Ranker, kind: &str, id: &str) -> Result<bool> {
    let at_ms = ranker.session().len() as f64;
    ranker.observe(&Event { kind, id: "", at_ms, value: 1.0 }, id)
}

fn sorted(order: &[u32]) -> Vec<u32> {
    let mut order = order.to_vec();
    order.sort_unstable();
    order
}

/// Mean place of the films that bear a genre.
fn mean_place(ranker: &Ranker, ranking: &Ranking, genre: &str) -> f64 {
    let tag = tag_id(genre).unwrap();
    let bears = |position: &u32| ranker.items().tags(*position as usize).contains(&tag);
    let places: Vec<f64> =
        ranking.order.iter().zip(0..).filter(|(p, _)| bears(p)).map(|(_, place)| f64::from(place)).collect();
    places.iter().sum::<f64>() / places.len() as f64
}

#[test]
fn lists_of_every_size_come_back_whole_and_scored() {
    for n in [0, 1, 127, 128, 129, 500, 1_000] {
        let mut ranker = ranker(n);
        let ranking = rank(&mut ranker);
        assert_eq!(sorted(&ranking.order), (0..n as u32).collect::<Vec<_>>());
        assert_eq!((ranking.report.tier, ranking.report.scored, ranking.report.total), (Tier::Full, n, n));
        assert!(ranking.scores.iter().all(|score| score.is_finite()));
        assert!(ranking.order.is_sorted_by(|&a, &b| {
            order::compare((ranking.scores[a as usize], a), (ranking.scores[b as usize], b)).is_lt()
        }));
    }
}

#[test]
fn ranking_before_any_list_gives_an_empty_one() {
    let mut ranker = Ranker::load(MODEL).unwrap();
    let ranking = rank(&mut ranker);
    assert_eq!((ranking.order.len(), ranking.report.tier), (0, Tier::Full));
}

/// By how many places the other films of a genre move on average after four events on it.
fn moved(kind: &str, genre: &str) -> f64 {
    let bears = |film: &Film| film.genres.iter().any(|own| own == genre);
    let mut ranker = ranker(400);
    let first = rank(&mut ranker);
    let before = mean_place(&ranker, &first, genre);
    for film in films().iter().filter(|film| bears(film)).take(4) {
        assert_eq!(observe(&mut ranker, kind, &format!("{}#0", film.id)), Ok(true));
    }
    let after = rank(&mut ranker);
    mean_place(&ranker, &after, genre) - before
}

#[test]
fn likes_lift_what_is_alike_and_rejections_sink_it() {
    for genre in ["Horror", "Sci-Fi", "Romance", "Children", "War", "Animation"] {
        let [like, dislike, skip] = ["like", "dislike", "skip"].map(|kind| moved(kind, genre));
        assert!(like < -5.0, "{genre}: likes moved it by {like}");
        assert!(dislike > 2.0, "{genre}: dislikes moved it by {dislike}");
        assert!(skip > 0.0, "{genre}: skips moved it by {skip}");
    }
}

#[test]
fn every_event_type_of_the_manifest_changes_the_next_scores() {
    let kinds: Vec<String> = ranker(0).manifest().actions.keys().cloned().collect();
    assert!(
        ["click", "like", "dislike", "skip", "dwell", "impression"]
            .iter()
            .all(|k| kinds.contains(&k.to_string()))
    );
    for kind in kinds {
        let mut ranker = ranker(100);
        let before = rank(&mut ranker).scores;
        assert_eq!(observe(&mut ranker, &kind, "1#0"), Ok(true));
        assert_ne!(before, rank(&mut ranker).scores, "{kind}");
    }
}

#[test]
fn an_item_without_score_and_fields_is_placed_by_title_and_tags() {
    let mut packer = packed(100);
    for (id, tags) in [("new-space", ["Sci-Fi", "space"]), ("new-romance", ["Romance", "wedding"])] {
        packer.push(id, "Untitled", &tags, f32::NAN, &[f32::NAN, f32::NAN]);
    }
    let mut ranker = Ranker::load(MODEL).unwrap();
    ranker.set_packed(&packer.packed()).unwrap();
    let gap = |ranking: &Ranking| ranking.scores[100] - ranking.scores[101];
    let before = rank(&mut ranker);
    assert!(before.scores[100..].iter().all(|score| score.is_finite()));
    for film in films().iter().filter(|film| film.genres.iter().any(|g| g == "Sci-Fi")).take(5) {
        // Films beyond the list are known by what the event carries.
        let mut past = Packer::default();
        push(&mut past, &film.id.to_string(), film);
        ranker.remember(&past.packed()).unwrap();
        observe(&mut ranker, "like", &film.id.to_string()).unwrap();
    }
    let after = rank(&mut ranker);
    assert!(gap(&after) > gap(&before) + 0.05, "{} then {}", gap(&before), gap(&after));
}

#[test]
fn a_rerank_equals_a_ranking_from_scratch() {
    let mut live = ranker(200);
    let mut fresh = ranker(200);
    for (kind, film) in ["like", "skip", "click", "dislike", "impression"].iter().zip(films()) {
        rank(&mut live);
        let id = format!("{}#0", film.id);
        observe(&mut live, kind, &id).unwrap();
        observe(&mut fresh, kind, &id).unwrap();
    }
    let (live, fresh) = (rank(&mut live), rank(&mut fresh));
    assert_eq!(live.order, fresh.order);
    assert_eq!(live.scores, fresh.scores);
}

#[test]
fn forgetting_brings_the_first_order_back() {
    let mut ranker = ranker(200);
    let first = rank(&mut ranker);
    observe(&mut ranker, "like", "1#0").unwrap();
    assert_ne!(rank(&mut ranker).scores, first.scores);
    ranker.forget();
    assert_eq!(rank(&mut ranker).scores, first.scores);
}

#[test]
fn no_budget_gives_the_server_order_and_a_short_one_a_part() {
    let mut ranker = ranker(1_000);
    let run = |ranker: &mut Ranker, budget_ms| {
        let mut now = 0.0;
        let options = Options { budget_ms: Some(budget_ms), ..Options::default() };
        ranker.rank(&options, &mut || {
            now += 1.0;
            now
        })
    };
    let none = run(&mut ranker, 0.0);
    assert_eq!((none.report.tier, none.report.reason, none.report.scored), (Tier::Prior, Some("budget"), 0));
    assert_eq!(none.order, ranker.list.prior_order(ranker.manifest()));
    let some = run(&mut ranker, 9.0);
    assert_eq!((some.report.tier, some.report.reason), (Tier::Partial, Some("budget")));
    let scored = some.report.scored;
    assert!(scored > 0 && scored < 1_000);
    let best: Vec<u32> = sorted(&some.order[..scored]);
    assert_eq!(
        best,
        sorted(&ranker.list.prior_order(ranker.manifest())[..scored]),
        "the best of the prior were scored first"
    );
    assert_eq!(some.order[scored..], ranker.list.prior_order(ranker.manifest())[scored..]);
    assert_eq!(run(&mut ranker, f64::INFINITY).report.tier, Tier::Full);
    for nonsense in [f64::NAN, -1.0] {
        let ranking = run(&mut ranker, nonsense);
        assert_eq!((ranking.report.tier, ranking.report.warnings.len()), (Tier::Prior, 1));
    }
}

#[test]
fn absurd_weights_are_reported_and_the_sane_ones_apply() {
    let mut ranker = ranker(100);
    let mut run = |weights: &[f32]| {
        ranker.rank(&Options { weights: Some(weights.to_vec()), ..Options::default() }, &mut || 0.0)
    };
    let own = run(&[1.0, 0.5]);
    assert!(own.report.warnings.is_empty());
    let absurd: [(&[f32], &[f32]); 4] = [
        (&[], &[1.0, 0.5]),
        (&[f32::NAN, 2.0], &[1.0, 2.0]),
        (&[f32::INFINITY, 0.0, 7.0], &[1.0, 0.0]),
        (&[-1e9, 0.0], &[-limits::WEIGHT, 0.0]),
    ];
    for (given, used) in absurd {
        let ranking = run(given);
        assert_eq!(ranking.report.warnings[0].code, "rank/weights", "{given:?}");
        assert_eq!(ranking.order, run(used).order, "{given:?}");
    }
    assert_ne!(run(&[0.0, 1.0]).order, own.order, "another head gives another order");
}

#[test]
fn a_change_of_mind_counts() {
    let place = |kinds: &[&str]| {
        let mut ranker = ranker(400);
        let film = format!("{}#0", films()[200].id);
        kinds.iter().for_each(|kind| assert_eq!(observe(&mut ranker, kind, &film), Ok(true)));
        let ranking = rank(&mut ranker);
        ranking.order.iter().position(|&position| ranker.items().id(position as usize) == film).unwrap()
    };
    let (none, liked) = (place(&[]), place(&["like"]));
    let (turned, disliked) = (place(&["like", "dislike"]), place(&["dislike"]));
    assert!(liked < none && none < turned, "{liked} < {none} < {turned}");
    assert_eq!(turned, disliked, "a dislike leaves nothing of the like");
}

#[test]
fn impressions_alone_hardly_move_the_list() {
    let mut ranker = ranker(400);
    let before = rank(&mut ranker);
    for &position in &before.order[..60] {
        let id = ranker.items().id(position as usize).to_string();
        observe(&mut ranker, "impression", &id).unwrap();
    }
    let after = rank(&mut ranker);
    let place = |ranking: &Ranking, p: u32| ranking.order.iter().position(|&q| q == p).unwrap() as f64;
    let moved: f64 = (0..400).map(|p| (place(&after, p) - place(&before, p)).powi(2)).sum();
    let spearman = 1.0 - 6.0 * moved / (400.0 * (400.0 * 400.0 - 1.0));
    assert!(spearman > 0.95 && after.scores != before.scores, "{spearman}");
}

#[test]
fn a_refused_event_or_list_leaves_everything_as_it_was() {
    let mut ranker = ranker(100);
    observe(&mut ranker, "like", "1#0").unwrap();
    let before = rank(&mut ranker).order;
    assert_eq!(observe(&mut ranker, "like", "no such").unwrap_err().code(), "event/unknown-item");
    assert_eq!(observe(&mut ranker, "yodel", "1#0").unwrap_err().code(), "event/unknown-type");
    let broken = Packed { tag_counts: &[1], ..Packed::default() };
    assert_eq!(ranker.set_packed(&broken).unwrap_err().code(), "candidates/malformed");
    assert_eq!(ranker.remember(&broken).unwrap_err().code(), "candidates/malformed");
    assert_eq!((ranker.session().len(), rank(&mut ranker).order), (1, before));
}

#[test]
fn remembered_items_are_bounded() {
    let mut ranker = Ranker::load(MODEL).unwrap();
    let n = limits::REMEMBERED_ITEMS;
    ranker.remember(&packed(n + 1).packed()).unwrap();
    assert_eq!(ranker.remembered.len(), n);
    let first = films()[0].id;
    assert!(observe(&mut ranker, "like", &format!("{first}#0")).is_err(), "the oldest fell out");
    ranker.remember(&packed(2).packed()).unwrap();
    assert_eq!((ranker.remembered.len(), observe(&mut ranker, "like", &format!("{first}#0"))), (n, Ok(true)));
}

#[test]
fn probabilities_are_probabilities_and_follow_the_head() {
    let mut ranker = ranker(100);
    let ranking = ranker.rank(&Options { weights: Some(vec![1.0, 0.0]), ..Options::default() }, &mut || 0.0);
    let engage = ranker.probabilities(&ranking, 0);
    assert!(engage.iter().all(|p| (0.0..=1.0).contains(p)));
    let best = ranking.order[0] as usize;
    assert!(engage.iter().all(|p| *p <= engage[best]));
    assert!(ranker.probabilities(&ranking, 9).iter().all(|p| p.is_nan()));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]
    #[test]
    fn any_list_and_events_give_a_permutation(
        items in proptest::collection::vec((any::<u32>(), ".{0,12}", any::<u32>(), any::<u32>()), 0..40),
        events in proptest::collection::vec((0usize..40, 0usize..12, any::<f64>()), 0..12),
        budget in proptest::option::of(any::<f64>()),
    ) {
        let mut packer = Packer::default();
        for (index, (score, text, year, popularity)) in items.iter().enumerate() {
            let fields = [f32::from_bits(*year), f32::from_bits(*popularity)];
            packer.push(&index.to_string(), text, &[text], f32::from_bits(*score), &fields);
        }
        let mut ranker = Ranker::load(MODEL).unwrap();
        ranker.set_packed(&packer.packed()).unwrap();
        let kinds: Vec<String> = ranker.manifest().actions.keys().cloned().collect();
        for (item, kind, at_ms) in events {
            let event = Event { kind: &kinds[kind], id: "", at_ms, value: 0.5 };
            let _ = ranker.observe(&event, &item.to_string());
        }
        let ranking = ranker.rank(&Options { budget_ms: budget, ..Options::default() }, &mut || 0.0);
        prop_assert_eq!(sorted(&ranking.order), (0..items.len() as u32).collect::<Vec<_>>());
    }
}

#[test]
fn the_committed_model_runs_the_rows_at_a_lists_end_without_padding() {
    assert_eq!(crate::model::Plan::load(MODEL).unwrap().any_row_count(), [Some(true), Some(true)]);
}

#[test]
fn what_the_visitor_alone_makes_is_computed_once_and_blocks_run_together() {
    let plan = crate::model::Plan::load(MODEL).unwrap();
    let [once, rows] = plan.operators();
    assert!(once.len() > 10 && !rows.contains(&"Transpose".to_string()), "{once:?}, {rows:?}");
    assert_eq!(plan.most_rows(), [512, 512]);
    assert_eq!(plan.units(3, 0), 3 * plan.units(1, 0));
}

#[test]
fn scores_are_the_same_to_the_bit_however_many_blocks_run_as_one() {
    let scores = |limit: Option<f64>| {
        let mut ranker = ranker(700);
        for (index, kind) in ["like", "click", "dislike", "impression"].into_iter().enumerate() {
            let id = ranker.items().id(index * 31).to_string();
            observe(&mut ranker, kind, &id).unwrap();
        }
        let ranking = ranker.rank(&Options { budget_ms: limit, ..Options::default() }, &mut || 0.0);
        assert_eq!(ranking.report.tier, Tier::Full);
        ranking.scores.iter().map(|score| score.to_bits()).collect::<Vec<u32>>()
    };
    // 512 and 188 rows; with a limit, whose pace the first block tells, 128, 512 and 60.
    assert_eq!(scores(None), scores(Some(1e9)));
}
