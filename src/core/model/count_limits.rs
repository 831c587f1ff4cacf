//! Counts the lists in the bytes of a model, before anything is decoded, and refuses the first one that is longer
//! than its limit: an empty message takes two bytes in a file and some hundred once decoded.
#![deny(clippy::indexing_slicing)]

use super::protobuf::Fields;
use crate::error::{Error, Kind, Result};
use crate::limits;
use std::ops::Range;

/// What a length-delimited field holds.
enum Holds {
    /// Text of at most [`limits::NAME_BYTES`] bytes, read by vetting.
    Name,
    /// Bytes, or a message without lists.
    Plain,
    /// A message whose lists are counted too.
    Message(&'static [Field]),
    /// Something that is not supported.
    Refused,
}

/// A field of an ONNX message: its number, its name, how often it may occur, what it holds.
struct Field {
    number: u64,
    name: &'static str,
    limit: usize,
    holds: Holds,
}

use Holds::{Message, Name, Plain, Refused};

const fn field(number: u64, name: &'static str, limit: usize, holds: Holds) -> Field {
    Field { number, name, limit, holds }
}

const MODEL: &[Field] = &[
    field(7, "graph", 1, Message(GRAPH)),
    field(8, "opset_import", limits::MODEL_ENTRIES, Plain),
    field(14, "metadata_props", limits::MODEL_ENTRIES, Plain),
    field(20, "training_info", 0, Refused),
    field(25, "functions", 0, Refused),
];

const GRAPH: &[Field] = &[
    field(1, "node", limits::GRAPH_NODES, Message(NODE)),
    field(5, "initializer", limits::GRAPH_INITIALIZERS, Message(TENSOR)),
    field(11, "input", limits::GRAPH_INITIALIZERS, Message(VALUE)),
    field(12, "output", limits::NODE_ARITY, Message(VALUE)),
    field(13, "value_info", limits::GRAPH_NODES + limits::GRAPH_INITIALIZERS, Message(VALUE)),
    field(14, "quantization_annotation", limits::GRAPH_INITIALIZERS, Message(ANNOTATION)),
    field(15, "sparse_initializer", 0, Refused),
];

const NODE: &[Field] = &[
    field(1, "input", limits::NODE_ARITY, Name),
    field(2, "output", limits::NODE_ARITY, Name),
    field(4, "op_type", 1, Name),
    field(5, "attribute", limits::NODE_ATTRIBUTES, Message(ATTRIBUTE)),
    field(7, "domain", 1, Name),
];

const ATTRIBUTE: &[Field] = &[
    field(1, "name", 1, Name),
    field(5, "t", 1, Message(TENSOR)),
    field(6, "g", 0, Refused),
    field(9, "strings", 0, Refused),
    field(10, "tensors", 0, Refused),
    field(11, "graphs", 0, Refused),
    field(15, "type_protos", 0, Refused),
    field(22, "sparse_tensor", 0, Refused),
    field(23, "sparse_tensors", 0, Refused),
];

const TENSOR: &[Field] = &[
    field(3, "segment", 0, Refused),
    field(6, "string_data", 0, Refused),
    field(8, "name", 1, Name),
    field(13, "external_data", 0, Refused),
];

const VALUE: &[Field] = &[field(1, "name", 1, Name), field(2, "type", 1, Message(TYPE))];
const TYPE: &[Field] = &[field(1, "tensor_type", 1, Message(TENSOR_TYPE))];
const TENSOR_TYPE: &[Field] = &[field(2, "shape", 1, Message(SHAPE))];
const SHAPE: &[Field] = &[field(1, "dim", limits::TENSOR_RANK, Plain)];
const ANNOTATION: &[Field] = &[field(2, "parameters", limits::NODE_ATTRIBUTES, Plain)];

/// Fields of the longest of these lists.
const MAX_FIELDS: usize = 9;

/// Checks the lists of a model against their limits.
///
/// # Errors
/// [`Kind::ModelTooLarge`], [`Kind::ModelUnsupported`] or [`Kind::ModelMalformed`] with the place.
pub(super) fn check(bytes: &[u8]) -> Result<()> {
    walk(bytes, 0..bytes.len(), MODEL, "")
}

fn walk(bytes: &[u8], message: Range<usize>, known: &[Field], place: &str) -> Result<()> {
    let mut counts = [0usize; MAX_FIELDS];
    for found in Fields::inside(bytes, message) {
        let (number, payload) = found?;
        let row = known.iter().zip(&mut counts).find(|(field, _)| field.number == number);
        let Some((field, count)) = row else { continue };
        let here = || if place.is_empty() { field.name.into() } else { format!("{place}.{}", field.name) };
        if matches!(field.holds, Refused) {
            return Err(Error::new(Kind::ModelUnsupported, here(), "is not supported"));
        }
        if *count == field.limit {
            return Err(Error::new(Kind::ModelTooLarge, here(), format!("more than {}", field.limit)));
        }
        match field.holds {
            Name if payload.len() > limits::NAME_BYTES => {
                let what = format!("{} bytes, at most {}", payload.len(), limits::NAME_BYTES);
                return Err(Error::new(Kind::ModelTooLarge, here(), what));
            }
            Message(inner) if field.limit == 1 => walk(bytes, payload, inner, &here())?,
            Message(inner) => walk(bytes, payload, inner, &format!("{}[{count}]", here()))?,
            Name | Plain | Refused => {}
        }
        *count += 1;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn every_list_of_fields_has_a_counter() {
        let all = [MODEL, GRAPH, NODE, ATTRIBUTE, TENSOR, VALUE, TYPE, TENSOR_TYPE, SHAPE, ANNOTATION];
        assert_eq!(all.iter().map(|fields| fields.len()).max(), Some(MAX_FIELDS));
    }
}
