//! In: joined rankings, items and visitors. Out: [`VisitLog`]: visits in order of time, each with the items as they
//! were known then. A visit's past holds nothing at or after the visit's own time.

use crate::data::logs::facts::{LoggedItem, Versions};
use crate::data::logs::kinds::KindNames;
use crate::data::logs::split::SplitBy;
use crate::data::logs::visit::{LoggedRanking, LoggedVisit, LoggedVisitor};
use crate::data::split::Split;
use std::sync::Arc;

/// All visits of a log, in order of time.
#[derive(Debug)]
pub struct VisitLog {
    pub(super) kinds: KindNames,
    pub(super) items: Vec<(Arc<str>, Versions<LoggedItem>)>,
    pub(super) visitors: Vec<LoggedVisitor>,
    pub(super) shown: Vec<LoggedRanking>,
    pub(super) past: usize,
}

impl VisitLog {
    /// Number of visits.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shown.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.shown.is_empty()
    }

    /// All visits in order of time.
    pub fn visits(&self) -> impl Iterator<Item = LoggedVisit<'_>> {
        self.shown.iter().filter_map(|shown| self.view(shown))
    }

    /// The visits of a split, in order of time.
    pub fn visits_of(&self, by: SplitBy, split: Split) -> impl Iterator<Item = LoggedVisit<'_>> {
        self.visits().filter(move |visit| visit.split(by) == split)
    }

    fn view<'a>(&'a self, shown: &'a LoggedRanking) -> Option<LoggedVisit<'a>> {
        let visitor = self.visitors.get(shown.user as usize)?;
        let past = visitor.timeline.get(..shown.known).unwrap_or_default();
        Some(LoggedVisit {
            id: &shown.id,
            user: &visitor.id,
            user_fields: visitor.fields.at(shown.at).map_or(&[], Vec::as_slice),
            at: shown.at,
            context: &shown.context,
            past: past.get(past.len().saturating_sub(self.past)..).unwrap_or_default(),
            candidates: &shown.candidates,
        })
    }

    /// Number of items that were described, shown or acted on.
    #[must_use]
    pub fn item_count(&self) -> usize {
        self.items.len()
    }

    /// An item's id; empty for a number that is not of this log.
    #[must_use]
    pub fn item_id(&self, item: u32) -> &str {
        self.items.get(item as usize).map_or("", |(id, _)| id)
    }

    /// What was known of an item at a moment; `None` if nothing was.
    #[must_use]
    pub fn facts(&self, item: u32, at: i64) -> Option<&LoggedItem> {
        self.items.get(item as usize)?.1.at(at)
    }

    /// The interaction types of this log.
    #[must_use]
    pub fn kinds(&self) -> &KindNames {
        &self.kinds
    }

    /// Number of visitors.
    #[must_use]
    pub fn user_count(&self) -> usize {
        self.visitors.len()
    }
}
