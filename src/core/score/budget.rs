//! In: limits in milliseconds and in work units, and the caller's clock. Out: whether a block may start.
//! Edge workers freeze their clocks while they compute: there only the units end a budget.
//! It reads only the caller's clock, and no unit is spent that was not granted: a law of the tests.

/// A deadline under way.
pub struct Budget<'c> {
    clock: &'c mut dyn FnMut() -> f64,
    started: f64,
    /// The latest time that was read.
    latest: f64,
    limit: Option<f64>,
    block_started: f64,
    /// Milliseconds that a block took last.
    pace: Option<f64>,
    granted: Option<u64>,
    spent: u64,
}

impl<'c> Budget<'c> {
    /// Starts now. `limit` in milliseconds; `None` is no limit.
    pub fn start(limit: Option<f64>, clock: &'c mut dyn FnMut() -> f64) -> Budget<'c> {
        let started = clock();
        Budget { clock, started, latest: 0.0, limit, block_started: 0.0, pace: None, granted: None, spent: 0 }
    }

    /// Limits the work as well: in units, which [`crate::model::Plan::units`] counts; `None` is no limit.
    pub fn granting(mut self, units: Option<u64>) -> Budget<'c> {
        self.granted = units;
        self
    }

    /// Milliseconds since the start. A clock that runs backwards, or gives no finite number, stands still:
    /// a block cannot have taken less than nothing.
    pub fn elapsed(&mut self) -> f64 {
        let elapsed = (self.clock)() - self.started;
        if elapsed.is_finite() {
            self.latest = self.latest.max(elapsed);
        }
        self.latest
    }

    /// Units spent so far: never more than were granted.
    pub fn spent(&self) -> u64 {
        self.spent
    }

    /// How many of the next `most` blocks may start as one, at `cost` units each at most.
    ///
    /// One to begin with, whose pace is then known; later as many as fit at that pace into half of the time
    /// that is left, since nothing ends them on their way, but one where one fits. Not at the pace of the
    /// slowest: one pause of the host's collector would end the ranking.
    pub fn blocks(&mut self, most: usize, cost: u64) -> usize {
        let affordable = self.granted.map_or(u64::MAX, |granted| (granted - self.spent) / cost.max(1));
        // Units are counted anew by `spend`, block by block where all together are too dear.
        let most = most.min(usize::try_from(affordable).unwrap_or(usize::MAX)).max(1);
        let Some(limit) = self.limit else { return most };
        let left = limit - self.elapsed();
        match self.pace {
            None => usize::from(left > 0.0),
            Some(pace) if left < pace || left <= 0.0 => 0,
            // A clock that stands still tells no pace: as many as there are.
            Some(pace) => ((left / 2.0 / pace).min(most as f64) as usize).clamp(1, most),
        }
    }

    /// Whether work of some cost in units may start; if so, the units are spent.
    pub fn spend(&mut self, cost: u64) -> bool {
        let spent = self.spent.saturating_add(cost);
        if self.granted.is_some_and(|granted| spent > granted) {
            return false;
        }
        self.spent = spent;
        if self.limit.is_some() {
            self.block_started = self.elapsed();
        }
        true
    }

    /// Notes that the blocks that started last are done.
    pub fn blocks_done(&mut self, blocks: usize) {
        if self.limit.is_some() {
            self.pace = Some((self.elapsed() - self.block_started) / blocks.max(1) as f64);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    /// Blocks that run within a limit, at most 100 of them, and as how many runs; a reading of the clock
    /// takes `step`, a block `took`.
    fn blocks(limit: Option<f64>, step: f64, took: f64) -> [usize; 2] {
        let now = std::cell::Cell::new(0.0);
        let mut clock = || {
            now.set(now.get() + step);
            now.get()
        };
        let mut budget = Budget::start(limit, &mut clock);
        let (mut blocks, mut runs) = (0, 0);
        while blocks < 100 {
            let next = budget.blocks(4, 1);
            if next == 0 || !budget.spend(next as u64) {
                break;
            }
            now.set(now.get() + took * next as f64);
            budget.blocks_done(next);
            blocks += next;
            runs += 1;
        }
        [blocks, runs]
    }

    #[test]
    fn blocks_stop_when_the_next_would_not_fit() {
        assert_eq!(blocks(Some(0.0), 0.0, 1.0), [0, 0]);
        // One for its pace, four in half of the nine that are left, two in half of five, then one and one.
        assert_eq!(blocks(Some(10.0), 0.0, 1.0), [10, 6]);
        assert_eq!(blocks(Some(10.5), 0.0, 3.0), [3, 3]);
        assert_eq!(blocks(Some(1.0), 0.0, 3.0), [1, 1], "nothing is known before the first");
        assert_eq!(blocks(None, 0.0, 1.0), [100, 25]);
    }

    #[test]
    fn no_run_is_longer_than_half_of_the_time_left_but_a_single_block() {
        for tenths in 1..200u32 {
            let (limit, now) = (f64::from(tenths) / 10.0, std::cell::Cell::new(0.0));
            let mut clock = || now.get();
            let mut budget = Budget::start(Some(limit), &mut clock);
            loop {
                let (left, next) = (limit - now.get(), budget.blocks(4, 1));
                if next == 0 {
                    break;
                }
                assert!(next == 1 || next as f64 <= left / 2.0, "{next} blocks of 1 in {left}");
                assert!(budget.spend(next as u64));
                now.set(now.get() + next as f64);
                budget.blocks_done(next);
            }
            assert!(now.get() <= limit.max(1.0), "{} of {limit}", now.get());
        }
    }

    #[test]
    fn frozen_backward_and_nan_clocks_do_not_end_it() {
        for step in [0.0, -5.0, f64::NAN] {
            assert_eq!(blocks(Some(1.0), step, 0.0)[0], 101, "one, then four at a time");
        }
    }

    #[test]
    fn a_clock_that_jumps_back_stands_still_until_it_has_caught_up() {
        let mut readings = [0.0, 8.0, 3.0, f64::INFINITY, f64::NAN, 9.0].into_iter();
        let mut clock = || readings.next().unwrap_or_default();
        let mut budget = Budget::start(None, &mut clock);
        assert_eq!([(); 5].map(|()| budget.elapsed()), [8.0, 8.0, 8.0, 8.0, 9.0]);
    }

    #[test]
    fn units_end_it_where_the_clock_stands_still() {
        let mut clock = || 0.0;
        let mut budget = Budget::start(Some(30.0), &mut clock).granting(Some(10));
        assert_eq!(budget.blocks(4, 6), 1);
        assert!(budget.spend(6));
        assert_eq!(budget.blocks(4, 6), 1, "it may be that the block costs less");
        assert!(!budget.spend(5), "it would not fit");
        assert_eq!(budget.spent(), 6);
        budget.blocks_done(1);
        assert_eq!(budget.blocks(4, 2), 2, "as many as can be paid, whatever they take");
        assert!(budget.spend(4));
        assert!(!budget.spend(u64::MAX));
        assert_eq!(budget.spent(), 10);
    }
}
