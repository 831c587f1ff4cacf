//! In: int8 tensors with scales, or f32 to quantise. Out: f32, or int8.
//! ONNX's QuantizeLinear, DequantizeLinear (by tensor or by axis), DynamicQuantizeLinear and Cast.
//! Must never take a scale that is not a positive, finite constant.

use super::arithmetic::floats;
use super::{Node, Wiring};
use crate::error::Result;
use crate::model::kernels::{Binary, Cast, DynamicBytes, Origin, Steps, ToBytes, floats as floats_of};
use crate::model::vet::{Element, element_of};
use tract_core::internal::*;

pub(super) fn cast(wiring: &mut Wiring, node: &Node) -> Result<OutletId> {
    let to = node.int("to", 0);
    let element = i32::try_from(to).ok().and_then(element_of);
    let element = element.ok_or_else(|| node.refuse(format!("to data type {to}")))?;
    let input = node.input(0)?;
    // A cast from f32 to an integer would make indices out of data.
    if element != Element::F32 && wiring.element(input)? == f32::datum_type() {
        return Err(node.refuse("from f32 to an integer"));
    }
    let outlet = wiring.wire(node.name(), Cast { to: element.datum() }, &[input])?;
    if element == Element::F32 {
        wiring.note_cast(node, outlet);
    }
    Ok(outlet)
}

/// Scale and zero point as f32, of equal length, with the scale checked.
fn parameters(wiring: &Wiring, node: &Node) -> Result<(Vec<f32>, Vec<f32>, Option<DatumType>)> {
    let read = |outlet: OutletId| -> Result<(Vec<f32>, DatumType)> {
        let known =
            wiring.known(outlet)?.ok_or_else(|| node.refuse("scale and zero point must be constant"))?;
        let element = known.datum_type();
        Ok((floats_of(&known).map_err(|e| node.refuse(e.to_string()))?, element))
    };
    let (scale, scale_element) = read(node.input(1)?)?;
    // A subnormal scale has no finite reciprocal.
    if scale.is_empty()
        || !scale.iter().all(|&s| s.is_normal() && s > 0.0)
        || scale_element != f32::datum_type()
    {
        return Err(node.refuse("a scale is not positive and finite"));
    }
    match node.optional(2).map(read).transpose()? {
        None => Ok((scale.clone(), vec![0.0; scale.len()], None)),
        Some((zero, element)) if zero.len() == scale.len() => Ok((scale, zero, Some(element))),
        Some((zero, _)) => Err(node.refuse(format!("{} scales, {} zero points", scale.len(), zero.len()))),
    }
}

/// A parameter along `axis`, broadcast to `rank`.
fn along(node: &Node, values: Vec<f32>, axis: i64, shape: &[usize]) -> Result<Tensor> {
    let mut dims = vec![1; shape.len()];
    if values.len() > 1 {
        let axis = node.axis(axis, shape.len())?;
        if shape[axis] != values.len() {
            return Err(node.refuse(format!("{} scales for axis {axis} of {shape:?}", values.len())));
        }
        dims[axis] = values.len();
    }
    Tensor::from_shape(&dims, &values).map_err(|e| node.refuse(e.to_string()))
}

pub(super) fn dequantize(wiring: &mut Wiring, node: &Node) -> Result<OutletId> {
    let input = node.input(0)?;
    let element = wiring.element(input)?;
    if ![i8::datum_type(), u8::datum_type(), i32::datum_type()].contains(&element) {
        return Err(node.refuse(format!("takes integers, not {element:?}")));
    }
    let (scale, zero, zero_element) = parameters(wiring, node)?;
    if zero_element.is_some_and(|zero| zero != element) {
        return Err(node.refuse("the zero point has another type than the input"));
    }
    let shape = wiring.shape(input)?;
    let axis = node.int("axis", 1);
    let offset = zero.iter().any(|&z| z != 0.0);
    let origin = Origin {
        bytes: input,
        scale: scale.clone(),
        zero: zero.iter().map(|&zero| zero as i32).collect(),
        axis: if scale.len() > 1 { node.axis(axis, shape.len())? } else { 0 },
    };
    let scale = along(node, scale, axis, &shape)?;
    let zero = along(node, zero, axis, &shape)?;
    let mut outlet = wiring.wire(node.name(), Cast { to: f32::datum_type() }, &[input])?;
    if offset {
        let zero = wiring.constant("zero_point", zero)?;
        outlet = wiring.binary(node.name(), Binary::Sub, [outlet, zero])?;
    }
    let scale = wiring.constant("scale", scale)?;
    let outlet = wiring.binary(node.name(), Binary::Mul, [outlet, scale])?;
    if element != i32::datum_type() {
        wiring.note_origin(outlet, origin);
    }
    Ok(outlet)
}

pub(super) fn quantize(wiring: &mut Wiring, node: &Node) -> Result<OutletId> {
    let input = node.input(0)?;
    floats(wiring, node, &[input])?;
    let (scale, zero, element) = parameters(wiring, node)?;
    let ([scale], [zero]) = (scale.as_slice(), zero.as_slice()) else {
        return Err(node.refuse("activations are quantised by tensor, not by axis"));
    };
    let signed = match element {
        Some(element) if element == i8::datum_type() => true,
        Some(element) if element != u8::datum_type() => return Err(node.refuse(format!("to {element:?}"))),
        _ => false,
    };
    let steps = Steps { inverse: scale.recip(), zero: *zero as i32, signed };
    match wiring.stepped(node, steps)? {
        Some(layer) => Ok(layer),
        None => wiring.wire(node.name(), ToBytes(steps), &[input]),
    }
}

pub(super) fn dynamic_quantize(wiring: &mut Wiring, node: &Node) -> Result<OutletId> {
    let input = node.input(0)?;
    floats(wiring, node, &[input])?;
    wiring.wire(node.name(), DynamicBytes, &[input])
}
