//! In: f32 weights. Out: int8 weights with one scale a row or a column.
//! Symmetric: `w ≈ q · scale`, `q` in -127..=127, `scale = max|w| / 127`.
//! Must never touch biases and scales: they stay f32.

use super::net::Weights;
use candle_core::{Device, Result, Tensor};

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

/// Weights that become int8, with the lines that share a scale.
pub const INT8: [(&str, Axis); 9] = [
    ("table", Axis::Row),
    ("query", Axis::Column),
    ("key", Axis::Column),
    ("value", Axis::Column),
    ("cross", Axis::Column),
    ("w1", Axis::Column),
    ("w2", Axis::Column),
    ("w3", Axis::Column),
    ("wide", Axis::Column),
];

/// The weights with the values that int8 leaves of them.
///
/// # Errors
/// As candle.
pub fn rounded(weights: &Weights) -> Result<Weights> {
    let mut rounded = weights.clone();
    for (name, axis) in INT8 {
        let Some(tensor) = weights.get(name) else { continue };
        let (rows, columns) = tensor.dims2()?;
        let values = tensor.flatten_all()?.to_vec1::<f32>()?;
        let quantised = Quantised::of(&values, [rows, columns], axis);
        rounded.insert(name, Tensor::from_vec(quantised.values(), (rows, columns), &Device::Cpu)?);
    }
    Ok(rounded)
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
    fn a_line_of_zeros_stays_zero_with_a_positive_scale() {
        let quantised = Quantised::of(&[0.0, 0.0, 1.0, 2.0], [2, 2], Axis::Row);
        assert_eq!(quantised.data[..2], [0, 0]);
        assert!(quantised.scales.iter().all(|&scale| scale > 0.0));
    }
}
