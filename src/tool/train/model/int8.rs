//! In: f32 weights, a range of inputs. Out: int8 weights with a scale a row or column, 8-bit steps of inputs.
//! Weights symmetric: `w ≈ q · scale`, `q` in -127..=127, `scale = max|w| / 127`. Inputs in u8 with a zero point, as
//! ONNX's QuantizeLinear has them.

use candle_core::{Result, Tensor};

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
pub struct Int8Matrix {
    /// Rows and columns.
    pub shape: [usize; 2],
    /// Row-major values.
    pub data: Vec<i8>,
    /// One scale a row or a column.
    pub scales: Vec<f32>,
    pub axis: Axis,
}

impl Int8Matrix {
    /// Quantises a row-major matrix; the largest magnitude of a line becomes 127.
    pub fn of(values: &[f32], shape: [usize; 2], axis: Axis) -> Int8Matrix {
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
        Int8Matrix { shape, data, scales, axis }
    }

    /// Quantises a layer's weights `[inputs, outputs]`, a scale an output.
    ///
    /// # Errors
    /// As candle.
    pub fn of_layer(weight: &Tensor) -> Result<Int8Matrix> {
        let (rows, columns) = weight.dims2()?;
        Ok(Int8Matrix::of(&weight.flatten_all()?.to_vec1::<f32>()?, [rows, columns], Axis::Column))
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
pub struct U8Steps {
    /// Distance of two neighbouring steps.
    pub scale: f32,
    /// The step that stands for 0.
    pub zero: u8,
}

impl U8Steps {
    /// Steps for a range seen in calibration, widened to hold 0.
    pub fn of(low: f32, high: f32) -> U8Steps {
        let (low, high) = (low.min(0.0), high.max(0.0));
        let scale = ((high - low) / 255.0).max(1e-6);
        U8Steps { scale, zero: (-low / scale).round_ties_even().clamp(0.0, 255.0) as u8 }
    }

    /// The nearest step of a value, less the zero point: a whole number.
    pub fn step(self, x: f32) -> f32 {
        let zero = f32::from(self.zero);
        ((x / self.scale).round_ties_even() + zero).clamp(0.0, 255.0) - zero
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_moves_by_at_most_half_a_step_of_its_line() {
        let values: Vec<f32> = (0..60).map(|i| ((i * 37) % 101) as f32 / 10.0 - 5.0).collect();
        for axis in [Axis::Row, Axis::Column] {
            let quantised = Int8Matrix::of(&values, [6, 10], axis);
            for (index, (value, back)) in values.iter().zip(quantised.values()).enumerate() {
                let line = if axis == Axis::Row { index / 10 } else { index % 10 };
                assert!((value - back).abs() <= quantised.scales[line] * 0.500_1, "{index}");
            }
        }
    }

    #[test]
    fn a_line_of_zeros_stays_zero_with_a_positive_scale() {
        let quantised = Int8Matrix::of(&[0.0, 0.0, 1.0, 2.0], [2, 2], Axis::Row);
        assert_eq!(quantised.data[..2], [0, 0]);
        assert!(quantised.scales.iter().all(|&scale| scale > 0.0));
    }

    #[test]
    fn an_activation_keeps_zero_exact_and_cuts_beyond_its_range() {
        for (low, high) in [(-4.0, 4.0), (0.0, 7.5), (1.0, 2.0), (0.0, 0.0)] {
            let activation = U8Steps::of(low, high);
            assert_eq!(activation.step(0.0), 0.0);
            for x in [low, high, (low + high) / 2.0] {
                assert!((activation.step(x) * activation.scale - x).abs() <= activation.scale * 0.51, "{x}");
            }
            let most = high.max(255.0 * 1e-6);
            assert!(activation.step(1e9) * activation.scale <= most + 0.51 * activation.scale);
        }
    }
}
