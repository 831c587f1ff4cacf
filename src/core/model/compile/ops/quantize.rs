//! Cast, QuantizeLinear, DequantizeLinear (by tensor or by axis) and DynamicQuantizeLinear.
//! Scales and zero points are constants; a scale is positive and finite.

use super::arithmetic::require_f32;
use crate::error::Result;
use crate::model::compile::graph::GraphBuilder;
use crate::model::compile::node::Node;
use crate::model::element::Element;
use crate::model::kernels::{Binary, Cast, DynamicQuantize, QuantParams, Quantize, to_f32_vec};
use tract_core::internal::*;

pub fn cast(graph: &mut GraphBuilder, node: &Node) -> Result<OutletId> {
    let to = node.int("to", 0);
    let element = i32::try_from(to).ok().and_then(Element::of);
    let element = element.ok_or_else(|| node.refuse(format!("to data type {to}")))?;
    let input = node.input(0)?;
    // A cast from f32 to an integer would make indices out of data.
    if element != Element::F32 && graph.element(input)? == f32::datum_type() {
        return Err(node.refuse("from f32 to an integer"));
    }
    graph.add_op(node.name(), Cast { to: element.datum() }, &[input])
}

/// The scale and the zero point of a node: of equal length, one or one along an axis.
pub struct Parameters {
    pub scale: Vec<f32>,
    pub zero_point: Vec<f32>,
    /// The zero point's type, if it is given.
    pub element: Option<DatumType>,
}

impl Parameters {
    /// Reads and checks them.
    pub fn of(graph: &GraphBuilder, node: &Node) -> Result<Parameters> {
        let read = |outlet: OutletId| -> Result<(Vec<f32>, DatumType)> {
            let constant = graph
                .constant(outlet)?
                .ok_or_else(|| node.refuse("scale and zero point must be constant"))?;
            let values = to_f32_vec(&constant).map_err(|e| node.refuse(e.to_string()))?;
            Ok((values, constant.datum_type()))
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
            None => Ok(Parameters { zero_point: vec![0.0; scale.len()], scale, element: None }),
            Some((zero_point, element)) if zero_point.len() == scale.len() => {
                Ok(Parameters { scale, zero_point, element: Some(element) })
            }
            Some((zero, _)) => {
                Err(node.refuse(format!("{} scales, {} zero points", scale.len(), zero.len())))
            }
        }
    }
}

/// A parameter along `axis`, shaped so that it broadcasts to `shape`.
fn along(node: &Node, values: Vec<f32>, axis: i64, shape: &[usize]) -> Result<Tensor> {
    let mut dims = vec![1; shape.len()];
    if values.len() > 1 {
        let axis = node.axis(axis, shape.len())?;
        if shape.get(axis) != Some(&values.len()) {
            return Err(node.refuse(format!("{} scales for axis {axis} of {shape:?}", values.len())));
        }
        dims.get_mut(axis).into_iter().for_each(|dim| *dim = values.len());
    }
    Tensor::from_shape(&dims, &values).map_err(|e| node.refuse(e.to_string()))
}

pub fn dequantize(graph: &mut GraphBuilder, node: &Node) -> Result<OutletId> {
    let input = node.input(0)?;
    let element = graph.element(input)?;
    if ![i8::datum_type(), u8::datum_type(), i32::datum_type()].contains(&element) {
        return Err(node.refuse(format!("takes integers, not {element:?}")));
    }
    let Parameters { scale, zero_point, element: zero_element } = Parameters::of(graph, node)?;
    if zero_element.is_some_and(|zero| zero != element) {
        return Err(node.refuse("the zero point has another type than the input"));
    }
    let shape = graph.shape(input)?;
    let axis = node.int("axis", 1);
    let is_offset = zero_point.iter().any(|&zero| zero != 0.0);
    let scale = along(node, scale, axis, &shape)?;
    let zero_point = along(node, zero_point, axis, &shape)?;
    let mut outlet = graph.add_op(node.name(), Cast { to: f32::datum_type() }, &[input])?;
    if is_offset {
        let zero_point = graph.add_constant("zero_point", zero_point)?;
        outlet = graph.add_binary(node.name(), Binary::Sub, [outlet, zero_point])?;
    }
    let scale = graph.add_constant("scale", scale)?;
    graph.add_binary(node.name(), Binary::Mul, [outlet, scale])
}

/// The parameters of a QuantizeLinear, whose input is f32.
pub fn quant_params(graph: &GraphBuilder, node: &Node) -> Result<QuantParams> {
    require_f32(graph, node, &[node.input(0)?])?;
    let Parameters { scale, zero_point, element } = Parameters::of(graph, node)?;
    let ([scale], [zero_point]) = (scale.as_slice(), zero_point.as_slice()) else {
        return Err(node.refuse("activations are quantised by tensor, not by axis"));
    };
    let signed = match element {
        Some(element) if element == i8::datum_type() => true,
        Some(element) if element != u8::datum_type() => return Err(node.refuse(format!("to {element:?}"))),
        _ => false,
    };
    Ok(QuantParams { inverse_scale: scale.recip(), zero_point: *zero_point as i32, signed })
}

pub fn quantize(graph: &mut GraphBuilder, node: &Node) -> Result<OutletId> {
    let params = quant_params(graph, node)?;
    graph.add_op(node.name(), Quantize(params), &[node.input(0)?])
}

pub fn dynamic_quantize(graph: &mut GraphBuilder, node: &Node) -> Result<OutletId> {
    let input = node.input(0)?;
    require_f32(graph, node, &[input])?;
    graph.add_op(node.name(), DynamicQuantize, &[input])
}
