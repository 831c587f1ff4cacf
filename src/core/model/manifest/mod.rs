//! The manifest: what a model file says about itself.
//! `schema` holds its types, `parse` reads and checks them; the tool writes the same types.

mod parse;
mod schema;

pub use crate::event::CHANNELS;
pub use schema::{
    Array, Golden, Head, KEY, Manifest, Platt, Role, SCHEMA, SessionSpec, Stage, Stages, VectorSpec,
};
