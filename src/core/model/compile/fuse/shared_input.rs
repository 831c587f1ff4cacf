//! The fusion of layers that read the same rows, which is found in the finished graph:
//! `Dense(x), Dense(x), …` → one `SharedInputDense(x)` with an output for each.

use crate::model::kernels::{Dense, SharedInputDense};
use tract_core::internal::*;

/// The nodes that become one, each group in order. A node that is not needed is `None`.
pub fn groups(nodes: &[Option<TypedNode>]) -> Vec<Vec<usize>> {
    let mut by_input: Vec<(OutletId, Vec<usize>)> = Vec::new();
    for node in nodes.iter().flatten() {
        if let (Some(layer), [rows]) = (node.op_as::<Dense>(), node.inputs.as_slice())
            && layer.takes_f32_rows()
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

/// The operator in place of a group.
pub fn joined(nodes: &[TypedNode]) -> SharedInputDense {
    SharedInputDense(nodes.iter().filter_map(|node| node.op_as::<Dense>().cloned()).collect())
}
