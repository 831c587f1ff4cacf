//! In: values of one quantity over the training lists. Out: [`Scaler`], by which it is standardised.
//! Features carry it in the manifest; what only the trainer reads is scaled by the same rule.

/// Mean and standard deviation of a quantity.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scaler {
    pub mean: f32,
    /// Standard deviation, never below the floor that it was fitted with.
    pub scale: f32,
}

impl Scaler {
    /// Of values that are finite; mean 0 and scale 1 if there are none. `floor` is the least scale.
    pub fn fit(values: impl Iterator<Item = f32>, floor: f32) -> Scaler {
        let values: Vec<f64> = values.filter(|v| v.is_finite()).map(f64::from).collect();
        if values.is_empty() {
            return Scaler { mean: 0.0, scale: 1.0 };
        }
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n;
        Scaler { mean: mean as f32, scale: (variance.sqrt() as f32).max(floor) }
    }
}
