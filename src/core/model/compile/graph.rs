//! The graph under construction: builders of operators and fusions add nodes to it, one by one.
//! Every shape is known here, so that every size is bounded before tract sees a node, and a node of constants
//! alone is computed at once. The graph remembers which ONNX node made a value: fusions look back by it.

use super::node::{Node, unsupported};
use crate::error::{Error, Kind, Result};
use crate::limits;
use crate::model::kernels::{Binary, Const, Source, broadcast};
use std::collections::HashMap;
use tract_core::internal::*;

/// A part of a stage under construction.
pub struct GraphBuilder<'a> {
    model: TypedModel,
    elements: u64,
    macs: u64,
    /// The only inputs that may index a table at run time, and the bound of their values.
    id_bounds: Vec<(OutletId, usize)>,
    /// How many nodes read each value of the ONNX graph, by name.
    readers: HashMap<&'a str, usize>,
    /// The ONNX nodes that made values without a fusion.
    producers: HashMap<OutletId, Node<'a>>,
}

impl<'a> GraphBuilder<'a> {
    /// An empty graph; `readers` counts the nodes that read each value of the ONNX graph.
    pub fn new(readers: HashMap<&'a str, usize>) -> GraphBuilder<'a> {
        GraphBuilder {
            model: TypedModel::default(),
            elements: 0,
            macs: 0,
            id_bounds: Vec::new(),
            readers,
            producers: HashMap::new(),
        }
    }

    /// The graph as it was built.
    pub fn into_model(self) -> TypedModel {
        self.model
    }

    /// Adds an input of the graph.
    pub fn add_input(&mut self, name: &str, element: DatumType, shape: &[usize]) -> Result<OutletId> {
        let fact = element.fact(shape);
        self.add(name, Source(fact.clone()).into(), tvec!(fact), &[])
    }

    /// Adds a constant.
    pub fn add_constant(&mut self, name: &str, tensor: Tensor) -> Result<OutletId> {
        let op = Const(tensor.into_arc_tensor());
        let fact = op.fact(&[]).map_err(|e| unsupported(name, e.to_string()))?;
        self.add(name, op.into(), tvec!(fact), &[])
    }

    /// Adds an operator after bounding what it gives; one of constants alone is computed here.
    pub fn add_op(
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
        let outputs = op.output_facts(&facts).map_err(refuse)?;
        for fact in &outputs {
            let shape = fact.shape.as_concrete().ok_or_else(|| unsupported(name, "has an open shape"))?;
            self.check_size(name, shape)?;
        }
        let constants = facts.iter().map(|fact| fact.konst.clone().map(IntoTValue::into_tvalue));
        if let Some(constants) = constants.collect::<Option<TVec<_>>>()
            && !constants.is_empty()
            && let Some(folded) = op.eval_out_of_plan(constants).map_err(refuse)?
            && let [one] = folded.as_slice()
        {
            return self.add_constant(name, one.clone().into_tensor());
        }
        self.add(name, op, outputs, inputs)
    }

    /// Adds an operator of two tensors of f32 after checking that they broadcast.
    pub fn add_binary(&mut self, name: &str, op: Binary, [left, right]: [OutletId; 2]) -> Result<OutletId> {
        let (first, second) = (self.shape(left)?, self.shape(right)?);
        if broadcast(&first, &second).is_none() {
            return Err(unsupported(name, format!("shapes {first:?} and {second:?} do not broadcast")));
        }
        self.add_op(name, op, &[left, right])
    }

    /// Adds a node to tract's graph. Its own `wire_node` looks every name up among all nodes, compares
    /// every constant with all others, and keeps operators in the module that no graph of ours has.
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

    fn fact(&self, outlet: OutletId) -> Result<&TypedFact> {
        self.model.outlet_fact(outlet).map_err(|e| unsupported("?", e.to_string()))
    }

    pub fn element(&self, outlet: OutletId) -> Result<DatumType> {
        Ok(self.fact(outlet)?.datum_type)
    }

    pub fn shape(&self, outlet: OutletId) -> Result<Vec<usize>> {
        let fact = self.fact(outlet)?;
        let shape = fact.shape.as_concrete().ok_or_else(|| unsupported("?", "has an open shape"))?;
        Ok(shape.to_vec())
    }

    /// The value of a constant; `None` for what is computed at run time.
    pub fn constant(&self, outlet: OutletId) -> Result<Option<Arc<Tensor>>> {
        Ok(self.fact(outlet)?.konst.clone())
    }

    /// The operator and the inputs of the node that gives an outlet, if it is of this type.
    pub fn op_as<O: TypedOp>(&self, outlet: OutletId) -> Option<(&O, &[OutletId])> {
        let node = self.model.nodes.get(outlet.node)?;
        Some((node.op_as::<O>()?, node.inputs.as_slice()))
    }

    /// Marks an input whose values lie in `0..bound`.
    pub fn bound_ids(&mut self, outlet: OutletId, bound: usize) {
        self.id_bounds.push((outlet, bound));
    }

    pub fn id_bound(&self, outlet: OutletId) -> Option<usize> {
        self.id_bounds.iter().find(|(known, _)| *known == outlet).map(|(_, bound)| *bound)
    }

    /// Remembers which ONNX node made a value, unless one before it did: some nodes give their input.
    pub fn set_producer(&mut self, outlet: OutletId, node: Node<'a>) {
        self.producers.entry(outlet).or_insert(node);
    }

    /// The ONNX node that made a value, if it is of this operator and was not fused.
    pub fn producer(&self, outlet: OutletId, op: &str) -> Option<&Node<'a>> {
        self.producers.get(&outlet).filter(|node| node.op() == op)
    }

    /// Whether nothing but this node reads one of its inputs.
    pub fn single_consumer(&self, node: &Node, input: usize) -> bool {
        let name = node.proto.input.get(input);
        name.and_then(|name| self.readers.get(name.as_str())).is_none_or(|&readers| readers <= 1)
    }

    fn check_size(&mut self, name: &str, shape: &[usize]) -> Result<()> {
        let volume = shape.iter().try_fold(1u64, |v, &d| v.checked_mul(d as u64));
        let too_large = |what: String| Error::new(Kind::ModelTooLarge, format!("graph.node({name})"), what);
        if shape.len() > limits::TENSOR_RANK {
            return Err(too_large(format!("gives rank {}, at most {}", shape.len(), limits::TENSOR_RANK)));
        }
        match volume {
            // Operators divide and chunk by lengths.
            Some(0) => Err(unsupported(name, format!("gives {shape:?}, which is empty"))),
            Some(volume) if volume <= limits::TENSOR_ELEMENTS => self.count_elements(name, volume),
            _ => Err(too_large(format!("gives {shape:?}, at most {} elements", limits::TENSOR_ELEMENTS))),
        }
    }

    /// Counts elements that a block computes, or that a layer keeps in an order of its own.
    pub fn count_elements(&mut self, name: &str, elements: u64) -> Result<()> {
        self.elements = self.elements.saturating_add(elements);
        if self.elements > limits::PLAN_ELEMENTS {
            let what = format!("a block computes more than {} elements", limits::PLAN_ELEMENTS);
            return Err(Error::new(Kind::ModelTooLarge, format!("graph.node({name})"), what));
        }
        Ok(())
    }

    /// Counts multiplications, or additions of a sum: work that the size of an output does not tell. Before an
    /// operator is added: if its inputs are constants, it is computed at once.
    pub fn count_macs(&mut self, name: &str, macs: u64) -> Result<()> {
        self.macs = self.macs.saturating_add(macs);
        if self.macs > limits::PLAN_MACS {
            let what = format!("a block takes more than {} multiplications", limits::PLAN_MACS);
            return Err(Error::new(Kind::ModelTooLarge, format!("graph.node({name})"), what));
        }
        Ok(())
    }

    /// Multiplications and elements that one block takes.
    pub fn work(&self) -> u64 {
        self.macs.saturating_add(self.elements)
    }

    /// Elements that one block computes.
    pub fn elements(&self) -> u64 {
        self.elements
    }
}
