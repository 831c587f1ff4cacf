//! In: ratings. Out: the ensemble that teaches students, trained anew, and what it says of lists.
//! It sees what no student can: EASE over the whole history of train users, and more capacity.
//! Must never be fitted on a user that it is judged by.

use super::methods::{Method, TEACHER};
use super::{Args, Outcome, progress};
use crate::catalogue::Catalogue;
use crate::commands::replayed::Answers;
use crate::commands::train::settings;
use crate::replay::{FEEDBACK_SIZES, Histories, Protocol, Visit, calibrate};
use crate::train::course::{Course, Settings};
use crate::train::trial::outputs;

/// A trained teacher, if one was asked for.
pub struct Teacher(Option<(Course, Settings)>);

/// Feedback sizes at which probabilities are fitted, as the student's are.
const FITTED: [usize; 3] = [0, 5, 20];
/// Seed of the teacher that a report compares with.
const SEED: u64 = 1;

impl Teacher {
    /// Trains the members for held-out users; those for train users are not needed here.
    pub fn train(args: &Args, histories: &Histories, catalogue: &Catalogue) -> Outcome<Teacher> {
        if args.no_teacher {
            return Ok(Teacher(None));
        }
        let settings = settings("teacher", SEED, args.effort, true);
        let course = Course::prepare(histories, catalogue, &settings, false)?;
        Ok(Teacher(Some((course, settings))))
    }

    /// The teacher as a method; its probabilities are scaled on the validation users.
    pub fn method(
        &self,
        protocol: Protocol,
        visits: &[Visit],
        tuning: &[Visit],
        catalogue: &Catalogue,
    ) -> Outcome<Option<Method>> {
        let Some((course, settings)) = &self.0 else { return Ok(None) };
        let Some(teacher) = &course.teacher else { return Ok(None) };
        let say = |visits: &[Visit], sizes: &[usize]| {
            let bar = progress(TEACHER, visits.len());
            let said = outputs(
                (course, catalogue, settings),
                (protocol, visits, sizes),
                |page| teacher.scores(page),
                || bar.inc(1),
            );
            bar.finish_and_clear();
            said
        };
        let mut rows: Vec<(f32, bool)> = Vec::new();
        for (visit, by_size) in tuning.iter().zip(say(tuning, &FITTED)?) {
            for scores in by_size {
                rows.extend(scores.into_iter().zip(visit.candidates.iter().map(|c| c.relevant())));
            }
        }
        let platt = calibrate::platt(&rows);
        let mut answers = Answers::default();
        for (visit, by_size) in visits.iter().zip(say(visits, &FEEDBACK_SIZES)?) {
            for (&k, scores) in FEEDBACK_SIZES.iter().zip(by_size) {
                let probabilities: Vec<f32> = scores.iter().map(|&score| platt.probability(score)).collect();
                answers.push(visit, k, &scores, &probabilities);
            }
        }
        Ok(Some(Method { name: TEACHER, fixed: false, answers }))
    }
}
