//! Fusions of a layer with the operator after it: scale, bias, ReLU, bytes. A layer grows by one at a time.
//! What is fused computes the same bits as the operators one by one.

use super::fusion::Fusion;
use crate::error::Result;
use crate::model::compile::graph::GraphBuilder;
use crate::model::compile::layer::{
    Layer, as_f32_slice, constant_columns, emit_layer, is_row, open_layer, per_column,
};
use crate::model::compile::node::Node;
use crate::model::compile::ops::quantize::quant_params;
use crate::model::kernels::{Columns, DenseOutput};
use tract_core::internal::*;

/// The two ways in which the operands of a commutative operator may stand.
const ORDERS: [[usize; 2]; 2] = [[0, 1], [1, 0]];

/// `Mul(integer layer, scale)` → the layer with that scale. The scale is constant, or the product of a scalar that
/// is computed and constants: `Mul(layer, Mul(scalar, constants))`, as dynamic quantisation writes it.
pub struct FuseScale(Layer);

/// `Mul(scalar, constants)`: the scalar, and a constant for each column.
fn scaled_columns(
    graph: &GraphBuilder,
    outlet: OutletId,
    columns: usize,
) -> Result<Option<(OutletId, Arc<Columns>)>> {
    let Some(mul) = graph.producer(outlet, "Mul") else { return Ok(None) };
    for [of_columns, of_scalar] in ORDERS {
        let (scalar, constants) = (mul.input(of_scalar)?, mul.input(of_columns)?);
        // Not of more than two axes: the product would have as many.
        let is_scalar = matches!(*graph.shape(scalar)?, [] | [1] | [1, 1]);
        let constants = graph.constant(constants)?.filter(|tensor| is_scalar && is_row(tensor.shape()));
        if let Some(values) = constants.as_deref().and_then(as_f32_slice) {
            return Ok(per_column(values, columns).map(|columns| (scalar, columns)));
        }
    }
    Ok(None)
}

impl Fusion for FuseScale {
    const ENDS_IN: &'static [&'static str] = &["Mul"];

    fn find(graph: &GraphBuilder, node: &Node) -> Result<Option<FuseScale>> {
        for [of_layer, of_scale] in ORDERS {
            let Some(mut layer) = open_layer(graph, node, of_layer) else { continue };
            let (op, scale) = (&mut layer.op, node.input(of_scale)?);
            if !op.weights.takes_bytes() || op.scale.is_some() || op.bias.is_some() || op.relu {
                continue;
            }
            let columns = op.weights.columns;
            if let Some(constant) = constant_columns(graph, scale, columns)? {
                op.scale = Some(constant);
            } else if let Some((scalar, constant)) = scaled_columns(graph, scale, columns)? {
                (op.scale, op.factor) = (Some(constant), true);
                layer.inputs.push(scalar);
            } else {
                continue;
            }
            return Ok(Some(FuseScale(layer)));
        }
        Ok(None)
    }

    fn emit(self, graph: &mut GraphBuilder, node: &Node) -> Result<OutletId> {
        emit_layer(graph, node, self.0)
    }
}

/// `Add(layer, constant row)` → the layer with that bias.
pub struct FuseBias(Layer);

impl Fusion for FuseBias {
    const ENDS_IN: &'static [&'static str] = &["Add"];

    fn find(graph: &GraphBuilder, node: &Node) -> Result<Option<FuseBias>> {
        for [of_layer, of_bias] in ORDERS {
            let Some(mut layer) = open_layer(graph, node, of_layer) else { continue };
            let bias = constant_columns(graph, node.input(of_bias)?, layer.op.weights.columns)?;
            if bias.is_none() || layer.op.bias.is_some() || layer.op.relu {
                continue;
            }
            layer.op.bias = bias;
            return Ok(Some(FuseBias(layer)));
        }
        Ok(None)
    }

    fn emit(self, graph: &mut GraphBuilder, node: &Node) -> Result<OutletId> {
        emit_layer(graph, node, self.0)
    }
}

/// `Relu(layer)` → the layer with ReLU.
pub struct FuseRelu(Layer);

impl Fusion for FuseRelu {
    const ENDS_IN: &'static [&'static str] = &["Relu"];

    fn find(graph: &GraphBuilder, node: &Node) -> Result<Option<FuseRelu>> {
        let layer = open_layer(graph, node, 0).filter(|layer| !layer.op.relu);
        Ok(layer.map(|mut layer| {
            layer.op.relu = true;
            FuseRelu(layer)
        }))
    }

    fn emit(self, graph: &mut GraphBuilder, node: &Node) -> Result<OutletId> {
        emit_layer(graph, node, self.0)
    }
}

/// `QuantizeLinear(layer)` → the layer with bytes as its output.
pub struct FuseQuantize(Layer);

impl Fusion for FuseQuantize {
    const ENDS_IN: &'static [&'static str] = &["QuantizeLinear"];

    fn find(graph: &GraphBuilder, node: &Node) -> Result<Option<FuseQuantize>> {
        let Some(mut layer) = open_layer(graph, node, 0) else { return Ok(None) };
        layer.op.output = DenseOutput::Bytes(quant_params(graph, node)?);
        Ok(Some(FuseQuantize(layer)))
    }

    fn emit(self, graph: &mut GraphBuilder, node: &Node) -> Result<OutletId> {
        emit_layer(graph, node, self.0)
    }
}
