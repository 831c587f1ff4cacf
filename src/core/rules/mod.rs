//! In: a scored list ([`Input`]) and rules as data ([`Ruleset`]). Out: [`RuleOutcome`]: the order, what was
//! taken out, and for every rule what it moved, what it cost, whether it bound and whether it held.
//! A pure function: clock, seed and session enter as values. It always answers, with every item either in the
//! order or among the removed.
//!
//! ```text
//! scores ─► filter ─► boost, freshness, fatigue ─► dedupe ─► diversity ─► slots: pin, quota, spacing, explore ─► order
//! ```
//!
//! Kinds apply in this order, whatever the order of declaration; rules of one kind as declared.
//!
//! 1. **filter** takes items out. Nothing brings them back: filters beat pins.
//! 2. **boost**, **freshness**, **fatigue** shift utilities, in standard deviations of the list's
//!    scores, and the list is sorted anew. Without a shift the order stays that of the scores.
//! 3. **dedupe** keeps the best of a group.
//! 4. **diversity** chooses the top anew, by MMR or DPP. One rule of this kind; of several, that of the
//!    highest priority.
//! 5. The slots are filled from the top, each with the best item that breaks no **pin**, **quota** or
//!    **spacing**. If every item breaks one, then the one whose broken rules matter least: rules
//!    compare by `priority`, then pins before others, then by declaration; one important rule outweighs
//!    any number below it. **explore** draws among the items that break equally little. Pins and
//!    quotas still to come are counted in advance.
//!
//! A rule about slots that does not hold in the end is reported: as a contradiction
//! (`rules/contradiction`) if it would hold alone, else as infeasible (`rules/infeasible`).

mod apply;
mod attribute;
mod bound_quota;
mod bound_spacing;
mod bounds;
mod condition;
mod constraint;
mod dpp;
mod exploration;
mod exposure;
mod greedy;
mod input;
mod kind;
mod kinds;
mod mmr;
mod report;
mod ruleset;
mod similarity;
mod slate;
mod slots;
mod state;
mod utility;

pub use apply::apply;
#[cfg(test)]
pub(crate) use condition::Condition;
pub use exposure::{Exposure, ExposureCounter};
pub use input::{ExtraFields, Input};
pub use report::{Removal, RuleOutcome, RuleReport};
pub use ruleset::Ruleset;

#[cfg(test)]
#[path = "../../../tests/core/rules.rs"]
mod tests;
