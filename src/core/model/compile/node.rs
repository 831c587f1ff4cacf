//! One ONNX node with its inputs resolved, and its attributes by name.
//! What operators and fusions read of the graph; nothing here changes it.

use crate::error::{Error, Kind, Result};
use crate::model::pb::{AttributeProto, NodeProto, TensorProto};
use tract_core::internal::OutletId;

/// The error for a node that cannot be compiled.
pub fn unsupported(node: &str, what: impl Into<String>) -> Error {
    Error::new(Kind::ModelUnsupported, format!("graph.node({node})"), what)
}

/// A vetted node and the values that it reads; `None` is an input left out.
pub struct Node<'a> {
    pub proto: &'a NodeProto,
    pub inputs: Vec<Option<OutletId>>,
}

impl Node<'_> {
    /// The name used in errors: that of its output, which is unique.
    pub fn name(&self) -> &str {
        self.proto.output.first().map_or("?", String::as_str)
    }

    /// The operator's name.
    pub fn op(&self) -> &str {
        &self.proto.op_type
    }

    /// The error for this node, with the operator's name.
    pub fn refuse(&self, what: impl Into<String>) -> Error {
        unsupported(self.name(), format!("{}: {}", self.proto.op_type, what.into()))
    }

    pub fn input(&self, index: usize) -> Result<OutletId> {
        self.optional(index).ok_or_else(|| self.refuse(format!("input {index} is missing")))
    }

    pub fn optional(&self, index: usize) -> Option<OutletId> {
        self.inputs.get(index).copied().flatten()
    }

    fn attribute(&self, name: &str) -> Option<&AttributeProto> {
        self.proto.attribute.iter().find(|attribute| attribute.name == name)
    }

    pub fn int(&self, name: &str, default: i64) -> i64 {
        self.attribute(name).map_or(default, |attribute| attribute.i)
    }

    pub fn float(&self, name: &str) -> Option<f32> {
        self.attribute(name).map(|attribute| attribute.f)
    }

    pub fn ints(&self, name: &str) -> Option<&[i64]> {
        self.attribute(name).map(|attribute| attribute.ints.as_slice())
    }

    pub fn tensor(&self, name: &str) -> Option<&TensorProto> {
        self.attribute(name).and_then(|attribute| attribute.t.as_ref())
    }

    /// An axis, negative ones counted from the end, checked against `rank`.
    pub fn axis(&self, axis: i64, rank: usize) -> Result<usize> {
        let from_start = if axis < 0 { axis + rank as i64 } else { axis };
        if (0..rank as i64).contains(&from_start) {
            return Ok(from_start as usize);
        }
        Err(self.refuse(format!("axis {axis} of a tensor of rank {rank}")))
    }
}
