//! In: ratings. Out: the ensemble that teaches students, trained anew, and what it says of lists.
//! It sees what no student can: EASE over the whole history of train users, and more capacity; what it reaches is
//! what a student can hope for. It is fitted on train users alone.

use crate::data::catalogue::Catalogue;
use crate::data::history::Histories;
use crate::data::visit::Visit;
use crate::error::Result;
use crate::evaluate::answers::{Answers, BySize, labelled};
use crate::evaluate::methods::{Method, TEACHER};
use crate::evaluate::protocol::{FEEDBACK_SIZES, Protocol};
use crate::progress;
use crate::train::calibrate;
use crate::train::pipeline::{Pipeline, Settings};
use crate::train::predict::Predictor;

/// A trained teacher.
pub struct TrainedTeacher {
    pipeline: Pipeline,
    settings: Settings,
}

/// Feedback sizes at which probabilities are fitted, as the student's are.
const FITTED: [usize; 3] = [0, 5, 20];
/// Seed of the teacher that a report compares with.
const SEED: u64 = 1;

impl TrainedTeacher {
    /// Trains the members for held-out users; those for train users are not needed here.
    ///
    /// # Errors
    /// As [`Pipeline::prepare`].
    pub fn train(effort: f64, histories: &Histories, catalogue: &Catalogue) -> Result<TrainedTeacher> {
        let settings = Settings::new("teacher", SEED, effort, true);
        let pipeline = Pipeline::prepare(histories, catalogue, &settings, false)?;
        Ok(TrainedTeacher { pipeline, settings })
    }

    /// The teacher as a method; its probabilities are scaled on the validation users.
    ///
    /// # Errors
    /// As [`Predictor::outputs`].
    pub fn method(
        &self,
        protocol: Protocol,
        visits: &[Visit],
        tuning: &[Visit],
        catalogue: &Catalogue,
    ) -> Result<Option<Method>> {
        let Some(teacher) = &self.pipeline.teacher else { return Ok(None) };
        let predictor = Predictor { pipeline: &self.pipeline, catalogue, settings: &self.settings };
        let outputs = |visits: &[Visit], sizes: &[usize]| -> Result<Vec<BySize>> {
            let bar = progress::users(TEACHER, visits.len());
            let score = |list: &_| teacher.scores(list);
            let outputs = predictor.outputs(protocol.task(), visits, sizes, score, || bar.inc(1));
            bar.finish_and_clear();
            outputs
        };
        let platt = calibrate::platt(&labelled(tuning, &outputs(tuning, &FITTED)?));
        let outputs = outputs(visits, &FEEDBACK_SIZES)?;
        let answers = Answers::calibrated(visits, &FEEDBACK_SIZES, &outputs, platt);
        Ok(Some(Method { name: TEACHER, fixed: false, answers }))
    }
}
