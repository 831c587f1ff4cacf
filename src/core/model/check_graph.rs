//! Checks a decoded graph: names, operators, attributes, types and sizes.
//! Sizes are multiplied in u64, since a dimension of 2^32 + 4 is 4 in a 32-bit `usize`.
#![deny(clippy::indexing_slicing)]

use super::compile::ops::{Attribute, operator};
use super::element::Element;
use super::pb::attribute_proto::AttributeType;
use super::pb::tensor_shape_proto::dimension::Value as Dim;
use super::pb::type_proto::Value;
use super::pb::{AttributeProto, GraphProto, NodeProto, TensorProto, ValueInfoProto};
use crate::error::{Error, Kind, Result};
use crate::limits;
use std::collections::HashSet;

pub(super) fn malformed(place: impl Into<String>, what: impl Into<String>) -> Error {
    Error::new(Kind::ModelMalformed, place, what)
}

pub(super) fn unsupported(place: impl Into<String>, what: impl Into<String>) -> Error {
    Error::new(Kind::ModelUnsupported, place, what)
}

fn at_most(place: &str, count: usize, limit: usize) -> Result<()> {
    if count > limit {
        return Err(Error::new(Kind::ModelTooLarge, place, format!("{count}, at most {limit}")));
    }
    Ok(())
}

/// Checks the graph, whose lists are counted; the names that hold a value at its end.
pub(super) fn check_graph(graph: &GraphProto) -> Result<HashSet<&str>> {
    let mut names = HashSet::new();
    for (index, tensor) in graph.initializer.iter().enumerate() {
        let place = format!("graph.initializer[{index}]");
        check_tensor(&place, tensor)?;
        define(&mut names, &place, &tensor.name)?;
    }
    for (index, input) in graph.input.iter().enumerate() {
        let place = format!("graph.input[{index}]");
        check_input(&place, input)?;
        define(&mut names, &place, &input.name)?;
    }
    for (index, node) in graph.node.iter().enumerate() {
        let place = format!("graph.node[{index}]");
        check_node(&place, node, &names)?;
        for output in &node.output {
            define(&mut names, &place, output)?;
        }
    }
    for (index, output) in graph.output.iter().enumerate() {
        if !names.contains(output.name.as_str()) {
            // tract indexes a map by this name.
            let what = format!("no node gives `{}`", output.name);
            return Err(malformed(format!("graph.output[{index}]"), what));
        }
    }
    Ok(names)
}

fn define<'a>(names: &mut HashSet<&'a str>, place: &str, name: &'a str) -> Result<()> {
    if name.is_empty() {
        return Err(malformed(place, "has no name"));
    }
    if !names.insert(name) {
        return Err(malformed(place, format!("`{name}` is defined twice")));
    }
    Ok(())
}

fn check_tensor(place: &str, tensor: &TensorProto) -> Result<()> {
    let element = Element::of(tensor.data_type)
        .ok_or_else(|| unsupported(place, format!("data type {}", tensor.data_type)))?;
    if tensor.data_location.unwrap_or(0) != 0 {
        return Err(unsupported(place, "data outside the file"));
    }
    at_most(&format!("{place}.dims"), tensor.dims.len(), limits::TENSOR_RANK)?;
    let elements = tensor.dims.iter().try_fold(1u64, |product, &dim| {
        let dim = u64::try_from(dim).ok().filter(|&d| d <= limits::TENSOR_ELEMENTS)?;
        product.checked_mul(dim).filter(|&p| p <= limits::TENSOR_ELEMENTS)
    });
    let elements = elements.ok_or_else(|| {
        let what = format!("{:?}, at most {} elements", tensor.dims, limits::TENSOR_ELEMENTS);
        Error::new(Kind::ModelTooLarge, format!("{place}.dims"), what)
    })?;
    let typed = match element {
        Element::F32 => tensor.float_data.len(),
        Element::I64 => tensor.int64_data.len(),
        Element::U8 | Element::I8 | Element::I32 => tensor.int32_data.len(),
    } as u64;
    let raw = tensor.raw_data.len() as u64;
    let all_typed = tensor.float_data.len()
        + tensor.int32_data.len()
        + tensor.int64_data.len()
        + tensor.double_data.len()
        + tensor.uint64_data.len();
    let fits = match (raw, typed) {
        (raw, 0) => raw == elements * element.size() && all_typed == 0,
        (0, typed) => typed == elements && all_typed as u64 == typed,
        _ => false,
    };
    if !fits {
        let what = format!(
            "{:?} needs {elements} elements, has {raw} raw bytes and {all_typed} values",
            tensor.dims
        );
        return Err(malformed(place, what));
    }
    Ok(())
}

fn check_input(place: &str, input: &ValueInfoProto) -> Result<()> {
    let Some(Value::TensorType(tensor)) = input.r#type.as_ref().and_then(|t| t.value.as_ref()) else {
        return Err(unsupported(place, "is not a tensor"));
    };
    if !matches!(Element::of(tensor.elem_type), Some(Element::F32 | Element::I64)) {
        return Err(unsupported(place, format!("data type {}, must be float or int64", tensor.elem_type)));
    }
    let dims = tensor.shape.as_ref().map_or(&[][..], |shape| &shape.dim);
    for dim in dims {
        if let Some(Dim::DimValue(value)) = dim.value
            && !(0..=limits::TENSOR_ELEMENTS as i64).contains(&value)
        {
            return Err(Error::new(
                Kind::ModelTooLarge,
                format!("{place}.shape"),
                format!("a dimension of {value}"),
            ));
        }
    }
    Ok(())
}

fn check_node(place: &str, node: &NodeProto, names: &HashSet<&str>) -> Result<()> {
    if !is_default_domain(&node.domain) {
        return Err(unsupported(place, format!("domain `{}`", node.domain)));
    }
    let row =
        operator(&node.op_type).ok_or_else(|| unsupported(place, format!("operator `{}`", node.op_type)))?;
    let (least, most) = row.inputs;
    if !(least..=most).contains(&node.input.len()) || node.output.len() != row.outputs {
        let what = format!("{} with {} inputs and {} outputs", row.name, node.input.len(), node.output.len());
        return Err(malformed(place, what));
    }
    let mut seen = HashSet::new();
    for attribute in &node.attribute {
        let at = format!("{place}.{}", attribute.name);
        let known = row.attributes.iter().find(|(name, _)| *name == attribute.name);
        let &(_, kind) = known.ok_or_else(|| unsupported(&at, format!("attribute of {}", row.name)))?;
        if !seen.insert(attribute.name.as_str()) {
            return Err(malformed(&at, "is given twice"));
        }
        check_attribute(&at, attribute, kind)?;
    }
    for (index, input) in node.input.iter().enumerate() {
        let left_out = input.is_empty() && index >= least;
        if !left_out && !names.contains(input.as_str()) {
            let what = format!("nothing before it gives `{input}`");
            return Err(malformed(format!("{place}.input[{index}]"), what));
        }
    }
    Ok(())
}

fn check_attribute(place: &str, attribute: &AttributeProto, kind: Attribute) -> Result<()> {
    let right = match kind {
        Attribute::Int => AttributeType::Int,
        Attribute::Float => AttributeType::Float,
        Attribute::Ints => AttributeType::Ints,
        Attribute::Tensor => AttributeType::Tensor,
    };
    if attribute.r#type != right as i32 || !attribute.ref_attr_name.is_empty() {
        return Err(malformed(place, format!("type {}, must be {}", attribute.r#type, right as i32)));
    }
    match (kind, &attribute.t) {
        (Attribute::Float, _) if !attribute.f.is_finite() => {
            Err(malformed(place, format!("is {}", attribute.f)))
        }
        (Attribute::Ints, _) => at_most(place, attribute.ints.len(), limits::TENSOR_RANK),
        (Attribute::Tensor, Some(tensor)) => check_tensor(place, tensor),
        (Attribute::Tensor, None) => Err(malformed(place, "is missing")),
        _ => Ok(()),
    }
}

/// Whether a domain is that of ONNX's own operators.
pub(super) fn is_default_domain(domain: &str) -> bool {
    domain.is_empty() || domain == "ai.onnx"
}
