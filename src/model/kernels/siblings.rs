//! In: a graph's layers of f32, some of which read the same rows. Out: those as one operator, an output each.
//! What rows cost apart from the products, a layer does not pay for again: they are turned once for all.
//! Must never join layers whose inputs are not the very same value.

use super::dense::Dense;
use std::collections::HashMap;
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
        let outputs = Dense::of_floats(&layers, inputs.first().context("no rows")?)?;
        Ok(outputs.into_iter().map(IntoTValue::into_tvalue).collect())
    }
}

impl TypedOp for Siblings {
    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        let facts = self.0.iter().map(|layer| layer.output_facts(inputs)).collect::<TractResult<Vec<_>>>()?;
        Ok(facts.into_iter().flatten().collect())
    }

    as_op!();
}

impl Siblings {
    /// The nodes that become one: by the first of them, all of them in order.
    pub fn among<'a>(nodes: impl Iterator<Item = &'a TypedNode>) -> HashMap<usize, Vec<usize>> {
        let mut by_input: HashMap<OutletId, Vec<usize>> = HashMap::new();
        for node in nodes {
            if let (Some(layer), [rows]) = (node.op_as::<Dense>(), node.inputs.as_slice())
                && layer.takes_floats()
            {
                by_input.entry(*rows).or_default().push(node.id);
            }
        }
        let several = by_input.into_values().filter(|layers| layers.len() > 1);
        several.filter_map(|layers| Some((*layers.first()?, layers))).collect()
    }

    /// The operator in place of some nodes that [`Siblings::among`] found.
    pub fn of(nodes: &[TypedNode]) -> Siblings {
        Siblings(nodes.iter().filter_map(|node| node.op_as::<Dense>().cloned()).collect())
    }
}
