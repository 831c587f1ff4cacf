//! Enters: event logs in the four-event JSON Lines format, plain or gzip.
//! Leaves: typed records one at a time, splits, and visits: what was shown, what was known, what came of it.
//! Never: knows what the items are, holds a whole file as text, or lets a visit see its own future.
//!
//! A file becomes records: [`lines`] bounds each line, [`parse`] types it and names the field that
//! is wrong, [`read`] goes through files and folders, [`fault`] counts what was skipped or stops.
//! Records become visits: [`join`] puts rankings and interactions in order, [`visits`] is what a
//! trainer or an evaluation reads, [`facts`] is what was known of an item when it was shown.
//!
//! The format is Metarank's (`item`, `user`, `ranking`, `interaction`), so that its files import as
//! they are; [`record`] lists what is read of each.

pub mod facts;
pub mod fault;
pub mod join;
pub mod kinds;
pub mod lines;
pub mod parse;
pub mod read;
pub mod record;
pub mod split;
pub mod time;
mod timelines;
pub mod visits;
pub mod write;

pub use fault::{Error, Fault, FaultKind, Faults, Result};
pub use read::LogReader;
pub use record::{Field, Record, Value};
pub use split::SplitBy;
pub use visits::{LoggedCandidate, LoggedEvent, LoggedVisit, VisitLog};
pub use write::LogWriter;
