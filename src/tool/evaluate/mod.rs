//! In: histories or a log, and what models say of their lists. Out: per-user metrics, intervals, paired differences,
//! reports and charts. Nothing here trains; only train users' ratings enter a statistic.
//!
//! [`protocol`] gives the lists, [`replay`] runs a model over them as a device does ([`serve`] is the server's side),
//! [`answers`] and [`predictions`] hold what was said, [`score`] turns it into metrics, [`bootstrap`] into intervals,
//! [`report`] and [`curves`] show them. [`mod@checks`] compares all of it with published values; [`click_models`] is
//! the evaluation of click prediction on logs.

pub mod answers;
pub mod bootstrap;
pub mod checks;
pub mod click_models;
pub mod controls;
pub mod curves;
pub mod methods;
pub mod plot;
pub mod predictions;
pub mod protocol;
pub mod published;
pub mod replay;
pub mod report;
pub mod score;
pub mod serve;
pub mod teacher;
