//! In: the name of a kind and its JSON. Out: [`Rule`], which dispatches to the kind's `impl` of [`RuleKind`].
//! The table below is the one list of all kinds: a new kind is a file here and its line in the table. The
//! order of the lines is that of error texts, and within a [`Stage`] that of application.
#![deny(clippy::indexing_slicing)] // what is read here comes from outside

mod boost;
mod dedupe;
mod diversity;
mod explore;
mod fatigue;
mod filter;
mod freshness;
mod pin;
mod quota;
mod spacing;

use super::kind::{RuleKind, Several, Stage};
use super::state::{RuleRef, State};
use crate::error;
use crate::json::{self, Json};

macro_rules! table {
    ($($Kind:ident in $file:ident,)+) => {
        /// One rule.
        #[derive(Debug, Clone, PartialEq)]
        pub enum Rule {
            $($Kind($file::$Kind),)+
        }

        /// The names of all kinds.
        pub(super) const NAMES: &[&str] = &[$($file::$Kind::NAME,)+];

        impl Rule {
            /// Reads a rule of the kind of this name, if there is such a kind.
            pub(super) fn read(name: &str, own: &Json) -> Option<Result<Rule, json::Wrong>> {
                Some(match name {
                    $(<$file::$Kind as RuleKind>::NAME => own.read().map(Rule::$Kind),)+
                    _ => return None,
                })
            }

            /// Says what of it is out of bounds.
            pub(super) fn check(&self) -> Result<(), String> {
                match self {
                    $(Rule::$Kind(rule) => rule.check(),)+
                }
            }

            /// Adds the names of the numeric fields that it reads.
            pub(super) fn fields(&self, names: &mut Vec<String>) {
                match self {
                    $(Rule::$Kind(rule) => rule.fields(names),)+
                }
            }

            /// When it applies.
            pub(super) fn turn(&self) -> Turn {
                enum Line { $($Kind,)+ }
                match self {
                    $(Rule::$Kind(_) => Turn {
                        stage: $file::$Kind::STAGE,
                        line: Line::$Kind as usize,
                        several: $file::$Kind::SEVERAL,
                    },)+
                }
            }

            /// Applies it to a list.
            ///
            /// # Errors
            /// [`crate::Kind::RulesUnknownField`].
            pub(super) fn apply(&self, state: &mut State, rule: RuleRef) -> error::Result<()> {
                match self {
                    $(Rule::$Kind(own) => own.apply(state, rule),)+
                }
            }
        }
    };
}

table! {
    Filter in filter,
    Boost in boost,
    Freshness in freshness,
    Fatigue in fatigue,
    Dedupe in dedupe,
    Diversity in diversity,
    Pin in pin,
    Quota in quota,
    Spacing in spacing,
    Explore in explore,
}

/// When the rules of a kind apply, and what becomes of several.
pub(super) struct Turn {
    pub stage: Stage,
    /// The kind's line in the table.
    pub line: usize,
    pub several: Several,
}
