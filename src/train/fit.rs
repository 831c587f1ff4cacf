//! In: lists of train users, lists of validation users. Out: the weights that did best on the latter.
//! Loss: listwise softmax over each list plus pointwise cross-entropy, by head.
//! Must never see a test user; validation users only decide when to stop.

use super::Outcome;
use super::examples::{Example, Lesson, Maker};
use super::net::{Inputs, Net, Weights};
use super::recipe::{ENGAGE, LIKE};
use crate::model::manifest::CHANNELS;
use crate::replay::predictions::Prediction;
use crate::replay::score::{Metric, Subset, score};
use crate::replay::stats::Stats;
use crate::replay::{LIST, Protocol, Visit, split};
use candle_core::{D, Device, Tensor};
use candle_nn::{AdamW, Optimizer, ParamsAdamW, ops};
use indicatif::{ProgressBar, ProgressStyle};
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::{IndexedRandom, SliceRandom};

/// How to train.
#[derive(Debug, Clone, Copy)]
pub struct Schedule {
    /// Seed of everything random.
    pub seed: u64,
    /// Steps of the optimiser.
    pub steps: usize,
    /// Lists a step.
    pub batch: usize,
    /// Steps between looks at the validation users.
    pub check_every: usize,
    /// Peak learning rate.
    pub rate: f64,
    /// Decay of weights.
    pub decay: f64,
}

impl Default for Schedule {
    fn default() -> Schedule {
        Schedule { seed: 1, steps: 2_400, batch: 16, check_every: 150, rate: 2e-3, decay: 0.5 }
    }
}

/// Lists and the statistics that their rows may use.
pub struct Lists {
    /// Training lists with their lesson.
    pub train: Vec<(Lesson, Visit)>,
    /// Statistics without each fold.
    pub folds: Vec<Stats>,
    /// Validation lists of protocol 2.
    pub validation: Vec<Visit>,
    /// Statistics of all train users.
    pub stats: Stats,
}

/// Trains and gives the best weights with a line of their figures.
///
/// # Errors
/// As candle or the ranker's own.
pub fn fit(net: &Net, maker: &Maker, lists: &Lists, schedule: &Schedule) -> Outcome<(Weights, String)> {
    let mut rng = StdRng::seed_from_u64(schedule.seed);
    let params = ParamsAdamW { lr: schedule.rate, weight_decay: schedule.decay, ..ParamsAdamW::default() };
    let mut optimizer = AdamW::new(net.vars(), params)?;
    let checks = validation_examples(maker, lists)?;
    let bar = ProgressBar::new(schedule.steps as u64);
    bar.set_style(ProgressStyle::with_template("train {bar:32} {pos}/{len} steps, {eta} left  {msg}")?);
    let mut best: Option<(f64, Weights, String)> = None;
    let mut loss_sum = 0.0;
    let lessons = |lesson: Lesson| -> Vec<&Visit> {
        lists.train.iter().filter(|(own, _)| *own == lesson).map(|(_, visit)| visit).collect()
    };
    let (engage, like) = (lessons(Lesson::Engage), lessons(Lesson::Like));
    for step in 1..=schedule.steps {
        // Every third step teaches the second head.
        let (lesson, visits) = if step % 3 == 0 { (Lesson::Like, &like) } else { (Lesson::Engage, &engage) };
        let mut picked: Vec<&Visit> = visits.choose_multiple(&mut rng, schedule.batch).copied().collect();
        picked.shuffle(&mut rng);
        let mut examples = Vec::with_capacity(picked.len());
        for visit in picked {
            let fold = split::fold(visit.user) as usize;
            let stats = lists.folds.get(fold).ok_or("a fold is missing")?;
            examples.push(maker.augmented(visit, stats, &mut rng)?);
        }
        optimizer.set_learning_rate(rate_at(schedule, step));
        let loss = loss(net, &examples, lesson)?;
        optimizer.backward_step(&loss)?;
        loss_sum += f64::from(loss.to_scalar::<f32>()?);
        bar.inc(1);
        if step % schedule.check_every == 0 || step == schedule.steps {
            let figures = validate(net, lists, &checks)?;
            let line = format!("loss {:.4}, validation {figures}", loss_sum / schedule.check_every as f64);
            loss_sum = 0.0;
            bar.set_message(line.clone());
            bar.suspend(|| eprintln!("step {step:>5}: {line}"));
            if best.as_ref().is_none_or(|(before, ..)| figures.aim() > *before) {
                best = Some((figures.aim(), net.weights()?, format!("step {step}, {line}")));
            }
        }
    }
    bar.finish_and_clear();
    let (_, weights, line) = best.ok_or("no step was taken")?;
    Ok((weights, line))
}

/// Warm-up over the first twentieth, then a cosine down to a twentieth.
fn rate_at(schedule: &Schedule, step: usize) -> f64 {
    let share = step as f64 / schedule.steps as f64;
    let warm = (share * 20.0).min(1.0);
    let fall = 0.05 + 0.95 * 0.5 * (1.0 + (share * std::f64::consts::PI).cos());
    schedule.rate * warm * fall
}

/// Stacks examples into tensors.
///
/// # Errors
/// As candle.
pub fn inputs(net: &Net, examples: &[Example]) -> candle_core::Result<Inputs> {
    let batch = examples.len();
    let sizes = net.sizes;
    let ids = |of: &dyn Fn(&Example) -> Vec<u32>, rows: usize| {
        let all: Vec<u32> = examples.iter().flat_map(of).collect();
        Tensor::from_vec(all, (batch, rows, sizes.tokens), &Device::Cpu)
    };
    Ok(Inputs {
        tokens: ids(&|e| e.tokens.clone(), LIST)?,
        dense: floats(examples, |e| &e.dense, (batch, LIST, sizes.features))?,
        history_tokens: ids(&|e| e.history_tokens.clone(), sizes.history)?,
        history_actions: floats(examples, |e| &e.history_actions, (batch, sizes.history, CHANNELS))?,
    })
}

fn floats<S: candle_core::shape::ShapeWithOneHole>(
    examples: &[Example],
    of: impl Fn(&Example) -> &Vec<f32>,
    shape: S,
) -> candle_core::Result<Tensor> {
    let all: Vec<f32> = examples.iter().flat_map(|e| of(e).iter().copied()).collect();
    Tensor::from_vec(all, shape, &Device::Cpu)
}

fn loss(net: &Net, examples: &[Example], lesson: Lesson) -> candle_core::Result<Tensor> {
    let batch = examples.len();
    let heads = net.forward(&inputs(net, examples)?)?;
    let head = match lesson {
        Lesson::Engage => ENGAGE,
        Lesson::Like => LIKE,
    };
    let logits = heads.narrow(D::Minus1, head, 1)?.squeeze(D::Minus1)?;
    let labels = floats(examples, |e| &e.labels, (batch, LIST))?;
    let mask = floats(examples, |e| &e.mask, (batch, LIST))?;
    // Listwise: cross-entropy between the list's softmax and its positives, shared equally.
    let hidden = ((&mask - 1.0)? * 1e4)?;
    let log_softmax = ops::log_softmax(&(&logits + hidden)?, D::Minus1)?;
    let positives = labels.sum_keepdim(D::Minus1)?;
    let target = labels.broadcast_div(&positives.maximum(1f64)?)?;
    let listwise = (target * log_softmax)?.sum_all()?.affine(-1.0 / batch as f64, 0.0)?;
    // Pointwise: softplus(x) - y·x, stable as relu(x) + ln(1 + exp(-|x|)) - y·x.
    let softplus = (logits.relu()? + (logits.abs()?.neg()?.exp()? + 1.0)?.log()?)?;
    let pointwise = ((softplus - (&labels * &logits)?)? * &mask)?.sum_all()?;
    let rows = f64::from(mask.sum_all()?.to_scalar::<f32>()?).max(1.0);
    listwise.affine(0.5, 0.0)? + pointwise.affine(1.0 / rows, 0.0)?
}

/// Feedback sizes looked at while training.
const CHECK_SIZES: [usize; 3] = [0, 10, 20];

fn validation_examples(maker: &Maker, lists: &Lists) -> Outcome<Vec<(usize, Vec<Example>)>> {
    let mut checks = Vec::new();
    for k in CHECK_SIZES {
        let examples = lists.validation.iter().map(|visit| maker.plain(visit, k, &lists.stats));
        checks.push((k, examples.collect::<Result<_, _>>()?));
    }
    Ok(checks)
}

/// Validation figures by feedback size.
struct Figures(Vec<(usize, f64, f64)>);

impl Figures {
    /// What is maximised: mean NDCG@10 and GAUC after feedback, with a little of before.
    fn aim(&self) -> f64 {
        let weight = |k| if k == 0 { 0.5 } else { 1.0 };
        self.0.iter().map(|&(k, ndcg, gauc)| weight(k) * (ndcg + gauc)).sum()
    }
}

impl std::fmt::Display for Figures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let cells: Vec<String> =
            self.0.iter().map(|(k, ndcg, gauc)| format!("k={k} {ndcg:.3}/{gauc:.3}")).collect();
        f.write_str(&cells.join("  "))
    }
}

fn validate(net: &Net, lists: &Lists, checks: &[(usize, Vec<Example>)]) -> Outcome<Figures> {
    let mut predictions = Vec::new();
    for (k, examples) in checks {
        for (visits, chunk) in lists.validation.chunks(16).zip(examples.chunks(16)) {
            let heads = net.forward(&inputs(net, chunk)?)?.to_vec3::<f32>()?;
            for (visit, rows) in visits.iter().zip(heads) {
                predictions.push(Prediction {
                    user: visit.user,
                    k: *k,
                    items: visit.candidates.iter().map(|c| c.item).collect(),
                    scores: rows.iter().map(|row| f64::from(row[ENGAGE])).collect(),
                    prob: false,
                });
            }
        }
    }
    let cards = score(Protocol::V2, &lists.validation, &predictions)?;
    let figure =
        |k: &usize, metric| cards.get(k).and_then(|card| card.mean(metric, Subset::All)).unwrap_or(0.0);
    Ok(Figures(CHECK_SIZES.iter().map(|k| (*k, figure(k, Metric::Ndcg), figure(k, Metric::Gauc))).collect()))
}
