//! In: limits in milliseconds and in work units, and the caller's clock. Out: whether a block may start.
//! Edge workers freeze their clocks while they compute: there only the units end a budget.
//! Must never read a clock of its own, nor spend a unit that was not granted.

/// A deadline under way.
pub struct Budget<'c> {
    clock: &'c mut dyn FnMut() -> f64,
    started: f64,
    /// The latest time that was read.
    latest: f64,
    limit: Option<f64>,
    block_started: f64,
    block_took: f64,
    granted: Option<u64>,
    spent: u64,
}

impl<'c> Budget<'c> {
    /// Starts now. `limit` in milliseconds; `None` is no limit.
    pub fn start(limit: Option<f64>, clock: &'c mut dyn FnMut() -> f64) -> Budget<'c> {
        let started = clock();
        Budget {
            clock,
            started,
            latest: 0.0,
            limit,
            block_started: 0.0,
            block_took: 0.0,
            granted: None,
            spent: 0,
        }
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

    /// Whether a block of some cost in units may start; if so, the units are spent.
    ///
    /// A block as long as the block before it must still fit in the time. Not as long as the
    /// longest: one pause of the host's collector would end the ranking.
    pub fn allows_block(&mut self, cost: u64) -> bool {
        let spent = self.spent.saturating_add(cost);
        if self.granted.is_some_and(|granted| spent > granted) {
            return false;
        }
        if let Some(limit) = self.limit {
            let now = self.elapsed();
            self.block_started = now;
            if !(limit > 0.0 && now + self.block_took <= limit) {
                return false;
            }
        }
        self.spent = spent;
        true
    }

    /// Notes that the block allowed last is done.
    pub fn block_done(&mut self) {
        if self.limit.is_some() {
            self.block_took = self.elapsed() - self.block_started;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn blocks(limit: Option<f64>, step: f64) -> usize {
        let mut now = 0.0;
        let mut clock = || {
            now += step;
            now
        };
        let mut budget = Budget::start(limit, &mut clock);
        (0..100)
            .take_while(|_| {
                let allowed = budget.allows_block(1);
                budget.block_done();
                allowed
            })
            .count()
    }

    #[test]
    fn blocks_stop_when_the_next_would_not_fit() {
        assert_eq!(blocks(Some(0.0), 1.0), 0);
        assert_eq!(blocks(Some(10.0), 1.0), 5);
        assert_eq!(blocks(None, 1.0), 100);
    }

    #[test]
    fn frozen_backward_and_nan_clocks_do_not_end_it() {
        assert_eq!(blocks(Some(1.0), 0.0), 100);
        assert_eq!(blocks(Some(1.0), -5.0), 100);
        assert_eq!(blocks(Some(1.0), f64::NAN), 100);
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
        assert!(budget.allows_block(6));
        assert!(!budget.allows_block(5), "it would not fit");
        assert_eq!(budget.spent(), 6);
        assert!(budget.allows_block(4));
        assert!(!budget.allows_block(u64::MAX));
        assert_eq!(budget.spent(), 10);
    }
}
