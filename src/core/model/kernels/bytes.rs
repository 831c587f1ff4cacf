//! In: f32. Out: bytes that stand for them, by constant steps or by steps made from their range.
//! ONNX's QuantizeLinear by tensor and DynamicQuantizeLinear.
//! Must never overflow: values saturate before they become whole.

use super::lanes::{Lanes, Native, Steps};
use super::product;
use tract_core::internal::*;

/// QuantizeLinear: `saturate(round(x · inverse) + zero)`, halves to even.
///
/// The scale's reciprocal multiplies, as in tract and as after a layer: where `x / scale` lies
/// within one rounding of a half, a byte may differ by 1 from a division's.
#[derive(Debug, Clone, PartialEq)]
pub struct ToBytes(pub Steps);

// `Steps::inverse` is finite.
impl Eq for ToBytes {}

/// DynamicQuantizeLinear: bytes, their scale, their zero point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DynamicBytes;

fn bytes_of(values: &Tensor, steps: Steps) -> TractResult<Tensor> {
    let mut output = Tensor::zero_dt(steps.datum_type(), values.shape())?;
    let values = values.try_as_plain_ram()?.as_slice::<f32>()?;
    product::to_bytes::<Native>(values, steps, output.try_as_plain_ram_mut()?.as_bytes_mut());
    Ok(output)
}

/// The least and the greatest value, 0 among them; NaN is passed over.
pub fn range<L: Lanes>(values: &[f32]) -> (f32, f32) {
    let (wide, rest) = values.as_chunks::<4>();
    let (mut low, mut high) = (L::splat(0.0), L::splat(0.0));
    for four in wide {
        let four = L::floats(four);
        (low, high) = (L::at_most(four, low), L::at_least(four, high));
    }
    let (mut lows, mut highs) = ([0f32; 4], [0f32; 4]);
    L::put(low, &mut lows);
    L::put(high, &mut highs);
    let least = lows.iter().chain(rest).fold(0f32, |least, &v| if v < least { v } else { least });
    let most = highs.iter().chain(rest).fold(0f32, |most, &v| if v > most { v } else { most });
    (least, most)
}

/// ONNX's scale and zero point of a range: uint8 over it, 0 exactly represented.
pub fn ranged(low: f32, high: f32) -> (f32, u8) {
    let scale = (high - low) / 255.0;
    // Zeros alone; a scale without a finite reciprocal stands for nothing either.
    if !scale.is_normal() {
        return (1.0, 0);
    }
    (scale, (-low / scale).round_ties_even().clamp(0.0, 255.0) as u8)
}

impl Op for ToBytes {
    fn name(&self) -> StaticName {
        "ToBytes".into()
    }

    op_as_typed_op!();
}

impl EvalOp for ToBytes {
    op_out_of_plan!();

    fn eval(&self, _context: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        Ok(tvec!(bytes_of(inputs.first().context("no input")?, self.0)?.into_tvalue()))
    }
}

impl TypedOp for ToBytes {
    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        Ok(tvec!(self.0.datum_type().fact(inputs.first().context("no input")?.shape.clone())))
    }

    as_op!();
}

impl Op for DynamicBytes {
    fn name(&self) -> StaticName {
        "DynamicBytes".into()
    }

    op_as_typed_op!();
}

impl EvalOp for DynamicBytes {
    // Folded, its outputs would no longer be the slots of one node.
    not_out_of_plan!();

    fn eval(&self, _context: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let input = inputs.first().context("no input")?;
        let (low, high) = range::<Native>(input.try_as_plain_ram()?.as_slice::<f32>()?);
        let (scale, zero) = ranged(low, high);
        let bytes = bytes_of(input, Steps { inverse: scale.recip(), zero: zero.into(), signed: false })?;
        Ok(tvec!(bytes.into_tvalue(), tensor0(scale).into_tvalue(), tensor0(zero).into_tvalue()))
    }
}

impl TypedOp for DynamicBytes {
    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        let shape = inputs.first().context("no input")?.shape.clone();
        let scalar: [usize; 0] = [];
        Ok(tvec!(u8::fact(shape), f32::fact(scalar), u8::fact(scalar)))
    }

    as_op!();
}
