//! In: candidates, and the gain of taking one given those taken. Out: those with the greatest gain, one by one.
//! Lazily (Minoux 1978): a gain never grows as others are taken, so a candidate whose gain of some steps ago is
//! below the best known now need not be updated. The choices are those of updating all candidates.

use super::similarity::Similarity;

/// The gain of taking a candidate. It does not grow by an update; the lazy search relies on that.
pub(super) trait Gain {
    /// The gain of taking the candidate, by its updates so far.
    fn gain(&self, index: usize) -> f32;
    /// Takes a candidate that is updated by the first `step` that were taken.
    fn take(&mut self, index: usize, step: usize);
    /// Updates a candidate by the one that was taken in a step, and their similarity, −1 to 1.
    fn update(&mut self, index: usize, step: usize, taken: usize, similarity: f32);
    /// Whether no update can change the candidate's gain.
    fn is_final(&self, index: usize) -> bool;
}

/// Takes the first `seeds` candidates as they stand, then the best until there are `top`; of equals the
/// first. Gives those chosen, seeds aside.
pub(super) fn choose<G: Gain>(gain: G, similarity: &Similarity, seeds: usize, top: usize) -> Vec<usize> {
    let n = similarity.len();
    let mut selection =
        Selection { gain, similarity, updated: vec![0; n], gains: vec![0.0; n], taken: Vec::new() };
    // The gain of the first is defined apart from that of the others, so it is looked for by itself.
    selection.refresh();
    let first = if seeds > 0 { None } else { selection.leader() };
    for index in (0..seeds.min(n)).chain(first).take(top) {
        selection.update(index, f32::NEG_INFINITY);
        selection.take(index);
    }
    selection.refresh();
    let mut leader = selection.leader();
    while selection.taken.len() < top
        && let Some(start) = leader
    {
        let (best, next) = selection.best(start);
        selection.take(best);
        leader = next;
    }
    selection.taken.split_off(seeds.min(selection.taken.len()))
}

struct Selection<'a, G> {
    gain: G,
    similarity: &'a Similarity,
    /// By how many of those taken each candidate is updated.
    updated: Vec<usize>,
    /// The gain of each at its last update; −∞ once taken.
    gains: Vec<f32>,
    taken: Vec<usize>,
}

impl<G: Gain> Selection<'_, G> {
    /// Reads the gains of all by their updates so far.
    fn refresh(&mut self) {
        for (index, gain) in self.gains.iter_mut().enumerate() {
            *gain = self.gain.gain(index) + 0.0;
        }
        self.taken.iter().for_each(|&index| self.gains[index] = f32::NEG_INFINITY);
    }

    /// The first of those with the greatest gain at their last update.
    fn leader(&self) -> Option<usize> {
        let mut most = Greatest::NONE;
        self.gains.iter().enumerate().for_each(|(index, &gain)| most.offer(index, gain));
        most.index
    }

    /// The gain of a candidate once it is updated by all that were taken, or by so many that it is below
    /// `floor`.
    fn update(&mut self, index: usize, floor: f32) -> f32 {
        let updated = self.updated[index];
        for (step, &other) in self.taken.iter().enumerate().skip(updated) {
            if self.gain.is_final(index) {
                self.updated[index] = self.taken.len();
                break;
            }
            self.gain.update(index, step, other, self.similarity.between(other, index));
            self.updated[index] = step + 1;
            if self.gain.gain(index) < floor {
                break;
            }
        }
        // -0 is 0: equals must be equal.
        self.gains[index] = self.gain.gain(index) + 0.0;
        self.gains[index]
    }

    /// The candidate of the greatest gain, and the one that seems to be next. Only those are updated that
    /// might be better than the best one known; `start`, the leader, is updated first. A scan beats a
    /// heap here: keeping the heap costs more than it saves.
    fn best(&mut self, start: usize) -> (usize, Option<usize>) {
        let (mut best, mut most) = (start, self.update(start, f32::NEG_INFINITY));
        let mut next = Greatest::NONE;
        for index in 0..self.gains.len() {
            let mut gain = self.gains[index];
            if gain >= most && index != best {
                gain = self.update(index, most);
                if gain > most || gain == most && index < best {
                    next.offer(best, most);
                    (best, most) = (index, gain);
                    continue;
                }
            }
            if index != best {
                next.offer(index, gain);
            }
        }
        (best, next.index)
    }

    fn take(&mut self, index: usize) {
        self.gain.take(index, self.taken.len());
        self.gains[index] = f32::NEG_INFINITY;
        self.taken.push(index);
    }
}

/// The first of the greatest gains offered; none if all are −∞ or NaN.
struct Greatest {
    index: Option<usize>,
    gain: f32,
}

impl Greatest {
    const NONE: Greatest = Greatest { index: None, gain: f32::NEG_INFINITY };

    fn offer(&mut self, index: usize, gain: f32) {
        if gain > self.gain {
            *self = Greatest { index: Some(index), gain };
        }
    }
}
