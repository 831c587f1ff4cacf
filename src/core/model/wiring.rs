//! In: vetted nodes and initializers. Out: a typed tract model, wired node by node.
//! Every shape is known here, so every volume is bounded before tract sees the node.
//! Must never call a tract operator with a shape, axis or type that was not checked first.

use super::kernels::{Binary, Const, Notes, Source, broadcast};
use super::pb::{NodeProto, TensorProto};
use super::vet::{Element, element_of};
use crate::error::{Error, Kind, Result};
use crate::limits;
use tract_core::internal::*;

/// Shorthand for the error that a builder gives.
pub(super) fn unsupported(node: &str, what: impl Into<String>) -> Error {
    Error::new(Kind::ModelUnsupported, format!("graph.node({node})"), what)
}

/// A stage's graph under construction.
pub(super) struct Wiring {
    pub(super) model: TypedModel,
    elements: u64,
    macs: u64,
    /// The only inputs that may index a table at run time, and the bound of their values.
    ids: Vec<(OutletId, usize)>,
    pub(super) notes: Notes,
}

impl Wiring {
    pub(super) fn new() -> Wiring {
        Wiring {
            model: TypedModel::default(),
            elements: 0,
            macs: 0,
            ids: Vec::new(),
            notes: Notes::default(),
        }
    }

    pub(super) fn source(&mut self, name: &str, element: DatumType, shape: &[usize]) -> Result<OutletId> {
        let fact = element.fact(shape);
        self.add(name, Source(fact.clone()).into(), tvec!(fact), &[])
    }

    /// Adds a node to tract's graph. Its own `wire_node` looks every name up among all nodes, compares
    /// every constant with all others, and keeps operators alive that no graph of ours has.
    fn add(
        &mut self,
        name: &str,
        op: Box<dyn TypedOp>,
        facts: TVec<TypedFact>,
        inputs: &[OutletId],
    ) -> Result<OutletId> {
        let refuse = |e: TractError| unsupported(name, format!("{e:#}"));
        let node = self.model.add_node(name, op, facts).map_err(refuse)?;
        for (slot, &input) in inputs.iter().enumerate() {
            self.model.add_edge(input, InletId::new(node, slot)).map_err(refuse)?;
        }
        Ok(OutletId::new(node, 0))
    }

    /// Marks an input whose values lie in `0..bound`.
    pub(super) fn bounded_ids(&mut self, outlet: OutletId, bound: usize) {
        self.ids.push((outlet, bound));
    }

    pub(super) fn id_bound(&self, outlet: OutletId) -> Option<usize> {
        self.ids.iter().find(|(known, _)| *known == outlet).map(|(_, bound)| *bound)
    }

    pub(super) fn constant(&mut self, name: &str, tensor: Tensor) -> Result<OutletId> {
        let op = Const(tensor.into_arc_tensor());
        let fact = op.fact(&[]).map_err(|e| unsupported(name, e.to_string()))?;
        self.add(name, op.into(), tvec!(fact), &[])
    }

    fn fact(&self, outlet: OutletId) -> Result<&TypedFact> {
        self.model.outlet_fact(outlet).map_err(|e| unsupported("?", e.to_string()))
    }

    pub(super) fn element(&self, outlet: OutletId) -> Result<DatumType> {
        Ok(self.fact(outlet)?.datum_type)
    }

    pub(super) fn shape(&self, outlet: OutletId) -> Result<Vec<usize>> {
        let fact = self.fact(outlet)?;
        let shape = fact.shape.as_concrete().ok_or_else(|| unsupported("?", "has an open shape"))?;
        Ok(shape.to_vec())
    }

    pub(super) fn known(&self, outlet: OutletId) -> Result<Option<Arc<Tensor>>> {
        Ok(self.fact(outlet)?.konst.clone())
    }

    /// Adds one operator after bounding what it gives; one of constants alone is computed here.
    pub(super) fn wire(
        &mut self,
        name: &str,
        op: impl Into<Box<dyn TypedOp>>,
        inputs: &[OutletId],
    ) -> Result<OutletId> {
        let op = op.into();
        let refuse = |e: TractError| unsupported(name, format!("{e:#}"));
        let facts = inputs
            .iter()
            .map(|&outlet| self.model.outlet_fact(outlet).cloned())
            .collect::<TractResult<TVec<_>>>()
            .map_err(refuse)?;
        let facts: TVec<&TypedFact> = facts.iter().collect();
        let gives = op.output_facts(&facts).map_err(refuse)?;
        for fact in &gives {
            let shape = fact.shape.as_concrete().ok_or_else(|| unsupported(name, "has an open shape"))?;
            self.bound(name, shape)?;
        }
        let constants = facts.iter().map(|fact| fact.konst.clone().map(IntoTValue::into_tvalue));
        if let Some(constants) = constants.collect::<Option<TVec<_>>>()
            && !constants.is_empty()
            && let Some(folded) = op.eval_out_of_plan(constants).map_err(refuse)?
            && let [one] = folded.as_slice()
        {
            return self.constant(name, one.clone().into_tensor());
        }
        self.add(name, op, gives, inputs)
    }

    fn bound(&mut self, name: &str, shape: &[usize]) -> Result<()> {
        let volume = shape.iter().try_fold(1u64, |v, &d| v.checked_mul(d as u64));
        let too_large = |what: String| Error::new(Kind::ModelTooLarge, format!("graph.node({name})"), what);
        if shape.len() > limits::TENSOR_RANK {
            return Err(too_large(format!("gives rank {}, at most {}", shape.len(), limits::TENSOR_RANK)));
        }
        match volume {
            // Operators divide and chunk by lengths.
            Some(0) => Err(unsupported(name, format!("gives {shape:?}, which is empty"))),
            Some(volume) if volume <= limits::TENSOR_ELEMENTS => self.hold(name, volume),
            _ => Err(too_large(format!("gives {shape:?}, at most {} elements", limits::TENSOR_ELEMENTS))),
        }
    }

    /// Counts elements that a block computes, or that a layer keeps in an order of its own.
    pub(super) fn hold(&mut self, name: &str, elements: u64) -> Result<()> {
        self.elements = self.elements.saturating_add(elements);
        if self.elements > limits::PLAN_ELEMENTS {
            let what = format!("a block computes more than {} elements", limits::PLAN_ELEMENTS);
            return Err(Error::new(Kind::ModelTooLarge, format!("graph.node({name})"), what));
        }
        Ok(())
    }

    /// Multiplications and elements that one block takes.
    pub(super) fn work(&self) -> u64 {
        self.macs.saturating_add(self.elements)
    }

    /// Elements that one block computes.
    pub(super) fn elements(&self) -> u64 {
        self.elements
    }

    /// Counts multiplications, or additions of a sum: work that the size of an output does not tell.
    pub(super) fn spend(&mut self, name: &str, macs: u64) -> Result<()> {
        self.macs = self.macs.saturating_add(macs);
        if self.macs > limits::PLAN_MACS {
            let what = format!("a block takes more than {} multiplications", limits::PLAN_MACS);
            return Err(Error::new(Kind::ModelTooLarge, format!("graph.node({name})"), what));
        }
        Ok(())
    }

    /// Adds an operator of two tensors of f32 after checking that they broadcast.
    pub(super) fn binary(&mut self, name: &str, op: Binary, inputs: [OutletId; 2]) -> Result<OutletId> {
        let (left, right) = (self.shape(inputs[0])?, self.shape(inputs[1])?);
        if broadcast(&left, &right).is_none() {
            return Err(unsupported(name, format!("shapes {left:?} and {right:?} do not broadcast")));
        }
        self.wire(name, op, &inputs)
    }
}

/// One vetted node with its inputs resolved; `None` is an input left out.
pub(super) struct Node<'a> {
    pub(super) proto: &'a NodeProto,
    pub(super) inputs: Vec<Option<OutletId>>,
}

impl Node<'_> {
    /// The name used in errors: that of its output, which is unique.
    pub(super) fn name(&self) -> &str {
        self.proto.output.first().map_or("?", String::as_str)
    }

    pub(super) fn refuse(&self, what: impl Into<String>) -> Error {
        unsupported(self.name(), format!("{}: {}", self.proto.op_type, what.into()))
    }

    pub(super) fn input(&self, index: usize) -> Result<OutletId> {
        self.optional(index).ok_or_else(|| self.refuse(format!("input {index} is missing")))
    }

    pub(super) fn optional(&self, index: usize) -> Option<OutletId> {
        self.inputs.get(index).copied().flatten()
    }

    fn attribute(&self, name: &str) -> Option<&super::pb::AttributeProto> {
        self.proto.attribute.iter().find(|attribute| attribute.name == name)
    }

    pub(super) fn int(&self, name: &str, default: i64) -> i64 {
        self.attribute(name).map_or(default, |attribute| attribute.i)
    }

    pub(super) fn float(&self, name: &str) -> Option<f32> {
        self.attribute(name).map(|attribute| attribute.f)
    }

    pub(super) fn ints(&self, name: &str) -> Option<&[i64]> {
        self.attribute(name).map(|attribute| attribute.ints.as_slice())
    }

    pub(super) fn tensor(&self, name: &str) -> Option<&TensorProto> {
        self.attribute(name).and_then(|attribute| attribute.t.as_ref())
    }

    /// An axis, negative ones counted from the end, checked against `rank`.
    pub(super) fn axis(&self, axis: i64, rank: usize) -> Result<usize> {
        let from_start = if axis < 0 { axis + rank as i64 } else { axis };
        if (0..rank as i64).contains(&from_start) {
            return Ok(from_start as usize);
        }
        Err(self.refuse(format!("axis {axis} of a tensor of rank {rank}")))
    }
}

/// A vetted tensor as tract holds it.
pub(super) fn tensor_of(proto: &TensorProto) -> Result<Tensor> {
    let refuse = |e: TractError| unsupported(&proto.name, format!("{e:#}"));
    let shape: Vec<usize> = proto.dims.iter().map(|&d| d as usize).collect();
    let raw = &proto.raw_data;
    macro_rules! read {
        ($type:ty, $field:ident) => {{
            let values: Vec<$type> = if raw.is_empty() {
                proto.$field.iter().map(|&v| v as $type).collect()
            } else {
                raw.chunks_exact(size_of::<$type>())
                    .filter_map(|bytes| bytes.try_into().ok().map(<$type>::from_le_bytes))
                    .collect()
            };
            Tensor::from_shape(&shape, &values).map_err(refuse)
        }};
    }
    match element_of(proto.data_type) {
        Some(Element::F32) => read!(f32, float_data),
        Some(Element::U8) => read!(u8, int32_data),
        Some(Element::I8) => read!(i8, int32_data),
        Some(Element::I32) => read!(i32, int32_data),
        Some(Element::I64) => read!(i64, int64_data),
        None => Err(unsupported(&proto.name, format!("data type {}", proto.data_type))),
    }
}
