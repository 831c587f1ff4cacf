//! In: replayed lists. Out: what every method but the learnt ones says of them: random, popularity, server order.
//! They ignore feedback: their figures are the same after any number of events.

use crate::data::hash;
use crate::data::stats::Stats;
use crate::data::visit::Visit;
use crate::evaluate::answers::Answers;
use crate::evaluate::predictions::{Prediction, predict};
use crate::evaluate::protocol::FEEDBACK_SIZES;
use crate::train::calibrate;

/// The 8-bit student: the model file.
pub const STUDENT: &str = "student_int8";
/// The same before rounding.
pub const STUDENT_F32: &str = "student_f32";
/// The order that the server sent.
pub const SERVER: &str = "server";
/// The ensemble that taught it.
pub const TEACHER: &str = "teacher";

/// A method and what it said.
pub struct Method {
    /// As in reports and file names.
    pub name: &'static str,
    /// Whether it ignores feedback.
    pub fixed: bool,
    /// Its predictions.
    pub answers: Answers,
}

/// Random, popularity, server order; the last with probabilities, scaled on the validation users.
pub fn baselines(visits: &[Visit], tuning: &[Visit], stats: &Stats) -> Vec<Method> {
    let fixed = |visits: &[Visit], score: &dyn Fn(u64, u64) -> f64| {
        predict(visits, &FEEDBACK_SIZES, false, |visit, _, c| score(visit.user, c.item))
    };
    let method = |name, outputs, probabilities| Method {
        name,
        fixed: true,
        answers: Answers { outputs, probabilities },
    };
    let server = |_: u64, item: u64| stats.server_score(item);
    let rows: Vec<(f32, bool)> = tuning
        .iter()
        .flat_map(|visit| visit.candidates.iter().map(|c| (stats.server_score(c.item) as f32, c.relevant())))
        .collect();
    let platt = calibrate::platt(&rows);
    // In 64 bits, so that what differs in score differs in probability.
    let (slope, intercept) = (f64::from(platt.slope), f64::from(platt.intercept));
    let outputs = fixed(visits, &server);
    let probable = |prediction: &Prediction| Prediction {
        scores: prediction.scores.iter().map(|s| 1.0 / (1.0 + (-(slope * s + intercept)).exp())).collect(),
        prob: true,
        ..prediction.clone()
    };
    let probabilities = outputs.iter().map(probable).collect();
    vec![
        method(
            "random",
            fixed(visits, &|user, item| -(hash::tie(user, item) as f64) / 2f64.powi(64)),
            Vec::new(),
        ),
        method("popularity", fixed(visits, &|_, item| f64::from(stats.popularity(item))), Vec::new()),
        method(SERVER, outputs, probabilities),
    ]
}
