//! In: f32 weights, ranges of activations. Out: int8 weights with a scale a row or column, 8-bit steps.
//! Weights symmetric: `w ≈ q · scale`, `q` in -127..=127, `scale = max|w| / 127`. Activations in u8 with
//! a zero point, as ONNX's QuantizeLinear has them. Must never touch the server score's own path.

use candle_core::{Result, Tensor};
use std::collections::BTreeMap;

/// Which lines of a matrix share a scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Axis {
    /// One scale a row: tables, where a row is read at a time.
    Row,
    /// One scale a column: layers, where a column is an output channel.
    Column,
}

/// An int8 matrix.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantised {
    /// Rows and columns.
    pub shape: [usize; 2],
    /// Row-major values.
    pub data: Vec<i8>,
    /// One scale a row or a column.
    pub scales: Vec<f32>,
    /// Which.
    pub axis: Axis,
}

impl Quantised {
    /// Quantises a matrix.
    pub fn of(values: &[f32], shape: [usize; 2], axis: Axis) -> Quantised {
        let [rows, columns] = shape;
        let line = |index: usize| match axis {
            Axis::Row => index / columns,
            Axis::Column => index % columns,
        };
        let lines = match axis {
            Axis::Row => rows,
            Axis::Column => columns,
        };
        let mut scales = vec![0f32; lines];
        for (index, value) in values.iter().enumerate() {
            let scale = &mut scales[line(index)];
            *scale = scale.max(value.abs() / 127.0);
        }
        // ONNX wants positive scales; a line of zeros may have any.
        scales.iter_mut().filter(|scale| **scale == 0.0).for_each(|scale| *scale = 1.0);
        let quantise = |(index, value): (usize, &f32)| (value / scales[line(index)]).round_ties_even() as i8;
        let data = values.iter().enumerate().map(quantise).collect();
        Quantised { shape, data, scales, axis }
    }

    /// Quantises a layer's weights `[inputs, outputs]`, a scale an output.
    ///
    /// # Errors
    /// As candle.
    pub fn of_layer(weight: &Tensor) -> Result<Quantised> {
        let (rows, columns) = weight.dims2()?;
        Ok(Quantised::of(&weight.flatten_all()?.to_vec1::<f32>()?, [rows, columns], Axis::Column))
    }

    /// The values that the int8 ones stand for.
    pub fn values(&self) -> Vec<f32> {
        let columns = self.shape[1];
        let scale = |index: usize| match self.axis {
            Axis::Row => self.scales[index / columns],
            Axis::Column => self.scales[index % columns],
        };
        self.data.iter().enumerate().map(|(index, &q)| f32::from(q) * scale(index)).collect()
    }
}

/// Eight unsigned bits for an activation: `x ≈ (q - zero) · scale`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Activation {
    /// One step.
    pub scale: f32,
    /// The step that stands for 0.
    pub zero: u8,
}

impl Activation {
    /// Steps for a range seen in calibration, widened to hold 0.
    pub fn of(low: f32, high: f32) -> Activation {
        let (low, high) = (low.min(0.0), high.max(0.0));
        let scale = ((high - low) / 255.0).max(1e-6);
        Activation { scale, zero: (-low / scale).round_ties_even().clamp(0.0, 255.0) as u8 }
    }

    /// The nearest step of a value, less the zero point: a whole number.
    pub fn step(self, x: f32) -> f32 {
        let zero = f32::from(self.zero);
        ((x / self.scale).round_ties_even() + zero).clamp(0.0, 255.0) - zero
    }
}

/// One value in so many is kept for calibration; a prime, so that columns take turns.
const STRIDE: usize = 7;
/// Values kept, at most.
const KEPT: usize = 200_000;
/// Shares of the range seen that are tried as the range kept.
const SHARES: [f32; 13] = [1.0, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6, 0.55, 0.5, 0.45, 0.4];

/// What values a layer's input took.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Range {
    low: f32,
    high: f32,
    passed: usize,
    sample: Vec<f32>,
    highs: Vec<f32>,
    together: Vec<f64>,
}

/// Ranges by layer.
pub type Seen = BTreeMap<String, Range>;

impl Range {
    /// Notes some rows of so many columns.
    pub fn note(&mut self, values: &[f32], columns: usize) {
        self.highs.resize(columns, f32::NEG_INFINITY);
        let size = columns + 1;
        self.together.resize(size * size, 0.0);
        for row in values.chunks_exact(columns.max(1)).filter(|row| row.iter().all(|value| value.is_finite()))
        {
            self.highs.iter_mut().zip(row).for_each(|(high, &value)| *high = high.max(value));
            let with_one = || row.iter().map(|&value| f64::from(value)).chain([1.0]);
            for (sums, own) in self.together.chunks_exact_mut(size).zip(with_one()) {
                sums.iter_mut().zip(with_one()).for_each(|(sum, other)| *sum += own * other);
            }
        }
        for &value in values.iter().filter(|value| value.is_finite()) {
            (self.low, self.high) = (self.low.min(value), self.high.max(value));
            if self.passed.is_multiple_of(STRIDE) && self.sample.len() < KEPT {
                self.sample.push(value);
            }
            self.passed += 1;
        }
    }

    /// The largest value of each column.
    pub fn highs(&self) -> &[f32] {
        &self.highs
    }

    /// Sums over rows of products of two columns, `[columns + 1, columns + 1]`; the last one is 1 in each row.
    pub fn together(&self) -> &[f64] {
        &self.together
    }

    /// The steps that round the values seen with the least squared error: a few large values may be cut
    /// off, so that the many small ones have finer steps.
    #[must_use]
    pub fn activation(&self) -> Activation {
        let tried = SHARES.map(|share| Activation::of(self.low * share, self.high * share));
        let error = |activation: &Activation| -> f64 {
            let one = |&x: &f32| f64::from(activation.step(x) * activation.scale - x).powi(2);
            self.sample.iter().chain([&self.low, &self.high]).map(one).sum()
        };
        let [widest, ..] = tried;
        let least = tried.into_iter().min_by(|a, b| error(a).total_cmp(&error(b)));
        least.unwrap_or(widest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_moves_by_at_most_half_a_step_of_its_line() {
        let values: Vec<f32> = (0..60).map(|i| ((i * 37) % 101) as f32 / 10.0 - 5.0).collect();
        for axis in [Axis::Row, Axis::Column] {
            let quantised = Quantised::of(&values, [6, 10], axis);
            for (index, (value, back)) in values.iter().zip(quantised.values()).enumerate() {
                let line = if axis == Axis::Row { index / 10 } else { index % 10 };
                assert!((value - back).abs() <= quantised.scales[line] * 0.500_1, "{index}");
            }
        }
    }

    #[test]
    fn calibration_cuts_a_rare_peak_and_keeps_an_even_range() {
        let even: Vec<f32> = (0..700_000).map(|i| (i % 1_000) as f32 / 1_000.0).collect();
        let mut range = Range::default();
        range.note(&even, 1);
        assert_eq!(range.activation(), Activation::of(0.0, 0.999));
        range.note(&[1.1], 1);
        assert!(range.activation().scale < 1.1 / 255.0, "one value in 700,000 does not set the steps");
        let mut rare = Range::default();
        rare.note(&[0.5, 3.0], 1);
        assert_eq!(rare.activation(), Activation::of(0.0, 3.0), "of two values one is not rare");
        assert_eq!(Range::default().activation(), Activation::of(0.0, 0.0));
    }

    #[test]
    fn a_line_of_zeros_stays_zero_with_a_positive_scale() {
        let quantised = Quantised::of(&[0.0, 0.0, 1.0, 2.0], [2, 2], Axis::Row);
        assert_eq!(quantised.data[..2], [0, 0]);
        assert!(quantised.scales.iter().all(|&scale| scale > 0.0));
    }

    #[test]
    fn an_activation_keeps_zero_exact_and_cuts_beyond_its_range() {
        for (low, high) in [(-4.0, 4.0), (0.0, 7.5), (1.0, 2.0), (0.0, 0.0)] {
            let activation = Activation::of(low, high);
            assert_eq!(activation.step(0.0), 0.0);
            for x in [low, high, (low + high) / 2.0] {
                assert!((activation.step(x) * activation.scale - x).abs() <= activation.scale * 0.51, "{x}");
            }
            let most = high.max(255.0 * 1e-6);
            assert!(activation.step(1e9) * activation.scale <= most + 0.51 * activation.scale);
        }
    }
}
