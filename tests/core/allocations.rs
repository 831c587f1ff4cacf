//! Counts the allocations of the hot path: so many a list and a block, none a candidate.
//! On the movies model, as the package runs it; natively, where the allocator can be watched.
#![allow(clippy::unwrap_used, clippy::expect_used)]
#![cfg(not(target_arch = "wasm32"))]

use allocation_counter::measure;
use ranklet::Event;
use ranklet::internals::item::Packer;
use ranklet::{Options, Ranker};

const MODEL: &[u8] = include_bytes!("../../www/movies/movies.onnx");
/// Allocations of one block, its encode stage included, whatever the number of its rows: tensors
/// between operators, and what tract's own checks of them take in builds with debug assertions. With one a
/// candidate it would be 128 more.
const BLOCK: u64 = 155;
/// The same without the encode stage.
const SCORE: u64 = 112;
/// What grows as a list does, by doubling: buffers, the cache's tables.
const GROWTH: u64 = 40;

fn list(ranker: &Ranker, n: usize, round: usize) -> Packer {
    let width = ranker.manifest().vectors.as_ref().map_or(0, |vectors| vectors.width);
    let mut packer = Packer::with_vectors(width);
    for i in 0..n {
        let tags = [format!("genre {}", i % 17), format!("theme {}", i % 230), "Drama".into()];
        let title = format!("Film {i} of {round}");
        packer.push(&format!("{round}/{i}"), &title, &tags, 1.0 / (1.0 + i as f32), &[1990.0, 40.0]);
        if i % 3 == 0 {
            packer.set_vector(&vec![i as i8; width]);
        }
    }
    packer
}

fn ranker() -> Ranker {
    let mut ranker = Ranker::load(MODEL).unwrap();
    ranker.set_packed(&list(&ranker, 40, 0).packed()).unwrap();
    for (i, kind) in ["like", "dislike", "like"].into_iter().enumerate() {
        let event = Event { kind, id: "", at_ms: 1e12 + i as f64, value: f64::NAN };
        assert!(ranker.observe(&event, &format!("0/{}", i * 7)).unwrap());
    }
    ranker
}

/// Allocations of taking a list and of ranking it for the first and the second time.
fn counts(n: usize) -> [u64; 3] {
    let mut ranker = ranker();
    let list = list(&ranker, n, 1);
    let taken = measure(|| ranker.set_packed(&list.packed()).unwrap());
    let mut rank = || {
        let counted = measure(|| {
            let ranking = ranker.rank(&Options::default(), &mut || 0.0);
            assert_eq!(ranking.report.scored, n);
        });
        counted.count_total
    };
    [taken.count_total, rank(), rank()]
}

#[test]
fn a_candidate_costs_no_allocation() {
    let block = Ranker::load(MODEL).unwrap().manifest().block;
    let (few, many) = (counts(4 * block), counts(16 * block));
    let blocks = 12;
    for (what, allowed) in [(0, GROWTH), (1, blocks * BLOCK + GROWTH), (2, blocks * SCORE + GROWTH)] {
        let more = many[what].saturating_sub(few[what]);
        let step = ["set_candidates", "rank", "rank again"][what];
        println!("{step}: {} allocations of {} items, {more} more of {}", few[what], 4 * block, 16 * block);
        assert!(
            more <= allowed,
            "{step}: {more} more allocations for {} more items, at most {allowed}",
            12 * block
        );
    }
}

#[test]
fn within_a_block_more_rows_cost_nothing() {
    let block = Ranker::load(MODEL).unwrap().manifest().block;
    // The last of as many blocks is a quarter full, or full.
    for blocks in [1, 4, 16] {
        let (part, whole) = (counts(blocks * block - block * 3 / 4), counts(blocks * block));
        for what in 0..3 {
            assert!(whole[what] <= part[what] + GROWTH, "{} and {} allocations", part[what], whole[what]);
        }
    }
}
