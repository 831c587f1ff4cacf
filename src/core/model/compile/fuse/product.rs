//! Fusions that end in a product with constant weights: of bytes, and of layers that follow each other.
//! They open a layer, which the fusions of `layer.rs` then extend.

use super::fusion::Fusion;
use crate::error::Result;
use crate::model::compile::graph::GraphBuilder;
use crate::model::compile::layer::{ConstantMatrix, Layer, byte_sign, emit_layer, open_layer, per_column};
use crate::model::compile::node::Node;
use crate::model::compile::ops::matrix::{Product, scale_and_add};
use crate::model::compile::ops::quantize::Parameters;
use crate::model::kernels::{Dense, DenseInput, DenseOutput, PackedWeights};
use tract_core::internal::*;

/// `MatMul(DequantizeLinear(bytes), DequantizeLinear(constant bytes))`, or a Gemm of the two → a layer that
/// multiplies the bytes.
pub struct OfDequantized {
    product: Product,
    matrix: ConstantMatrix,
    layer: Layer,
}

/// Bytes that a DequantizeLinear made f32 of.
struct Dequantized {
    bytes: OutletId,
    /// One, or one along `axis`.
    scale: Vec<f32>,
    /// As many.
    zero_point: Vec<i32>,
    axis: usize,
}

fn dequantized(graph: &GraphBuilder, outlet: OutletId) -> Result<Option<Dequantized>> {
    let Some(node) = graph.producer(outlet, "DequantizeLinear") else { return Ok(None) };
    let bytes = node.input(0)?;
    if byte_sign(graph, bytes)?.is_none() {
        return Ok(None);
    }
    let Parameters { scale, zero_point, .. } = Parameters::of(graph, node)?;
    let axis = match scale.len() {
        1 => 0,
        _ => node.axis(node.int("axis", 1), graph.shape(bytes)?.len())?,
    };
    let zero_point = zero_point.iter().map(|&zero| zero as i32).collect();
    Ok(Some(Dequantized { bytes, scale, zero_point, axis }))
}

/// The weights' part of the pattern: packed bytes, and the scale of each column.
fn weights_of(
    graph: &GraphBuilder,
    weights: &Dequantized,
    matrix: ConstantMatrix,
) -> Result<Option<(PackedWeights, Vec<f32>)>> {
    let column_axis = usize::from(!matrix.transposed);
    if weights.scale.len() > 1 && weights.axis != column_axis {
        return Ok(None);
    }
    let packed = matrix.pack_bytes(graph, weights.bytes, &weights.zero_point)?;
    Ok(packed.map(|packed| (packed, weights.scale.clone())))
}

impl Fusion for OfDequantized {
    const ENDS_IN: &'static [&'static str] = &["MatMul", "Gemm"];

    fn find(graph: &GraphBuilder, node: &Node) -> Result<Option<OfDequantized>> {
        let product = Product::of(graph, node)?;
        let Some(matrix) = product.constant_weights(graph)? else { return Ok(None) };
        let sides = (dequantized(graph, product.left)?, dequantized(graph, product.right)?);
        let (Some(rows), Some(weights)) = sides else { return Ok(None) };
        let (&[step], &[zero]) = (rows.scale.as_slice(), rows.zero_point.as_slice()) else {
            return Ok(None);
        };
        let Some(signed) = byte_sign(graph, rows.bytes)? else { return Ok(None) };
        let Some((packed, scale)) = weights_of(graph, &weights, matrix)? else { return Ok(None) };
        let Some(scale) = per_column(&scale, matrix.columns) else { return Ok(None) };
        let mut op = Dense::new(packed, DenseInput::Bytes { signed, zero });
        op.scale = Some(Arc::new(scale.times(step)));
        op.output = DenseOutput::F32;
        let layer = Layer { op, inputs: tvec!(rows.bytes) };
        Ok(Some(OfDequantized { product, matrix, layer }))
    }

    fn emit(self, graph: &mut GraphBuilder, node: &Node) -> Result<OutletId> {
        self.product.count(graph, node, Some(self.matrix))?;
        let outlet = emit_layer(graph, node, self.layer)?;
        scale_and_add(graph, node, outlet)
    }
}

/// `MatMul(layer of f32, constant)`, or a Gemm of the two → one operator that runs both layers.
pub struct Stacked {
    product: Product,
    matrix: ConstantMatrix,
    below: Layer,
}

impl Fusion for Stacked {
    const ENDS_IN: &'static [&'static str] = &["MatMul", "Gemm"];

    fn find(graph: &GraphBuilder, node: &Node) -> Result<Option<Stacked>> {
        let product = Product::of(graph, node)?;
        let Some(matrix) = product.constant_weights(graph)? else { return Ok(None) };
        let below = open_layer(graph, node, 0).filter(|below| below.op.is_f32());
        Ok(below.map(|below| Stacked { product, matrix, below }))
    }

    fn emit(self, graph: &mut GraphBuilder, node: &Node) -> Result<OutletId> {
        self.product.count(graph, node, Some(self.matrix))?;
        let layer = self.product.layer(graph, self.matrix)?;
        let mut layer = layer.ok_or_else(|| node.refuse("weights are not f32"))?;
        (layer.op.hidden, layer.inputs) = (self.below.op.into_hidden(), self.below.inputs);
        let outlet = emit_layer(graph, node, layer)?;
        scale_and_add(graph, node, outlet)
    }
}
