//! ONNX's Cast between f32, uint8, int8, int32 and int64. Integers that do not fit wrap, as in C; ONNX leaves
//! it open. The graph builder refuses casts from f32 to integers, since they could become indices.

use super::operator::{operator, shape_of};
use tract_core::internal::*;

/// ONNX's Cast.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cast {
    pub to: DatumType,
}

/// The numbers of a tensor as f32.
pub fn to_f32_vec(tensor: &Tensor) -> TractResult<Vec<f32>> {
    let view = tensor.try_as_plain_ram()?;
    if tensor.datum_type() == f32::datum_type() {
        return Ok(view.as_slice::<f32>()?.to_vec());
    }
    if tensor.datum_type() == i64::datum_type() {
        return Ok(view.as_slice::<i64>()?.iter().map(|&v| v as f32).collect());
    }
    Ok(to_i32_vec(tensor)?.into_iter().map(|v| v as f32).collect())
}

/// The numbers of a tensor of integers of at most 32 bits.
pub fn to_i32_vec(tensor: &Tensor) -> TractResult<Vec<i32>> {
    let (view, element) = (tensor.try_as_plain_ram()?, tensor.datum_type());
    if element == u8::datum_type() {
        return Ok(view.as_bytes().iter().map(|&v| v.into()).collect());
    }
    if element == i8::datum_type() {
        return Ok(view.as_bytes().iter().map(|&v| (v as i8).into()).collect());
    }
    Ok(view.as_slice::<i32>()?.to_vec())
}

impl Cast {
    fn fact(&self, inputs: &[&TypedFact]) -> TractResult<TypedFact> {
        Ok(self.to.fact(shape_of(inputs, 0)?))
    }

    fn run(&self, mut inputs: TVec<TValue>) -> TractResult<TValue> {
        let input = inputs.pop().context("no input")?;
        if input.datum_type() == self.to {
            return Ok(input);
        }
        let shape = input.shape();
        let tensor = if self.to == f32::datum_type() {
            Tensor::from_shape(shape, &to_f32_vec(&input)?)?
        } else {
            let whole: Vec<i64> = if input.datum_type() == i64::datum_type() {
                input.try_as_plain_ram()?.as_slice::<i64>()?.to_vec()
            } else {
                to_i32_vec(&input)?.into_iter().map(i64::from).collect()
            };
            let bytes = |size: usize| whole.iter().flat_map(move |v| v.to_le_bytes().into_iter().take(size));
            let mut output = Tensor::zero_dt(self.to, shape)?;
            let mut view = output.try_as_plain_ram_mut()?;
            view.as_bytes_mut().iter_mut().zip(bytes(self.to.size_of())).for_each(|(to, from)| *to = from);
            output
        };
        Ok(tensor.into_tvalue())
    }
}

operator!(Cast, "Cast");
