//! In: the recommended settings. Out: [`Variant`]s: the same training with one thing changed.
//! What they reach on validation users says what each part of the student is worth.

use crate::train::batches::TrainingList;
use crate::train::hyperparameters::AttentionParams;
use crate::train::model::candle_backend::CandleBackend;
use crate::train::model::heads::Model;
use crate::train::pipeline::{Pipeline, Settings};
use candle_core::{Result, Tensor};

/// A student that differs from the recipe's in one respect.
#[derive(Debug, Clone)]
pub struct Variant {
    /// What differs, for people.
    pub name: &'static str,
    /// The same for scripts, as a method's name.
    pub key: &'static str,
    /// Its settings.
    pub settings: Settings,
}

/// Columns that the visitor's events move.
const PERSONAL: &[&str] = &["tags_", "session_", "year_", "vectors_"];

fn attention(crossed: bool, streams: usize) -> Option<AttentionParams> {
    Some(AttentionParams { width: 16, crossed, streams })
}

/// The recipe first, then its variants.
#[must_use]
pub fn variants(recipe: &Settings) -> Vec<Variant> {
    let mut variants = vec![Variant { name: "the recipe", key: "recipe", settings: recipe.clone() }];
    let mut add = |key, name, change: &dyn Fn(&mut Settings)| {
        let mut settings = recipe.clone();
        change(&mut settings);
        variants.push(Variant { name, key, settings });
    };
    add("labels_alone", "labels alone, no teacher", &|s| s.distil = false);
    add("teacher_alone", "the teacher's scores alone, no labels", &|s| {
        (s.engage.distil, s.like.distil) = (1.0, 1.0);
    });
    add("pointwise", "pointwise loss alone", &|s| (s.engage.listwise, s.like.listwise) = (0.0, 0.0));
    add("listwise", "listwise loss alone", &|s| (s.engage.listwise, s.like.listwise) = (1.0, 1.0));
    add("like_pointwise", "the second head without listwise loss", &|s| s.like.listwise = 0.0);
    add("like_ungated", "the second head without a gate", &|s| s.like.gate = None);
    add("like_linear", "the second head without a hidden layer", &|s| s.like.hidden = Vec::new());
    add("not_personal", "no column that events move", &|s| s.hidden = PERSONAL);
    add("counters_only", "tag counters, no vectors", &|s| s.hidden = &["vectors_", "vector_"]);
    add("vectors_only", "vectors, no tag counters", &|s| s.hidden = &["tags_", "session_"]);
    add("pooled_only", "pooled history: means, no peak or cosine", &|s| {
        s.hidden = &["vectors_peak", "vectors_cosine"];
    });
    add("no_exposure", "no exposure stream", &|s| {
        s.hidden = &["tags_exposed", "session_exposed", "vectors_exposed"];
    });
    add("linear", "no hidden layer", &|s| {
        (s.engage.hidden, s.like.hidden) = (Vec::new(), Vec::new());
    });
    add("pruned", "a third of the hidden units cut", &|s| s.prune = 0.33);
    add("attention_2", "with target attention in two streams", &|s| s.engage.attention = attention(false, 2));
    add("attention_2_crossed", "the same, crossed with the item", &|s| {
        s.engage.attention = attention(true, 2);
    });
    add("attention_3_crossed", "the same, with a stream for exposure", &|s| {
        s.engage.attention = attention(true, 3);
    });
    add("width_16", "vectors of 16 numbers", &|s| s.width = 16);
    add("width_64", "vectors of 64 numbers", &|s| s.width = 64);
    add("history_8", "history of 8 rows", &|s| s.history = 8);
    add("history_16", "history of 16 rows", &|s| s.history = 16);
    add("history_48", "history of 48 rows", &|s| s.history = 48);
    variants
}

/// What two settings must share to be trained on the same tensors: width, history, attention.
#[must_use]
pub fn tensors_key(settings: &Settings) -> (usize, usize, bool) {
    (settings.width, settings.history, settings.engage.attention.is_some())
}

/// Raw outputs of a model for a list, as its pipeline trained it.
///
/// # Errors
/// As candle.
pub fn scores(model: &Model, shown: Option<&Tensor>, list: &TrainingList) -> Result<Vec<f32>> {
    let mut columns = match shown {
        Some(shown) => list.tensors.columns.broadcast_mul(shown)?,
        None => list.tensors.columns.clone(),
    };
    let head = list.task.head();
    let mut backend = CandleBackend::default();
    if let (Some(attention), Some(inputs), 0) = (&model.attention, &list.tensors.inputs, head) {
        let attended = attention.of(&mut backend, inputs)?;
        columns = Tensor::cat(&[&columns, &attended], 1)?;
    }
    let Some(tower) = model.towers.get(head) else { return Ok(Vec::new()) };
    tower.of(&mut backend, &columns)?.flatten_all()?.to_vec1()
}

/// A teacher's scores of all lists of a pipeline.
pub type TeacherScores = Vec<Option<Vec<f32>>>;

/// The teacher's scores of all lists, to be lent to a pipeline with the same lists in other columns.
#[must_use]
pub fn teacher_scores(pipeline: &Pipeline) -> TeacherScores {
    pipeline.lists.iter().map(|list| list.tensors.teacher.clone()).collect()
}

/// Gives a pipeline's lists a teacher's scores; false if they are of other lists.
pub fn lend_scores(pipeline: &mut Pipeline, scores: &[Option<Vec<f32>>]) -> bool {
    let fits = scores.len() == pipeline.lists.len();
    for (list, scores) in pipeline.lists.iter_mut().zip(scores).filter(|_| fits) {
        list.tensors.teacher.clone_from(scores);
    }
    fits
}
