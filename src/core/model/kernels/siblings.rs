//! In: a graph's layers of f32, some of which read the same rows. Out: those as one operator, an output each.
//! What rows cost apart from the products, a layer does not pay for again: they are turned once for all.
//! Must never join layers whose inputs are not the very same value.

use super::dense::Dense;
use tract_core::internal::*;

/// Layers of f32 over the same rows, at least two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Siblings(Vec<Dense>);

impl Op for Siblings {
    fn name(&self) -> StaticName {
        "Siblings".into()
    }

    op_as_typed_op!();
}

impl EvalOp for Siblings {
    op_out_of_plan!();

    fn eval(&self, _context: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let layers: Vec<&Dense> = self.0.iter().collect();
        Dense::of_floats(&layers, inputs.first().context("no rows")?)
    }
}

impl TypedOp for Siblings {
    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        let mut facts = tvec!();
        for layer in &self.0 {
            facts.push(layer.fact(inputs)?);
        }
        Ok(facts)
    }

    as_op!();
}

impl Siblings {
    /// The nodes that become one, each group in order.
    pub fn among(nodes: &[Option<TypedNode>]) -> Vec<Vec<usize>> {
        let mut by_input: Vec<(OutletId, Vec<usize>)> = Vec::new();
        for node in nodes.iter().flatten() {
            if let (Some(layer), [rows]) = (node.op_as::<Dense>(), node.inputs.as_slice())
                && layer.takes_floats()
            {
                match by_input.iter_mut().find(|(known, _)| known == rows) {
                    Some((_, layers)) => layers.push(node.id),
                    None => by_input.push((*rows, vec![node.id])),
                }
            }
        }
        by_input.retain(|(_, layers)| layers.len() > 1);
        by_input.into_iter().map(|(_, layers)| layers).collect()
    }

    /// The operator in place of some nodes that [`Siblings::among`] found.
    pub fn of(nodes: &[TypedNode]) -> Siblings {
        Siblings(nodes.iter().filter_map(|node| node.op_as::<Dense>().cloned()).collect())
    }
}
