//! ONNX's QuantizeLinear by tensor and DynamicQuantizeLinear: f32 to bytes, by constant parameters or by ones
//! that are made from the values' range. Values saturate before they become integers.

use super::epilogue::write_bytes;
use super::lanes::{Lanes, Native};
use super::operator::{rest_of_op, rest_of_typed_op};
use super::quant_params::QuantParams;
use tract_core::internal::*;

/// QuantizeLinear: `saturate(round(x · inverse scale) + zero point)`, halves to even.
///
/// The scale's reciprocal multiplies, as in tract and as after a layer: where `x / scale` lies
/// within one rounding of a half, a byte may differ by 1 from a division's.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantize(pub QuantParams);

// The scale is finite.
impl Eq for Quantize {}

/// DynamicQuantizeLinear: bytes, their scale, their zero point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DynamicQuantize;

/// Quantises values to as many bytes.
pub fn quantize<L: Lanes>(values: &[f32], params: QuantParams, to: &mut [u8]) {
    let eight = |a: &[f32; 4], b: &[f32; 4], to: &mut [u8; 8]| {
        write_bytes::<L>([L::load(a), L::load(b)], params, to);
    };
    let (wide, rest) = values.as_chunks::<8>();
    let (to_wide, to_rest) = to.as_chunks_mut::<8>();
    for (&[a, b, c, d, e, f, g, h], to) in wide.iter().zip(to_wide) {
        eight(&[a, b, c, d], &[e, f, g, h], to);
    }
    let (mut padded, mut bytes) = ([[0f32; 4]; 2], [0; 8]);
    padded.as_flattened_mut().iter_mut().zip(rest).for_each(|(to, &value)| *to = value);
    eight(&padded[0], &padded[1], &mut bytes);
    to_rest.iter_mut().zip(bytes).for_each(|(to, byte)| *to = byte);
}

fn quantized(values: &Tensor, params: QuantParams) -> TractResult<Tensor> {
    let mut output = Tensor::zero_dt(params.datum_type(), values.shape())?;
    let values = values.try_as_plain_ram()?.as_slice::<f32>()?;
    quantize::<Native>(values, params, output.try_as_plain_ram_mut()?.as_bytes_mut());
    Ok(output)
}

/// The least and the greatest value, 0 among them; NaN is passed over.
pub fn range<L: Lanes>(values: &[f32]) -> (f32, f32) {
    let (wide, rest) = values.as_chunks::<4>();
    let (mut low, mut high) = (L::splat(0.0), L::splat(0.0));
    for four in wide {
        let four = L::load(four);
        (low, high) = (L::at_most(four, low), L::at_least(four, high));
    }
    let (mut lows, mut highs) = ([0f32; 4], [0f32; 4]);
    L::store(low, &mut lows);
    L::store(high, &mut highs);
    let least = lows.iter().chain(rest).fold(0f32, |least, &v| if v < least { v } else { least });
    let most = highs.iter().chain(rest).fold(0f32, |most, &v| if v > most { v } else { most });
    (least, most)
}

/// ONNX's scale and zero point of a range: uint8 over it, 0 exactly represented.
pub fn params_of_range(low: f32, high: f32) -> (f32, u8) {
    let scale = (high - low) / 255.0;
    // Zeros alone; a scale without a finite reciprocal stands for nothing either.
    if !scale.is_normal() {
        return (1.0, 0);
    }
    (scale, (-low / scale).round_ties_even().clamp(0.0, 255.0) as u8)
}

impl Op for Quantize {
    fn name(&self) -> StaticName {
        "Quantize".into()
    }

    rest_of_op!();
}

impl EvalOp for Quantize {
    op_out_of_plan!();

    fn eval(&self, _context: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        Ok(tvec!(quantized(inputs.first().context("no input")?, self.0)?.into_tvalue()))
    }
}

impl TypedOp for Quantize {
    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        Ok(tvec!(self.0.datum_type().fact(inputs.first().context("no input")?.shape.clone())))
    }

    rest_of_typed_op!();
}

impl Op for DynamicQuantize {
    fn name(&self) -> StaticName {
        "DynamicQuantize".into()
    }

    rest_of_op!();
}

impl EvalOp for DynamicQuantize {
    // If it were folded, its outputs would no longer be the slots of one node.
    not_out_of_plan!();

    fn eval(&self, _context: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let input = inputs.first().context("no input")?;
        let (low, high) = range::<Native>(input.try_as_plain_ram()?.as_slice::<f32>()?);
        let (scale, zero) = params_of_range(low, high);
        let params = QuantParams { inverse_scale: scale.recip(), zero_point: zero.into(), signed: false };
        let bytes = quantized(input, params)?;
        Ok(tvec!(bytes.into_tvalue(), tensor0(scale).into_tvalue(), tensor0(zero).into_tvalue()))
    }
}

impl TypedOp for DynamicQuantize {
    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        let shape = inputs.first().context("no input")?.shape.clone();
        let scalar: [usize; 0] = [];
        Ok(tvec!(u8::fact(shape), f32::fact(scalar), u8::fact(scalar)))
    }

    rest_of_typed_op!();
}
