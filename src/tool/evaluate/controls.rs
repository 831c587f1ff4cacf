//! In: the student, replayed lists. Out: what it makes of another visitor's feedback, and of stated tags.
//! A gain that another's feedback gives as well is not personal; preferences are all that a new visitor has.

use crate::data::catalogue::liked_genres;
use crate::data::visit::{POOL, Visit};
use crate::error::Result;
use crate::evaluate::answers::{Answers, Cards};
use crate::evaluate::protocol::Protocol;
use crate::evaluate::replay::Replayer;
use crate::progress;

/// Genres that a visitor states.
pub const STATED: usize = 3;

/// Scorecards of both controls.
pub struct Controls {
    /// After [`POOL`] events of the next user id's visitor, the first after the last.
    pub swapped: Cards,
    /// At no events, with the visitor's [`STATED`] best-liked genres.
    pub stated: Cards,
}

/// Replays the lists for both controls.
pub fn run(protocol: Protocol, visits: &[Visit], mut replayer: Replayer) -> Result<Controls> {
    let bar = progress::users("controls", visits.len());
    let (mut swapped, mut stated) = (Answers::default(), Answers::default());
    for (visit, other) in visits.iter().zip(visits.iter().cycle().skip(1)) {
        let replayed = replayer.replay(protocol, visit, other.feedback(POOL))?;
        swapped.push(visit, POOL, &replayed.outputs, &replayed.probabilities);
        let genres = liked_genres(replayer.catalogue, &visit.pool, STATED);
        let replayed = replayer.replay_with(protocol, visit, &[], &genres)?;
        stated.push(visit, 0, &replayed.outputs, &replayed.probabilities);
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(Controls { swapped: swapped.cards(protocol, visits)?, stated: stated.cards(protocol, visits)? })
}
