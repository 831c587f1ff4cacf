//! In: interactions in order of time, and the lists that were shown. Out: what each visitor has done so far, and
//! what came of a list's items. What a list has already been shown with stays as it was.

use crate::data::logs::kinds::{Kind, Kinds};
use crate::data::logs::visit::{LoggedCandidate, LoggedEvent, LoggedRanking};

/// An interaction with its visitor and, if it happened in a list, the visit and the place there.
pub struct AttributedEvent {
    pub user: u32,
    pub candidate: Option<(usize, usize)>,
    pub event: LoggedEvent,
}

/// What visitors have done so far, as time goes on.
pub struct Timelines {
    pub events: Vec<Vec<LoggedEvent>>,
    /// By visitor: how much of the timeline a list has already been shown with, and is therefore fixed.
    pub cuts: Vec<usize>,
    pub exposures: Kinds,
    pub dwell: Option<Kind>,
    /// The type of impressions that are inferred, if they are.
    pub infer: Option<Kind>,
    pub attribution_ms: i64,
}

impl Timelines {
    /// A list is shown: what is known of the visitor by now stays as it is.
    pub fn cut(&mut self, user: u32) -> usize {
        let known = self.events[user as usize].len();
        self.cuts[user as usize] = known;
        known
    }

    pub fn take(&mut self, attributed: &AttributedEvent, shown: &mut [LoggedRanking]) {
        let AttributedEvent { user, candidate, event } = *attributed;
        if let Some((place, index)) = candidate {
            let visit = &mut shown[place];
            if event.at - visit.at <= self.attribution_ms {
                let candidate = &mut visit.candidates[index];
                candidate.seen = true;
                candidate.labels.insert(event.kind);
                if Some(event.kind) == self.dwell {
                    candidate.dwell = candidate.dwell.max(event.value);
                }
                self.look_above(user, event.at, &mut visit.candidates[..index]);
            }
        }
        let (timeline, cut) = (&mut self.events[user as usize], self.cuts[user as usize]);
        // Something was done with what had merely been seen.
        let seen = |earlier: &LoggedEvent| earlier.item == event.item && self.exposures.has(earlier.kind);
        if let Some(back) = timeline[cut..].iter().rposition(seen) {
            timeline.remove(cut + back);
        }
        timeline.push(event);
    }

    /// Everything above an item that was acted on has been seen.
    fn look_above(&mut self, user: u32, at: i64, above: &mut [LoggedCandidate]) {
        let Some(kind) = self.infer else { return };
        for candidate in above.iter_mut().filter(|candidate| !candidate.seen) {
            candidate.seen = true;
            self.events[user as usize].push(LoggedEvent { item: candidate.item, kind, value: f32::NAN, at });
        }
    }
}
