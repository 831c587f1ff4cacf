//! The element types that a graph may hold, and ONNX's numbers for them.
//! A type that is not in the table is refused before anything is allocated for it.

use tract_core::internal::{Datum, DatumType};

/// An element type of a tensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Element {
    F32,
    U8,
    I8,
    I32,
    I64,
}

impl Element {
    /// The type of a `TensorProto.DataType`; `None` for all others, strings among them.
    pub fn of(data_type: i32) -> Option<Element> {
        match data_type {
            1 => Some(Element::F32),
            2 => Some(Element::U8),
            3 => Some(Element::I8),
            6 => Some(Element::I32),
            7 => Some(Element::I64),
            _ => None,
        }
    }

    /// The type as tract names it.
    pub fn datum(self) -> DatumType {
        match self {
            Element::F32 => f32::datum_type(),
            Element::U8 => u8::datum_type(),
            Element::I8 => i8::datum_type(),
            Element::I32 => i32::datum_type(),
            Element::I64 => i64::datum_type(),
        }
    }

    /// Bytes of one element.
    pub fn size(self) -> u64 {
        match self {
            Element::F32 | Element::I32 => 4,
            Element::U8 | Element::I8 => 1,
            Element::I64 => 8,
        }
    }
}
