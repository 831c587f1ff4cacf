//! MatMul, Gemm and MatMulInteger. A product with a constant matrix is a dense layer, whose weights are packed
//! once; other products pack the right side at each run. [`Product`] is what the fusions of layers start from.

use super::arithmetic::require_f32;
use crate::error::Result;
use crate::model::compile::graph::GraphBuilder;
use crate::model::compile::layer::{
    ConstantMatrix, Layer, as_f32_slice, byte_sign, constant_columns, emit_layer,
};
use crate::model::compile::node::Node;
use crate::model::kernels::{Binary, Dense, DenseInput, MatMul, to_i32_vec};
use tract_core::internal::*;

/// A MatMul, or the product of a Gemm, of matrices that multiply.
pub struct Product {
    pub left: OutletId,
    pub right: OutletId,
    transposed: [bool; 2],
    /// Multiplications.
    macs: u64,
    terms: usize,
    columns: usize,
}

/// Rows and columns of a matrix, the batches before them, and whether it comes transposed.
fn matrix(shape: &[usize], transposed: bool) -> Option<(usize, usize, &[usize])> {
    let (batches, &[rows, columns]) = shape.split_last_chunk()?;
    Some(if transposed { (columns, rows, batches) } else { (rows, columns, batches) })
}

impl Product {
    /// Checks the operands of a node.
    pub fn of(graph: &GraphBuilder, node: &Node) -> Result<Product> {
        let [left, right] = [node.input(0)?, node.input(1)?];
        let shapes = [graph.shape(left)?, graph.shape(right)?];
        let gemm = node.op() == "Gemm";
        if gemm && shapes.iter().any(|shape| shape.len() != 2) {
            return Err(node.refuse("takes matrices"));
        }
        let transposed = ["transA", "transB"].map(|name| gemm && node.int(name, 0) != 0);
        require_f32(graph, node, &[left, right])?;
        let [first, second] = &shapes;
        let refuse = || node.refuse(format!("{first:?} and {second:?} do not multiply"));
        let (rows, terms, own) = matrix(first, transposed[0]).ok_or_else(refuse)?;
        let (inner, columns, others) = matrix(second, transposed[1]).ok_or_else(refuse)?;
        // One side may lack batch axes; where both have them they must be equal.
        if terms != inner || terms == 0 || (own != others && !own.is_empty() && !others.is_empty()) {
            return Err(refuse());
        }
        let batches = if own.is_empty() { others } else { own };
        let dims = [rows, terms, columns];
        let macs = batches.iter().chain(&dims).try_fold(1u64, |v, &d| v.checked_mul(d as u64));
        let macs = macs.unwrap_or(u64::MAX);
        Ok(Product { left, right, transposed, macs, terms, columns })
    }

    /// The right side, if it is a constant and the left side is rows that are computed.
    pub fn constant_weights(&self, graph: &GraphBuilder) -> Result<Option<ConstantMatrix>> {
        let [rows, weights] = [graph.shape(self.left)?, graph.shape(self.right)?];
        let constants = (graph.constant(self.left)?, graph.constant(self.right)?);
        if self.transposed[0]
            || rows.len() != 2
            || weights.len() != 2
            || !matches!(constants, (None, Some(_)))
        {
            return Ok(None);
        }
        Ok(Some(ConstantMatrix { terms: self.terms, columns: self.columns, transposed: self.transposed[1] }))
    }

    /// Counts what the product takes, before it is added.
    pub fn count(
        &self,
        graph: &mut GraphBuilder,
        node: &Node,
        weights: Option<ConstantMatrix>,
    ) -> Result<()> {
        graph.count_macs(node.name(), self.macs)?;
        let packed = weights.map_or(0, ConstantMatrix::packed_volume);
        graph.count_elements(node.name(), packed)
    }

    /// The layer of f32 that multiplies with constant weights.
    pub fn layer(&self, graph: &GraphBuilder, weights: ConstantMatrix) -> Result<Option<Layer>> {
        let constant = graph.constant(self.right)?;
        let values = constant.as_deref().and_then(as_f32_slice);
        let op = values.map(|values| Dense::new(weights.pack_f32(values), DenseInput::F32));
        Ok(op.map(|op| Layer { op, inputs: tvec!(self.left) }))
    }
}

/// MatMul and Gemm.
pub fn matmul(graph: &mut GraphBuilder, node: &Node) -> Result<OutletId> {
    let product = Product::of(graph, node)?;
    let weights = product.constant_weights(graph)?;
    product.count(graph, node, weights)?;
    let layer = weights.map(|weights| product.layer(graph, weights)).transpose()?.flatten();
    let outlet = match layer {
        Some(layer) => emit_layer(graph, node, layer)?,
        None => {
            let op = MatMul { transposed: product.transposed };
            graph.add_op(node.name(), op, &[product.left, product.right])?
        }
    };
    scale_and_add(graph, node, outlet)
}

/// What a Gemm does to its product: `alpha · product + beta · bias`. A MatMul has none of it.
pub fn scale_and_add(graph: &mut GraphBuilder, node: &Node, product: OutletId) -> Result<OutletId> {
    let product = scaled(graph, node, product, node.float("alpha"))?;
    let Some(bias) = node.optional(2) else { return Ok(product) };
    require_f32(graph, node, &[bias])?;
    let bias = scaled(graph, node, bias, node.float("beta"))?;
    if let Some(mut layer) = Layer::at(graph, product)
        && let Some(bias) = constant_columns(graph, bias, layer.op.weights.columns)?
    {
        layer.op.bias = Some(bias);
        return emit_layer(graph, node, layer);
    }
    let shape = graph.shape(product)?;
    let sum = graph.add_binary(node.name(), Binary::Add, [product, bias])?;
    if graph.shape(sum)? != shape {
        return Err(node.refuse("the bias is larger than the product"));
    }
    Ok(sum)
}

fn scaled(graph: &mut GraphBuilder, node: &Node, value: OutletId, factor: Option<f32>) -> Result<OutletId> {
    match factor {
        Some(factor) if factor != 1.0 => {
            let factor = graph.add_constant("factor", tensor0(factor))?;
            graph.add_binary(node.name(), Binary::Mul, [value, factor])
        }
        _ => Ok(value),
    }
}

/// A zero point, which must have the type of what it belongs to.
fn zero_point(graph: &GraphBuilder, node: &Node, index: usize, of: OutletId) -> Result<Option<OutletId>> {
    let Some(zero) = node.optional(index) else { return Ok(None) };
    if graph.element(zero)? != graph.element(of)? {
        return Err(node.refuse("a zero point has another type than what it belongs to"));
    }
    Ok(Some(zero))
}

/// Bytes times constant bytes, less their zero points, as i32.
pub fn matmul_integer(graph: &mut GraphBuilder, node: &Node) -> Result<OutletId> {
    let (rows, weights) = (node.input(0)?, node.input(1)?);
    let rows_zero = zero_point(graph, node, 2, rows)?;
    if let Some(zero) = rows_zero
        && graph.shape(zero)?.iter().any(|&dim| dim != 1)
    {
        return Err(node.refuse("activations have one zero point"));
    }
    let zero = match zero_point(graph, node, 3, weights)? {
        None => vec![0],
        Some(zero) => {
            let zero =
                graph.constant(zero)?.ok_or_else(|| node.refuse("weights have a constant zero point"))?;
            to_i32_vec(&zero).map_err(|e| node.refuse(e.to_string()))?
        }
    };
    let (shape, of_weights) = (graph.shape(rows)?, graph.shape(weights)?);
    let macs = shape.iter().chain(of_weights.last()).try_fold(1u64, |v, &d| v.checked_mul(d as u64));
    graph.count_macs(node.name(), macs.unwrap_or(u64::MAX))?;
    let refuse =
        || node.refuse(format!("{shape:?} and {of_weights:?}: matrices of bytes, the right one constant"));
    let (&[_, terms], &[inner, columns]) = (shape.as_slice(), of_weights.as_slice()) else {
        return Err(refuse());
    };
    let matrix = ConstantMatrix { terms, columns, transposed: false };
    graph.count_elements(node.name(), matrix.packed_volume())?;
    let signed = byte_sign(graph, rows)?.filter(|_| terms == inner).ok_or_else(refuse)?;
    let packed = matrix.pack_bytes(graph, weights, &zero)?.ok_or_else(refuse)?;
    let input = match rows_zero {
        None => DenseInput::Bytes { signed, zero: 0 },
        Some(_) => DenseInput::BytesWithZeroPoint { signed },
    };
    let inputs = [rows].into_iter().chain(rows_zero).collect();
    emit_layer(graph, node, Layer { op: Dense::new(packed, input), inputs })
}
