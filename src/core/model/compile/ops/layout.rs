//! Operators that move values: Concat, Gather, Reshape and the like. Shapes, axes and permutations are constants.
//! An index of a Gather is either a constant, which is checked here, or token ids, which are bounded.

use crate::error::Result;
use crate::limits;
use crate::model::compile::graph::GraphBuilder;
use crate::model::compile::node::Node;
use crate::model::compile::tensor::tensor_of;
use crate::model::kernels::{Concat, Gather, Reshape, Transpose};
use tract_core::internal::*;

pub fn identity(_: &mut GraphBuilder, node: &Node) -> Result<OutletId> {
    node.input(0)
}

pub fn constant(graph: &mut GraphBuilder, node: &Node) -> Result<OutletId> {
    let proto = node.tensor("value").ok_or_else(|| node.refuse("has no tensor `value`"))?;
    graph.add_constant(node.name(), tensor_of(proto)?)
}

pub fn concat(graph: &mut GraphBuilder, node: &Node) -> Result<OutletId> {
    let inputs = (0..node.inputs.len()).map(|i| node.input(i)).collect::<Result<Vec<_>>>()?;
    let shapes = inputs.iter().map(|&o| graph.shape(o)).collect::<Result<Vec<_>>>()?;
    let first = shapes.first().ok_or_else(|| node.refuse("joins nothing"))?;
    let axis = node.axis(node.int("axis", 0), first.len())?;
    let element = graph.element(node.input(0)?)?;
    for (&input, shape) in inputs.iter().zip(&shapes) {
        let fits = shape.len() == first.len()
            && shape.iter().zip(first).enumerate().all(|(a, (own, first))| a == axis || own == first)
            && graph.element(input)? == element;
        if !fits {
            return Err(node.refuse(format!("shapes {shapes:?} do not join on axis {axis}")));
        }
    }
    graph.add_op(node.name(), Concat { axis }, &inputs)
}

pub fn gather(graph: &mut GraphBuilder, node: &Node) -> Result<OutletId> {
    let (data, indices) = (node.input(0)?, node.input(1)?);
    let shape = graph.shape(data)?;
    let axis = node.axis(node.int("axis", 0), shape.len())?;
    if graph.element(indices)? != i64::datum_type() {
        return Err(node.refuse("takes int64 indices"));
    }
    let rows = shape.get(axis).copied().unwrap_or_default() as i64;
    let inside = match graph.constant(indices)? {
        Some(known) => values(node, &known)?.iter().all(|&i| (-rows..rows).contains(&i)),
        None => graph.id_bound(indices).is_some_and(|bound| bound as i64 <= rows),
    };
    if !inside {
        return Err(node.refuse(format!("indices are not proven to lie in a table of {rows} rows")));
    }
    graph.add_op(node.name(), Gather { axis }, &[data, indices])
}

fn values(node: &Node, tensor: &Tensor) -> Result<Vec<i64>> {
    let plain = tensor.try_as_plain_ram().map_err(|e| node.refuse(e.to_string()))?;
    Ok(plain.as_slice::<i64>().map_err(|e| node.refuse(e.to_string()))?.to_vec())
}

/// Axes from the attribute (older opsets) or a constant input.
pub fn axes(graph: &GraphBuilder, node: &Node, rank: usize) -> Result<Option<Vec<usize>>> {
    let raw = match (node.ints("axes"), node.optional(1)) {
        (Some(axes), None) => axes.to_vec(),
        (None, Some(input)) => {
            let known = graph.constant(input)?.ok_or_else(|| node.refuse("axes must be constant"))?;
            values(node, &known)?
        }
        (None, None) => return Ok(None),
        (Some(_), Some(_)) => return Err(node.refuse("has axes twice")),
    };
    let mut axes = raw.iter().map(|&axis| node.axis(axis, rank)).collect::<Result<Vec<_>>>()?;
    axes.sort_unstable();
    if !axes.is_sorted_by(|a, b| a < b) {
        return Err(node.refuse("names an axis twice"));
    }
    Ok(Some(axes))
}

pub fn unsqueeze(graph: &mut GraphBuilder, node: &Node) -> Result<OutletId> {
    let input = node.input(0)?;
    let mut shape = graph.shape(input)?;
    let rank = shape.len();
    let raw = node.ints("axes").map(<[i64]>::len);
    let given = match (raw, node.optional(1)) {
        (Some(count), None) => count,
        (None, Some(input)) => graph.shape(input)?.iter().product(),
        _ => return Err(node.refuse("needs axes once")),
    };
    if rank + given > limits::TENSOR_RANK {
        return Err(node.refuse(format!("gives rank {}, at most {}", rank + given, limits::TENSOR_RANK)));
    }
    for axis in axes(graph, node, rank + given)?.unwrap_or_default() {
        // Sorted, so that the axes before it are in place.
        shape.insert(axis, 1);
    }
    reshaped(graph, node, input, &shape)
}

pub fn squeeze(graph: &mut GraphBuilder, node: &Node) -> Result<OutletId> {
    let input = node.input(0)?;
    let shape = graph.shape(input)?;
    let mut target = shape.clone();
    let all = || (0..).zip(&shape).filter(|(_, dim)| **dim == 1).map(|(axis, _)| axis).collect();
    let axes = axes(graph, node, shape.len())?.unwrap_or_else(all);
    for &axis in axes.iter().rev() {
        if shape.get(axis) != Some(&1) {
            return Err(node.refuse(format!("axis {axis} of {shape:?} is not 1")));
        }
        target.remove(axis);
    }
    reshaped(graph, node, input, &target)
}

pub fn transpose(graph: &mut GraphBuilder, node: &Node) -> Result<OutletId> {
    let input = node.input(0)?;
    let rank = graph.shape(input)?.len();
    let perm = match node.ints("perm") {
        None => (0..rank).rev().collect(),
        Some(perm) => perm.iter().map(|&axis| node.axis(axis, rank)).collect::<Result<Vec<_>>>()?,
    };
    let mut seen = perm.clone();
    seen.sort_unstable();
    if seen != (0..rank).collect::<Vec<_>>() {
        return Err(node.refuse(format!("{perm:?} is not a permutation of {rank} axes")));
    }
    if perm == seen {
        return Ok(input);
    }
    graph.add_op(node.name(), Transpose { axes: perm }, &[input])
}

pub fn flatten(graph: &mut GraphBuilder, node: &Node) -> Result<OutletId> {
    let input = node.input(0)?;
    let shape = graph.shape(input)?;
    let axis = match node.int("axis", 1) {
        last if last == shape.len() as i64 => shape.len(),
        axis => node.axis(axis, shape.len())?,
    };
    let (rows, columns) = shape.split_at(axis);
    let flat = vec![rows.iter().product(), columns.iter().product()];
    reshaped(graph, node, input, &flat)
}

pub fn reshape(graph: &mut GraphBuilder, node: &Node) -> Result<OutletId> {
    let input = node.input(0)?;
    let shape = graph.shape(input)?;
    let wanted = graph.constant(node.input(1)?)?.ok_or_else(|| node.refuse("shape must be constant"))?;
    if wanted.len() > limits::TENSOR_RANK {
        return Err(node.refuse(format!("to rank {}, at most {}", wanted.len(), limits::TENSOR_RANK)));
    }
    let wanted = values(node, &wanted)?;
    let refuse = || node.refuse(format!("{shape:?} does not reshape to {wanted:?}"));
    if node.int("allowzero", 0) != 0 {
        return Err(refuse());
    }
    let mut target = Vec::with_capacity(wanted.len());
    let mut open = None;
    for (index, &dim) in wanted.iter().enumerate() {
        target.push(match dim {
            -1 if open.replace(index).is_none() => 1,
            0 => shape.get(index).copied().ok_or_else(refuse)?,
            1.. if dim as u64 <= limits::TENSOR_ELEMENTS => dim as usize,
            _ => return Err(refuse()),
        });
    }
    let product =
        |dims: &[usize]| dims.iter().try_fold(1u64, |v, &d| v.checked_mul(d as u64)).ok_or_else(refuse);
    let (have, want) = (product(&shape)?, product(&target)?);
    if let Some(index) = open {
        if want == 0 || have % want != 0 {
            return Err(refuse());
        }
        target.get_mut(index).into_iter().for_each(|dim| *dim = (have / want) as usize);
    } else if have != want {
        return Err(refuse());
    }
    reshaped(graph, node, input, &target)
}

/// Gives a value another shape of as many elements.
pub fn reshaped(graph: &mut GraphBuilder, node: &Node, input: OutletId, to: &[usize]) -> Result<OutletId> {
    if graph.shape(input)? == to {
        return Ok(input);
    }
    graph.add_op(node.name(), Reshape { shape: to.to_vec() }, &[input])
}
