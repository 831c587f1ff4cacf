//! In: matrices of f32, batches in front. Out: their product.
//! ONNX's MatMul, Gemm and MatMulInteger: a layer where the right side is constant, else a
//! product that packs it at each run.
//! Must never wire a product whose inner dimensions differ.

use super::arithmetic::floats;
use super::{Node, Wiring};
use crate::error::Result;
use crate::model::kernels::{Binary, MatMul, narrow};
use tract_core::internal::*;

pub(super) fn matmul(wiring: &mut Wiring, node: &Node) -> Result<OutletId> {
    multiply(wiring, node, [false, false])
}

fn multiply(wiring: &mut Wiring, node: &Node, transposed: [bool; 2]) -> Result<OutletId> {
    let inputs = [node.input(0)?, node.input(1)?];
    floats(wiring, node, &inputs)?;
    let shapes = [wiring.shape(inputs[0])?, wiring.shape(inputs[1])?];
    let refuse = || node.refuse(format!("{:?} and {:?} do not multiply", shapes[0], shapes[1]));
    let matrix = |i: usize| -> Option<(usize, usize)> {
        let shape: &[usize] = &shapes[i];
        let [.., rows, columns] = *shape else { return None };
        Some(if transposed[i] { (columns, rows) } else { (rows, columns) })
    };
    let ((m, k), (k2, n)) = matrix(0).zip(matrix(1)).ok_or_else(refuse)?;
    if k != k2 || k == 0 {
        return Err(refuse());
    }
    let batch = |i: usize| shapes[i][..shapes[i].len() - 2].to_vec();
    let (left, right) = (batch(0), batch(1));
    // One side may lack batch axes; where both have them they must be equal.
    if left != right && !left.is_empty() && !right.is_empty() {
        return Err(refuse());
    }
    let batches = if left.is_empty() { &right } else { &left };
    let macs = batches.iter().chain(&[m, k, n]).try_fold(1u64, |v, &d| v.checked_mul(d as u64));
    wiring.spend(node.name(), macs.unwrap_or(u64::MAX))?;
    if !transposed[0]
        && let Some(layer) = wiring.product(node, inputs, transposed[1])?
    {
        return Ok(layer);
    }
    wiring.wire(node.name(), MatMul { transposed }, &inputs)
}

pub(super) fn gemm(wiring: &mut Wiring, node: &Node) -> Result<OutletId> {
    for input in [node.input(0)?, node.input(1)?] {
        if wiring.shape(input)?.len() != 2 {
            return Err(node.refuse("takes matrices"));
        }
    }
    let transposed = [node.int("transA", 0) != 0, node.int("transB", 0) != 0];
    let product = multiply(wiring, node, transposed)?;
    let product = scaled(wiring, node, product, node.float("alpha"))?;
    let Some(bias) = node.optional(2) else { return Ok(product) };
    floats(wiring, node, &[bias])?;
    let bias = scaled(wiring, node, bias, node.float("beta"))?;
    if let Some(layer) = wiring.with_bias(node, product, bias)? {
        return Ok(layer);
    }
    let shape = wiring.shape(product)?;
    let sum = wiring.binary(node.name(), Binary::Add, [product, bias])?;
    if wiring.shape(sum)? != shape {
        return Err(node.refuse("the bias is larger than the product"));
    }
    Ok(sum)
}

fn scaled(wiring: &mut Wiring, node: &Node, value: OutletId, factor: Option<f32>) -> Result<OutletId> {
    match factor {
        Some(factor) if factor != 1.0 => {
            let factor = wiring.constant("factor", tensor0(factor))?;
            wiring.binary(node.name(), Binary::Mul, [value, factor])
        }
        _ => Ok(value),
    }
}

/// Bytes times constant bytes, less their zero points, as i32.
pub(super) fn matmul_integer(wiring: &mut Wiring, node: &Node) -> Result<OutletId> {
    let (rows, weights) = (node.input(0)?, node.input(1)?);
    let zero_of = |wiring: &Wiring, index: usize, of: OutletId| match node.optional(index) {
        Some(zero) if wiring.element(zero)? != wiring.element(of)? => {
            Err(node.refuse("a zero point has another type than what it belongs to"))
        }
        zero => Ok(zero),
    };
    let rows_zero = zero_of(wiring, 2, rows)?;
    if let Some(zero) = rows_zero
        && wiring.shape(zero)?.iter().any(|&dim| dim != 1)
    {
        return Err(node.refuse("activations have one zero point"));
    }
    let zero = match zero_of(wiring, 3, weights)? {
        None => vec![0],
        Some(zero) => {
            let known =
                wiring.known(zero)?.ok_or_else(|| node.refuse("weights have a constant zero point"))?;
            narrow(&known).map_err(|e| node.refuse(e.to_string()))?
        }
    };
    let shapes = (wiring.shape(rows)?, wiring.shape(weights)?);
    let macs = shapes.0.iter().chain(shapes.1.last()).try_fold(1u64, |v, &d| v.checked_mul(d as u64));
    wiring.spend(node.name(), macs.unwrap_or(u64::MAX))?;
    let product = wiring.product_of_bytes(node, rows, rows_zero, weights, &zero)?;
    product.ok_or_else(|| {
        node.refuse(format!("{:?} and {:?}: matrices of bytes, the right one constant", shapes.0, shapes.1))
    })
}
