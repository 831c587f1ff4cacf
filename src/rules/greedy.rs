//! In: candidates, and what taking one is worth given those taken. Out: the best one by one.
//! Lazily (Minoux 1978): what one is worth never grows as others are taken, so a candidate whose worth of
//! long ago is below the best known now need not hear of what was taken since. The choices are the same.
//! Must never choose a candidate that has not heard of all that were taken.

use super::diversity::Likeness;
use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;

/// What taking a candidate is worth. Must never grow by what it hears.
pub(super) trait Greedy {
    /// What taking the candidate would be worth, by what it has heard.
    fn worth(&self, index: usize) -> f32;
    /// A candidate that has heard of the first `step` taken is taken itself.
    fn take(&mut self, index: usize, step: usize);
    /// A candidate hears of the one that was taken in a step, and how like it is: −1 to 1.
    fn hear(&mut self, index: usize, step: usize, taken: usize, likeness: f32);
}

/// A candidate with what it was worth when it last heard.
#[derive(PartialEq)]
struct Bound {
    worth: f32,
    index: usize,
}

impl Eq for Bound {}

impl Ord for Bound {
    /// The first of equals is the best.
    fn cmp(&self, other: &Bound) -> Ordering {
        self.worth.total_cmp(&other.worth).then(other.index.cmp(&self.index))
    }
}

impl PartialOrd for Bound {
    fn partial_cmp(&self, other: &Bound) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Takes the first `seeds` candidates as they stand, then the best until there are `top`. Gives those
/// chosen, seeds aside.
pub(super) fn choose(mut greedy: impl Greedy, likeness: &Likeness, seeds: usize, top: usize) -> Vec<usize> {
    let n = likeness.len();
    let mut taken: Vec<usize> = Vec::new();
    let mut heard = vec![0; n];
    let mut hear = |greedy: &mut dyn Greedy, index: usize, taken: &[usize]| {
        for (step, &other) in taken.iter().enumerate().skip(heard[index]) {
            greedy.hear(index, step, other, likeness.between(other, index));
        }
        std::mem::replace(&mut heard[index], taken.len()) == taken.len()
    };
    // With nothing taken, worth is another thing than after: the first is looked for by itself.
    let first = |greedy: &dyn Greedy| (0..n).map(|index| bound(greedy, index)).max().map(|best| best.index);
    let firsts =
        if seeds > 0 { (0..seeds.min(n).min(top)).collect() } else { Vec::from_iter(first(&greedy)) };
    for index in firsts.into_iter().take(top) {
        hear(&mut greedy, index, &taken);
        greedy.take(index, taken.len());
        taken.push(index);
    }
    let rest = (0..n).filter(|index| !taken.contains(index));
    let mut bounds: BinaryHeap<Bound> = rest.map(|index| bound(&greedy, index)).collect();
    while taken.len() < top
        && let Some(mut best) = bounds.peek_mut()
    {
        let index = best.index;
        if hear(&mut greedy, index, &taken) {
            PeekMut::pop(best);
            greedy.take(index, taken.len());
            taken.push(index);
        } else {
            *best = bound(&greedy, index);
        }
    }
    taken.split_off(seeds.min(taken.len()))
}

/// −0 is 0: equals must be equal.
fn bound(greedy: &dyn Greedy, index: usize) -> Bound {
    Bound { worth: greedy.worth(index) + 0.0, index }
}
