//! In: tensors. Out: the same values elsewhere: joined, gathered, reshaped, transposed.
//! Shapes, axes and permutations must be constants of the graph.
//! Must never gather by an index that is not proven to lie inside the table.

use super::super::wiring::tensor_of;
use super::{Node, Wiring};
use crate::error::Result;
use crate::limits;
use crate::model::kernels::{Concat, Gather, Reshape, Transpose};
use tract_core::internal::*;

pub(super) fn identity(_: &mut Wiring, node: &Node) -> Result<OutletId> {
    node.input(0)
}

pub(super) fn constant(wiring: &mut Wiring, node: &Node) -> Result<OutletId> {
    let proto = node.tensor("value").ok_or_else(|| node.refuse("has no tensor `value`"))?;
    wiring.constant(node.name(), tensor_of(proto)?)
}

pub(super) fn concat(wiring: &mut Wiring, node: &Node) -> Result<OutletId> {
    let inputs = (0..node.inputs.len()).map(|i| node.input(i)).collect::<Result<Vec<_>>>()?;
    let shapes = inputs.iter().map(|&o| wiring.shape(o)).collect::<Result<Vec<_>>>()?;
    let first = shapes.first().ok_or_else(|| node.refuse("joins nothing"))?;
    let axis = node.axis(node.int("axis", 0), first.len())?;
    let element = wiring.element(node.input(0)?)?;
    for (&input, shape) in inputs.iter().zip(&shapes) {
        let fits = shape.len() == first.len()
            && (0..first.len()).all(|a| a == axis || shape[a] == first[a])
            && wiring.element(input)? == element;
        if !fits {
            return Err(node.refuse(format!("shapes {shapes:?} do not join on axis {axis}")));
        }
    }
    wiring.wire(node.name(), Concat { axis }, &inputs)
}

pub(super) fn gather(wiring: &mut Wiring, node: &Node) -> Result<OutletId> {
    let (data, indices) = (node.input(0)?, node.input(1)?);
    let shape = wiring.shape(data)?;
    let axis = node.axis(node.int("axis", 0), shape.len())?;
    if wiring.element(indices)? != i64::datum_type() {
        return Err(node.refuse("takes int64 indices"));
    }
    let rows = shape[axis] as i64;
    let inside = match wiring.known(indices)? {
        Some(known) => values(node, &known)?.iter().all(|&i| (-rows..rows).contains(&i)),
        None => wiring.id_bound(indices).is_some_and(|bound| bound as i64 <= rows),
    };
    if !inside {
        return Err(node.refuse(format!("indices are not proven to lie in a table of {rows} rows")));
    }
    let outlet = wiring.wire(node.name(), Gather { axis }, &[data, indices])?;
    if axis == 0 {
        wiring.note_gathered(outlet, data, indices)?;
    }
    Ok(outlet)
}

pub(super) fn values(node: &Node, tensor: &Tensor) -> Result<Vec<i64>> {
    let plain = tensor.try_as_plain_ram().map_err(|e| node.refuse(e.to_string()))?;
    Ok(plain.as_slice::<i64>().map_err(|e| node.refuse(e.to_string()))?.to_vec())
}

/// Axes from the attribute (older opsets) or a constant input.
pub(super) fn axes(wiring: &Wiring, node: &Node, rank: usize) -> Result<Option<Vec<usize>>> {
    let raw = match (node.ints("axes"), node.optional(1)) {
        (Some(axes), None) => axes.to_vec(),
        (None, Some(input)) => {
            let known = wiring.known(input)?.ok_or_else(|| node.refuse("axes must be constant"))?;
            values(node, &known)?
        }
        (None, None) => return Ok(None),
        (Some(_), Some(_)) => return Err(node.refuse("has axes twice")),
    };
    let mut axes = raw.iter().map(|&axis| node.axis(axis, rank)).collect::<Result<Vec<_>>>()?;
    axes.sort_unstable();
    if axes.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(node.refuse("names an axis twice"));
    }
    Ok(Some(axes))
}

pub(super) fn unsqueeze(wiring: &mut Wiring, node: &Node) -> Result<OutletId> {
    let input = node.input(0)?;
    let mut shape = wiring.shape(input)?;
    let rank = shape.len();
    let raw = node.ints("axes").map(<[i64]>::len);
    let given = match (raw, node.optional(1)) {
        (Some(count), None) => count,
        (None, Some(input)) => wiring.shape(input)?.iter().product(),
        _ => return Err(node.refuse("needs axes once")),
    };
    if rank + given > limits::TENSOR_RANK {
        return Err(node.refuse(format!("gives rank {}, at most {}", rank + given, limits::TENSOR_RANK)));
    }
    for axis in axes(wiring, node, rank + given)?.unwrap_or_default() {
        // Sorted, so each finds the ones before it in place.
        shape.insert(axis, 1);
    }
    reshaped(wiring, node, input, &shape)
}

pub(super) fn squeeze(wiring: &mut Wiring, node: &Node) -> Result<OutletId> {
    let input = node.input(0)?;
    let shape = wiring.shape(input)?;
    let mut target = shape.clone();
    let all = || (0..shape.len()).filter(|&a| shape[a] == 1).collect();
    let axes = axes(wiring, node, shape.len())?.unwrap_or_else(all);
    for &axis in axes.iter().rev() {
        if shape[axis] != 1 {
            return Err(node.refuse(format!("axis {axis} of {shape:?} is not 1")));
        }
        target.remove(axis);
    }
    reshaped(wiring, node, input, &target)
}

pub(super) fn transpose(wiring: &mut Wiring, node: &Node) -> Result<OutletId> {
    let input = node.input(0)?;
    let rank = wiring.shape(input)?.len();
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
    wiring.wire(node.name(), Transpose { axes: perm }, &[input])
}

pub(super) fn flatten(wiring: &mut Wiring, node: &Node) -> Result<OutletId> {
    let input = node.input(0)?;
    let shape = wiring.shape(input)?;
    let axis = match node.int("axis", 1) {
        last if last == shape.len() as i64 => shape.len(),
        axis => node.axis(axis, shape.len())?,
    };
    let (rows, columns) = shape.split_at(axis);
    let flat = vec![rows.iter().product(), columns.iter().product()];
    reshaped(wiring, node, input, &flat)
}

pub(super) fn reshape(wiring: &mut Wiring, node: &Node) -> Result<OutletId> {
    let input = node.input(0)?;
    let shape = wiring.shape(input)?;
    let wanted = wiring.known(node.input(1)?)?.ok_or_else(|| node.refuse("shape must be constant"))?;
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
        target[index] = (have / want) as usize;
    } else if have != want {
        return Err(refuse());
    }
    reshaped(wiring, node, input, &target)
}

pub(super) fn reshaped(wiring: &mut Wiring, node: &Node, input: OutletId, to: &[usize]) -> Result<OutletId> {
    if wiring.shape(input)? == to {
        return Ok(input);
    }
    wiring.wire(node.name(), Reshape { shape: to.to_vec() }, &[input])
}
