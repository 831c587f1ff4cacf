//! In: a limit in milliseconds and the caller's clock. Out: whether another block may start.
//! A clock that stands still (edge workers freeze theirs) never ends the budget.
//! Must never read a clock of its own.

/// A deadline under way.
pub struct Budget<'c> {
    clock: &'c mut dyn FnMut() -> f64,
    started: f64,
    limit: Option<f64>,
    block_started: f64,
    block_took: f64,
}

impl<'c> Budget<'c> {
    /// Starts now. `limit` in milliseconds; `None` is no limit.
    pub fn start(limit: Option<f64>, clock: &'c mut dyn FnMut() -> f64) -> Budget<'c> {
        let started = clock();
        Budget { clock, started, limit, block_started: 0.0, block_took: 0.0 }
    }

    /// Milliseconds since the start; 0 if the clock runs backwards or gives NaN.
    pub fn elapsed(&mut self) -> f64 {
        let elapsed = (self.clock)() - self.started;
        if elapsed > 0.0 { elapsed } else { 0.0 }
    }

    /// Whether a block may start: one as long as the block before it must still fit. Not as long as
    /// the longest: one pause of the host's collector would end the ranking.
    pub fn allows_block(&mut self) -> bool {
        let Some(limit) = self.limit else { return true };
        let now = self.elapsed();
        self.block_started = now;
        limit > 0.0 && now + self.block_took <= limit
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
                let allowed = budget.allows_block();
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
}
