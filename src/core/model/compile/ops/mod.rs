//! ONNX's operators: a builder each, which checks a node and adds what computes it; `table` lists them.
//! A new operator is a builder in one of these files and its row in the table.

mod arithmetic;
mod layout;
pub(super) mod matrix;
pub(super) mod quantize;
pub(super) mod reduce;
mod table;

#[cfg(test)]
pub(in crate::model) use table::rows;
pub(in crate::model) use table::{Attribute, operator};

#[cfg(test)]
#[path = "../../../../../tests/core/ops.rs"]
mod tests;
