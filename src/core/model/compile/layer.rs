//! Dense layers in a graph: reading one back so that another operator can be taken into it, and adding it again.
//! A layer is never changed in place. A new node is added that does both, and `prune` drops the old one if
//! nothing reads it any more.

use super::graph::GraphBuilder;
use super::node::Node;
use crate::error::Result;
use crate::model::kernels::{Columns, Dense, DenseOutput, MAX_TERMS, PackedWeights};
use tract_core::internal::*;

/// A layer and what it reads.
pub struct Layer {
    pub op: Dense,
    pub inputs: TVec<OutletId>,
}

impl Layer {
    /// The layer that gives a value.
    pub fn at(graph: &GraphBuilder, outlet: OutletId) -> Option<Layer> {
        let (op, inputs) = graph.op_as::<Dense>(outlet)?;
        Some(Layer { op: op.clone(), inputs: inputs.iter().copied().collect() })
    }
}

/// The layer that gives an input of a node, if the node can be taken into it: it gives f32, or integers that a
/// Cast makes f32 of, and nothing else reads them.
pub fn open_layer(graph: &GraphBuilder, node: &Node, input: usize) -> Option<Layer> {
    let outlet = node.optional(input).filter(|_| graph.single_consumer(node, input))?;
    let Some(cast) = graph.producer(outlet, "Cast") else {
        return Layer::at(graph, outlet).filter(|layer| layer.op.output == DenseOutput::F32);
    };
    let sums = cast.optional(0).filter(|_| graph.single_consumer(cast, 0))?;
    let mut layer = Layer::at(graph, sums).filter(|layer| layer.op.output == DenseOutput::I32)?;
    layer.op.output = DenseOutput::F32;
    let to_f32 = graph.element(outlet).is_ok_and(|element| element == f32::datum_type());
    to_f32.then_some(layer)
}

/// Adds a layer.
pub fn emit_layer(graph: &mut GraphBuilder, node: &Node, layer: Layer) -> Result<OutletId> {
    graph.add_op(node.name(), layer.op, &layer.inputs)
}

/// The values of a tensor of f32.
pub fn as_f32_slice(tensor: &Tensor) -> Option<&[f32]> {
    tensor.try_as_plain_ram().ok()?.as_slice::<f32>().ok()
}

/// One value a column, from one value or as many.
pub fn per_column(values: &[f32], columns: usize) -> Option<Arc<Columns>> {
    match values {
        [one] => Some(Columns::of(std::iter::repeat_n(*one, columns))),
        many if many.len() == columns => Some(Columns::of(many.iter().copied())),
        _ => None,
    }
    .map(Arc::new)
}

/// A constant's values along the columns of `[n, columns]`; `None` if it has another shape.
pub fn constant_columns(
    graph: &GraphBuilder,
    outlet: OutletId,
    columns: usize,
) -> Result<Option<Arc<Columns>>> {
    let constant = graph.constant(outlet)?.filter(|tensor| is_row(tensor.shape()));
    Ok(constant.as_deref().and_then(as_f32_slice).and_then(|values| per_column(values, columns)))
}

/// Whether a shape is a scalar or one row.
pub fn is_row(shape: &[usize]) -> bool {
    matches!(shape, [] | [_] | [1, _])
}

/// Whether an outlet holds int8 (true) or uint8 (false); `None` for other types.
pub fn byte_sign(graph: &GraphBuilder, outlet: OutletId) -> Result<Option<bool>> {
    let element = graph.element(outlet)?;
    let is = |datum: DatumType| element == datum;
    Ok(if is(i8::datum_type()) { Some(true) } else { is(u8::datum_type()).then_some(false) })
}

/// How a constant matrix `[terms, columns]` lies in memory.
#[derive(Debug, Clone, Copy)]
pub struct ConstantMatrix {
    pub terms: usize,
    pub columns: usize,
    pub transposed: bool,
}

impl ConstantMatrix {
    fn index(self, term: usize, column: usize) -> usize {
        if self.transposed { column * self.terms + term } else { term * self.columns + column }
    }

    /// Numbers that packing it writes.
    pub fn packed_volume(self) -> u64 {
        PackedWeights::volume(self.terms, self.columns)
    }

    /// Packs its values of f32.
    pub fn pack_f32(self, values: &[f32]) -> PackedWeights {
        PackedWeights::from_f32(self.terms, self.columns, |term, column| {
            values.get(self.index(term, column)).copied().unwrap_or_default()
        })
    }

    /// Packs its bytes less their zero points, of which there is one or one a column; `None` if it is not a
    /// constant of bytes, or has too many terms.
    pub fn pack_bytes(
        self,
        graph: &GraphBuilder,
        bytes: OutletId,
        zero: &[i32],
    ) -> Result<Option<PackedWeights>> {
        let (Some(signed), Some(tensor)) = (byte_sign(graph, bytes)?, graph.constant(bytes)?) else {
            return Ok(None);
        };
        let Ok(plain) = tensor.try_as_plain_ram() else { return Ok(None) };
        let bytes = plain.as_bytes();
        if self.terms > MAX_TERMS || ![1, self.columns].contains(&zero.len()) {
            return Ok(None);
        }
        Ok(Some(PackedWeights::from_bytes(self.terms, self.columns, |term, column| {
            let byte = bytes.get(self.index(term, column)).copied().unwrap_or_default();
            let zero = zero.get(column).or(zero.first()).copied().unwrap_or_default();
            if signed { i16::from(byte as i8) - zero as i16 } else { i16::from(byte) - zero as i16 }
        })))
    }
}
