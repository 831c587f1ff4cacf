//! In: event logs in the four-event JSON Lines format, plain or gzip. Out: typed records one at a time, splits, and
//! visits: what was shown, what was known, what came of it. Nothing here knows what the items are.
//!
//! A file becomes records: [`lines`] bounds each line, [`parse`] types it and names the field that
//! is wrong, [`read`] goes through files and folders, [`fault`] counts what was skipped or stops.
//! Records become visits: [`join`] puts rankings and interactions in order with [`timelines`], [`visits`] is what a
//! trainer or an evaluation reads, [`facts`] is what was known of an item when it was shown.
//!
//! The format is Metarank's (`item`, `user`, `ranking`, `interaction`), so that its files import as
//! they are; [`record`] lists what is read of each.

pub mod facts;
pub mod fault;
mod interner;
pub mod join;
pub mod kinds;
mod lines;
mod parse;
pub mod read;
pub mod record;
pub mod split;
mod time;
mod timelines;
pub mod visit;
pub mod visits;
pub mod write;
