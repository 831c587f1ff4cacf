//! In: variables, a loss. Out: the variables a step further: AdamW, with a learning rate that warms up and falls.
//! The schedule depends on the number of steps alone, so that less effort is the same training, shorter.

use crate::train::hyperparameters::TowerParams;
use candle_core::{Result, Tensor, Var};
use candle_nn::{AdamW, Optimizer, ParamsAdamW};

/// AdamW with a learning rate that warms up over the first tenth of the steps and then falls by a cosine to a
/// hundredth of its peak.
pub struct Optimiser {
    inner: AdamW,
    peak: f64,
    steps: usize,
}

impl Optimiser {
    /// # Errors
    /// As candle.
    pub fn new(params: &TowerParams, variables: Vec<Var>) -> Result<Optimiser> {
        let (lr, weight_decay) = (params.learning_rate, params.weight_decay);
        let inner = AdamW::new(variables, ParamsAdamW { lr, weight_decay, ..ParamsAdamW::default() })?;
        Ok(Optimiser { inner, peak: lr, steps: params.steps })
    }

    /// Sets the rate of step number `step`, counted from 1.
    pub fn begin(&mut self, step: usize) {
        let share = step as f64 / self.steps as f64;
        let warm = (share * 10.0).min(1.0);
        let fall = 0.01 + 0.99 * 0.5 * (1.0 + (share * std::f64::consts::PI).cos());
        self.inner.set_learning_rate(self.peak * warm * fall);
    }

    /// Takes a step against the loss's gradient.
    ///
    /// # Errors
    /// As candle.
    pub fn descend(&mut self, loss: &Tensor) -> Result<()> {
        self.inner.backward_step(loss)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::train::hyperparameters;

    #[test]
    fn the_rate_warms_up_and_falls_to_a_hundredth() {
        let params = TowerParams { steps: 100, learning_rate: 1.0, ..hyperparameters::engage() };
        let mut optimiser = Optimiser::new(&params, Vec::new()).unwrap();
        let mut rate = |step| {
            optimiser.begin(step);
            optimiser.inner.learning_rate()
        };
        assert!(rate(1) < 0.11 && rate(10) > 0.95 && rate(50) < rate(10));
        assert!((rate(100) - 0.01).abs() < 1e-9);
    }
}
