//! In: what builders wired so far. Out: one layer in place of the operators that make it up.
//! A layer grows node by node (product → scale → bias → ReLU → bytes); what it replaces is left
//! behind without a reader, and tract drops it. Must never grow over a value that others read.

mod rows;

use super::bag::Bag;
use super::dense::{Dense, Gives, Takes};
use super::lanes::Steps;
use super::packed::{Columns, MOST_TERMS, Packed};
use crate::error::Result;
use crate::model::wiring::{Node, Wiring};
use std::collections::HashMap;
use tract_core::internal::*;

/// What is known of outlets beyond their type and shape.
#[derive(Default)]
pub struct Notes {
    /// Readers of each value of the graph, by name.
    pub readers: HashMap<String, usize>,
    origins: HashMap<OutletId, Origin>,
    layers: HashMap<OutletId, Layer>,
    factors: HashMap<OutletId, Factor>,
    products: Vec<(OutletId, [OutletId; 2])>,
    gathered: HashMap<OutletId, Gathered>,
    scaled_rows: HashMap<OutletId, (Bag, OutletId)>,
}

/// Bytes that an f32 value was made from: `(byte - zero) · scale`.
#[derive(Debug, Clone)]
pub struct Origin {
    pub bytes: OutletId,
    /// One, or one along `axis`.
    pub scale: Vec<f32>,
    /// As many.
    pub zero: Vec<i32>,
    pub axis: usize,
}

/// A layer that can still grow.
#[derive(Debug, Clone)]
struct Layer {
    op: Dense,
    inputs: TVec<OutletId>,
}

/// Rows of a constant table, by ids.
#[derive(Debug, Clone)]
struct Gathered {
    table: Arc<Tensor>,
    ids: OutletId,
}

/// A run-time scalar times constants, one or one a column.
#[derive(Debug, Clone)]
struct Factor {
    scalar: OutletId,
    columns: Vec<f32>,
}

fn floats(tensor: &Tensor) -> Option<&[f32]> {
    tensor.try_as_plain_ram().ok()?.as_slice::<f32>().ok()
}

/// One value a column, from one or as many.
fn spread(values: &[f32], columns: usize) -> Option<Arc<Columns>> {
    match values {
        [one] => Some(Columns::of(std::iter::repeat_n(*one, columns))),
        many if many.len() == columns => Some(Columns::of(many.iter().copied())),
        _ => None,
    }
    .map(Arc::new)
}

impl Wiring {
    /// Keeps what a DequantizeLinear says about its output.
    pub(in crate::model) fn note_origin(&mut self, outlet: OutletId, origin: Origin) {
        self.notes.origins.insert(outlet, origin);
    }

    /// Whether a node alone reads its input.
    fn sole(&self, node: &Node, input: usize) -> bool {
        let name = node.proto.input.get(input);
        name.and_then(|name| self.notes.readers.get(name)).is_none_or(|&readers| readers <= 1)
    }

    /// The layer that gave an input of a node, if nobody else reads it and it gives f32.
    fn growing(&self, node: &Node, input: usize) -> Option<Layer> {
        let layer = self.notes.layers.get(&node.optional(input)?)?;
        (self.sole(node, input) && layer.op.gives == Gives::Floats).then(|| layer.clone())
    }

    fn plant(&mut self, node: &Node, layer: Layer) -> Result<Option<OutletId>> {
        let outlet = self.wire(node.name(), layer.op.clone(), &layer.inputs)?;
        self.notes.layers.insert(outlet, layer);
        Ok(Some(outlet))
    }

    /// A constant's values along the columns of `[n, columns]`; `None` if it has another shape.
    fn columns_of(&self, outlet: OutletId, columns: usize) -> Result<Option<Arc<Columns>>> {
        let shape = self.shape(outlet)?;
        let flat = matches!(*shape.as_slice(), [] | [_] | [1, _]);
        let known = self.known(outlet)?.filter(|_| flat);
        Ok(known.as_deref().and_then(floats).and_then(|values| spread(values, columns)))
    }

    /// The product of run-time rows and a constant matrix, both of rank 2 and of fitting shape.
    pub(in crate::model) fn product(
        &mut self,
        node: &Node,
        [left, right]: [OutletId; 2],
        transposed: bool,
    ) -> Result<Option<OutletId>> {
        let (rows, shape) = (self.shape(left)?, self.shape(right)?);
        let (&[_, terms], &[first, second]) = (rows.as_slice(), shape.as_slice()) else { return Ok(None) };
        let (Some(weights), None) = (self.known(right)?, self.known(left)?) else { return Ok(None) };
        let matrix = Matrix { terms, columns: if transposed { first } else { second }, transposed };
        self.hold(node.name(), Packed::volume(matrix.terms, matrix.columns))?;
        let origins = self.notes.origins.get(&left).cloned().zip(self.notes.origins.get(&right).cloned());
        if let Some((rows, of_weights)) = origins
            && let Some(layer) = self.of_bytes(&rows, &of_weights, matrix)?
        {
            return self.plant(node, layer);
        }
        let Some(values) = floats(&weights) else { return Ok(None) };
        let packed = Packed::floats(matrix.terms, matrix.columns, |term, column| {
            values.get(matrix.place(term, column)).copied().unwrap_or_default()
        });
        let mut layer = Layer { op: Dense::new(packed, Takes::Floats), inputs: tvec!(left) };
        if let Some(below) = self.growing(node, 0).filter(|_| node.optional(0) == Some(left))
            && let Some(inner) = below.op.inner()
        {
            (layer.op.below, layer.inputs) = (inner, below.inputs);
        }
        self.plant(node, layer)
    }

    /// A layer over the bytes that both factors were made from.
    fn of_bytes(&self, rows: &Origin, weights: &Origin, matrix: Matrix) -> Result<Option<Layer>> {
        let (&[step], &[zero]) = (rows.scale.as_slice(), rows.zero.as_slice()) else { return Ok(None) };
        let column_axis = usize::from(!matrix.transposed);
        if weights.scale.len() > 1 && weights.axis != column_axis {
            return Ok(None);
        }
        let (Some(signed), Some(packed)) =
            (self.signed(rows.bytes)?, self.packed(weights.bytes, &weights.zero, matrix)?)
        else {
            return Ok(None);
        };
        let Some(scale) = spread(&weights.scale, matrix.columns) else { return Ok(None) };
        let mut op = Dense::new(packed, Takes::Bytes { signed, zero });
        op.scale = Some(Arc::new(scale.times(step)));
        op.gives = Gives::Floats;
        Ok(Some(Layer { op, inputs: tvec!(rows.bytes) }))
    }

    /// Whether an outlet holds int8 (true) or uint8 (false).
    fn signed(&self, outlet: OutletId) -> Result<Option<bool>> {
        let element = self.element(outlet)?;
        let is = |datum: DatumType| element == datum;
        Ok(if is(i8::datum_type()) { Some(true) } else { is(u8::datum_type()).then_some(false) })
    }

    /// Constant bytes less their zero points, one or one a column.
    fn packed(&self, bytes: OutletId, zero: &[i32], matrix: Matrix) -> Result<Option<Packed>> {
        let (Some(signed), Some(known)) = (self.signed(bytes)?, self.known(bytes)?) else { return Ok(None) };
        let Ok(plain) = known.try_as_plain_ram() else { return Ok(None) };
        let (bytes, Matrix { terms, columns, .. }) = (plain.as_bytes(), matrix);
        if terms > MOST_TERMS || ![1, columns].contains(&zero.len()) {
            return Ok(None);
        }
        Ok(Some(Packed::bytes(terms, columns, |term, column| {
            let byte = bytes.get(matrix.place(term, column)).copied().unwrap_or_default();
            let zero = zero.get(column).or(zero.first()).copied().unwrap_or_default();
            if signed { i16::from(byte as i8) - zero as i16 } else { i16::from(byte) - zero as i16 }
        })))
    }

    /// MatMulInteger of run-time bytes and constant ones; `zero` is theirs, one or one a column.
    pub(in crate::model) fn product_of_bytes(
        &mut self,
        node: &Node,
        rows: OutletId,
        rows_zero: Option<OutletId>,
        weights: OutletId,
        zero: &[i32],
    ) -> Result<Option<OutletId>> {
        let (shape, of_weights) = (self.shape(rows)?, self.shape(weights)?);
        let (&[_, terms], &[known_terms, columns]) = (shape.as_slice(), of_weights.as_slice()) else {
            return Ok(None);
        };
        let matrix = Matrix { terms, columns, transposed: false };
        self.hold(node.name(), Packed::volume(terms, columns))?;
        let (Some(signed), Some(packed)) = (self.signed(rows)?, self.packed(weights, zero, matrix)?) else {
            return Ok(None);
        };
        if terms != known_terms {
            return Ok(None);
        }
        let takes = match rows_zero {
            None => Takes::Bytes { signed, zero: 0 },
            Some(_) => Takes::Ranged { signed },
        };
        let inputs = [rows].into_iter().chain(rows_zero).collect();
        self.plant(node, Layer { op: Dense::new(packed, takes), inputs })
    }

    /// A Cast to f32 of whole sums: the layer may go on from there.
    pub(in crate::model) fn note_cast(&mut self, node: &Node, outlet: OutletId) {
        let whole = node.optional(0).and_then(|input| self.notes.layers.get(&input));
        if let Some(layer) = whole.filter(|layer| layer.op.gives == Gives::Whole && self.sole(node, 0)) {
            let mut layer = layer.clone();
            layer.op.gives = Gives::Floats;
            self.notes.layers.insert(outlet, layer);
        }
        if let Some(rows) = self.gathered(node, 0) {
            self.notes.gathered.insert(outlet, rows);
        }
    }

    /// A Mul of whole sums by their scale, which may come at run time.
    pub(in crate::model) fn scaled(&mut self, node: &Node) -> Result<Option<OutletId>> {
        for (of_layer, of_scale) in [(0, 1), (1, 0)] {
            let Some(mut layer) = self.growing(node, of_layer) else { continue };
            let (op, scale) = (&mut layer.op, node.input(of_scale)?);
            if !op.weights.is_whole() || op.scale.is_some() || op.bias.is_some() || op.relu {
                continue;
            }
            let columns = op.weights.columns;
            if let Some(constant) = self.columns_of(scale, columns)? {
                op.scale = Some(constant);
            } else if let Some(factor) = self.notes.factors.get(&scale)
                && let Some(constant) = spread(&factor.columns, columns)
            {
                (op.scale, op.factor) = (Some(constant), true);
                layer.inputs.push(factor.scalar);
            } else {
                continue;
            }
            return self.plant(node, layer);
        }
        Ok(None)
    }

    /// A Mul of a run-time scalar by constants, which may become a layer's scale.
    pub(in crate::model) fn note_factor(&mut self, node: &Node, outlet: OutletId) -> Result<()> {
        for (of_scalar, of_columns) in [(0, 1), (1, 0)] {
            let (scalar, columns) = (node.input(of_scalar)?, node.input(of_columns)?);
            let one = self.shape(scalar)?.iter().all(|&dim| dim == 1);
            let known = self.known(columns)?;
            let row = matches!(*self.shape(columns)?.as_slice(), [] | [_] | [1, _]);
            if let (true, true, Some(values)) = (one, row, known.as_deref().and_then(floats)) {
                self.notes.factors.insert(outlet, Factor { scalar, columns: values.to_vec() });
            }
        }
        Ok(())
    }

    /// An Add of a constant row to a product.
    pub(in crate::model) fn biased(&mut self, node: &Node) -> Result<Option<OutletId>> {
        for (of_layer, of_bias) in [(0, 1), (1, 0)] {
            let Some(mut layer) = self.growing(node, of_layer) else { continue };
            let bias = self.columns_of(node.input(of_bias)?, layer.op.weights.columns)?;
            if bias.is_none() || layer.op.bias.is_some() || layer.op.relu {
                continue;
            }
            layer.op.bias = bias;
            return self.plant(node, layer);
        }
        Ok(None)
    }

    /// A Relu of what a layer gives.
    pub(in crate::model) fn rectified(&mut self, node: &Node) -> Result<Option<OutletId>> {
        let Some(mut layer) = self.growing(node, 0).filter(|layer| !layer.op.relu) else { return Ok(None) };
        layer.op.relu = true;
        self.plant(node, layer)
    }

    /// A QuantizeLinear of what a layer gives.
    pub(in crate::model) fn stepped(&mut self, node: &Node, steps: Steps) -> Result<Option<OutletId>> {
        let Some(mut layer) = self.growing(node, 0) else { return Ok(None) };
        layer.op.gives = Gives::Bytes(steps);
        self.plant(node, layer)
    }

    /// A constant row added to a product under the same node, as Gemm does.
    pub(in crate::model) fn with_bias(
        &mut self,
        node: &Node,
        product: OutletId,
        bias: OutletId,
    ) -> Result<Option<OutletId>> {
        let Some(mut layer) = self.notes.layers.get(&product).cloned() else { return Ok(None) };
        let Some(bias) = self.columns_of(bias, layer.op.weights.columns)? else { return Ok(None) };
        layer.op.bias = Some(bias);
        self.plant(node, layer)
    }
}

/// Where a constant matrix keeps `[terms, columns]`.
#[derive(Debug, Clone, Copy)]
struct Matrix {
    terms: usize,
    columns: usize,
    transposed: bool,
}

impl Matrix {
    fn place(self, term: usize, column: usize) -> usize {
        if self.transposed { column * self.terms + term } else { term * self.columns + column }
    }
}
