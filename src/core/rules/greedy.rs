//! In: candidates, and what taking one is worth given those taken. Out: the best one by one.
//! Lazily (Minoux 1978): what one is worth never grows as others are taken, so a candidate whose worth of
//! long ago is below the best known now need not hear of what was taken since. The choices are the same.
//! Must never choose a candidate that has not heard of all that were taken.

use super::likeness::Likeness;

/// What taking a candidate is worth. Must never grow by what it hears.
pub(super) trait Greedy {
    /// What taking the candidate would be worth, by what it has heard.
    fn worth(&self, index: usize) -> f32;
    /// A candidate that has heard of the first `step` taken is taken itself.
    fn take(&mut self, index: usize, step: usize);
    /// A candidate hears of the one that was taken in a step, and how like it is: −1 to 1.
    fn hear(&mut self, index: usize, step: usize, taken: usize, likeness: f32);
    /// Whether nothing that it may hear would change what it is worth.
    fn settled(&self, index: usize) -> bool;
}

/// Takes the first `seeds` candidates as they stand, then the best until there are `top`; of equals the
/// first. Gives those chosen, seeds aside.
pub(super) fn choose<G: Greedy>(greedy: G, likeness: &Likeness, seeds: usize, top: usize) -> Vec<usize> {
    let n = likeness.len();
    let mut choice = Choice { greedy, likeness, heard: vec![0; n], worth: vec![0.0; n], taken: Vec::new() };
    // With nothing taken, worth is another thing than after: the first is looked for by itself.
    choice.weigh();
    let first = if seeds > 0 { None } else { choice.likely() };
    for index in (0..seeds.min(n)).chain(first).take(top) {
        choice.ask(index, f32::NEG_INFINITY);
        choice.take(index);
    }
    choice.weigh();
    let mut likely = choice.likely();
    while choice.taken.len() < top
        && let Some(start) = likely
    {
        let (best, next) = choice.best(start);
        choice.take(best);
        likely = next;
    }
    choice.taken.split_off(seeds.min(choice.taken.len()))
}

struct Choice<'a, G> {
    greedy: G,
    likeness: &'a Likeness,
    /// How many of those taken each candidate has heard of.
    heard: Vec<usize>,
    /// What each was worth by what it had heard; of one taken, nothing is less.
    worth: Vec<f32>,
    taken: Vec<usize>,
}

impl<G: Greedy> Choice<'_, G> {
    /// What all are worth by what they have heard.
    fn weigh(&mut self) {
        for (index, worth) in self.worth.iter_mut().enumerate() {
            *worth = self.greedy.worth(index) + 0.0;
        }
        self.taken.iter().for_each(|&index| self.worth[index] = f32::NEG_INFINITY);
    }

    /// The first of those that seem worth the most.
    fn likely(&self) -> Option<usize> {
        let mut most = Runner::NONE;
        self.worth.iter().enumerate().for_each(|(index, &worth)| most.meet(index, worth));
        most.index
    }

    /// What a candidate is worth when it has heard of all that were taken, or of so many that it is worth
    /// less than `floor`.
    fn ask(&mut self, index: usize, floor: f32) -> f32 {
        let heard = self.heard[index];
        for (step, &other) in self.taken.iter().enumerate().skip(heard) {
            if self.greedy.settled(index) {
                self.heard[index] = self.taken.len();
                break;
            }
            self.greedy.hear(index, step, other, self.likeness.between(other, index));
            self.heard[index] = step + 1;
            if self.greedy.worth(index) < floor {
                break;
            }
        }
        // -0 is 0: equals must be equal.
        self.worth[index] = self.greedy.worth(index) + 0.0;
        self.worth[index]
    }

    /// The candidate worth the most, and the one that seems to be after it. Only those are asked that
    /// might be better than the best one known; `start`, the likely one, is asked first. A scan beats a
    /// heap here: turning the heap costs more than it saves.
    fn best(&mut self, start: usize) -> (usize, Option<usize>) {
        let (mut best, mut most) = (start, self.ask(start, f32::NEG_INFINITY));
        let mut next = Runner::NONE;
        for index in 0..self.worth.len() {
            let mut worth = self.worth[index];
            if worth >= most && index != best {
                worth = self.ask(index, most);
                if worth > most || worth == most && index < best {
                    next.meet(best, most);
                    (best, most) = (index, worth);
                    continue;
                }
            }
            if index != best {
                next.meet(index, worth);
            }
        }
        (best, next.index)
    }

    fn take(&mut self, index: usize) {
        self.greedy.take(index, self.taken.len());
        self.worth[index] = f32::NEG_INFINITY;
        self.taken.push(index);
    }
}

/// The first of the best of those met; nobody who is worth nothing at all.
struct Runner {
    index: Option<usize>,
    worth: f32,
}

impl Runner {
    const NONE: Runner = Runner { index: None, worth: f32::NEG_INFINITY };

    fn meet(&mut self, index: usize, worth: f32) {
        if worth > self.worth {
            *self = Runner { index: Some(index), worth };
        }
    }
}
