//! In: sheets of lists. Out: a [`Tower`] that orders them, with its attention if it has one.
//! Loss: listwise softmax and pointwise cross-entropy, against labels and a teacher's scores.
//! Must never draw a number from anything but its seed.

use super::engine::{Compute, Layer, Rounding};
use super::gate::Gate;
use super::net::{Attention, List, Tower};
use crate::replay::LIST;
use candle_core::{D, Device, Result, Tensor, Var};
use candle_nn::{AdamW, Optimizer, ParamsAdamW, ops};
use rand::rngs::StdRng;
use rand::seq::index;
use rand::{Rng, RngCore, SeedableRng};
use ranklet::model::manifest::CHANNELS;

/// One list as a tower reads it, its rows padded to [`LIST`].
#[derive(Clone)]
pub struct Sheet {
    /// `[LIST, columns]`.
    pub columns: Tensor,
    /// `[LIST]`: 1 for a positive.
    pub labels: Vec<f32>,
    /// `[LIST]`: how much a row deserves its place at the top; what listwise loss aims at.
    pub gains: Vec<f32>,
    /// `[LIST]`: 1 for a row that exists.
    pub mask: Vec<f32>,
    /// `[LIST]`: a teacher's raw scores.
    pub teacher: Option<Vec<f32>>,
    /// What attention reads: the list, its rows padded.
    pub list: Option<List<Tensor>>,
}

/// How a tower is trained.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Name of the head.
    pub name: &'static str,
    /// Widths of the hidden layers.
    pub hidden: Vec<usize>,
    /// Steps of the optimiser.
    pub steps: usize,
    /// Lists a step.
    pub batch: usize,
    /// Peak learning rate.
    pub rate: f64,
    /// Weight decay.
    pub decay: f64,
    /// Share of inputs of each hidden layer's outputs that a step leaves out.
    pub dropout: f64,
    /// Weight of the listwise loss; the pointwise one has the rest of 1.
    pub listwise: f64,
    /// Weight of the teacher's scores; labels have the rest of 1.
    pub distil: f64,
    /// What holds all but the server's score back, if anything.
    pub gate: Option<Gate>,
    /// Attention to train beside it: width of queries, crosses, streams.
    pub attention: Option<(usize, bool, usize)>,
}

/// A trained head.
pub struct Trained {
    /// Its layers.
    pub tower: Tower,
    /// Its attention.
    pub attention: Option<Attention>,
}

struct Vars {
    rng: StdRng,
    all: Vec<Var>,
}

impl Vars {
    /// A sum of uniforms is normal enough and the same on every host.
    fn normal(&mut self, shape: &[usize], scale: f64) -> Result<Var> {
        let count: usize = shape.iter().product();
        let rng = &mut self.rng;
        let data: Vec<f32> = (0..count)
            .map(|_| ((0..6).map(|_| rng.random_range(-1.0..1.0)).sum::<f64>() / 2f64.sqrt() * scale) as f32)
            .collect();
        let var = Var::from_tensor(&Tensor::from_vec(data, shape, &Device::Cpu)?)?;
        self.all.push(var.clone());
        Ok(var)
    }
}

/// Trains one tower. `tell` is told after each step.
///
/// # Errors
/// As candle.
pub fn fit(plan: &Plan, sheets: &[&Sheet], seed: u64, tell: impl FnMut()) -> Result<Trained> {
    let mut vars = Vars { rng: StdRng::seed_from_u64(seed), all: Vec::new() };
    let own = sheets.first().map_or(0, |sheet| sheet.columns.dims()[1]);
    let attention = match (plan.attention, sheets.first().and_then(|sheet| sheet.list.as_ref())) {
        (Some((width, cross, streams)), Some(list)) => {
            Some(attention(&mut vars, list.item.dim(1)?, width, cross, streams.min(CHANNELS))?)
        }
        _ => None,
    };
    let inputs = own + attention.as_ref().map_or(0, Attention::columns);
    let mut widths = vec![inputs];
    widths.extend(&plan.hidden);
    widths.push(1);
    let mut layers = Vec::new();
    for (index, pair) in widths.windows(2).enumerate() {
        let last = index + 2 == widths.len();
        let scale = (2.0 / pair[0] as f64).sqrt() * if last { 0.1 } else { 1.0 };
        let (weight, bias) = (vars.normal(&[pair[0], pair[1]], scale)?, vars.normal(&[pair[1]], 0.0)?);
        layers.push(Layer {
            weight: weight.as_tensor().clone(),
            bias: bias.as_tensor().clone(),
            rounding: Rounding::Nothing,
        });
    }
    let linear = vars.normal(&[inputs, 1], 0.0)?;
    // The first feature is the server's score: it begins as the order.
    let mut start = vec![0f32; inputs];
    start.iter_mut().take(1).for_each(|weight| *weight = 0.5);
    linear.set(&Tensor::from_vec(start, (inputs, 1), &Device::Cpu)?)?;
    let (linear, gate) = (linear.as_tensor().clone(), plan.gate.clone());
    let tower = Tower { name: plan.name.into(), layers, linear, gate };
    descend(plan, sheets, (tower, attention, vars), seed, tell)
}

/// Trains a tower further, without attention.
///
/// # Errors
/// As candle.
pub fn tune(plan: &Plan, sheets: &[&Sheet], tower: &Tower, seed: u64, tell: impl FnMut()) -> Result<Tower> {
    let mut vars = Vars { rng: StdRng::seed_from_u64(seed), all: Vec::new() };
    let mut own = |tensor: &Tensor| {
        let var = Var::from_tensor(&tensor.copy()?.detach())?;
        vars.all.push(var.clone());
        Ok::<Tensor, candle_core::Error>(var.as_tensor().clone())
    };
    let layers = tower.layers.iter();
    let layers = layers
        .map(|l| Ok(Layer { weight: own(&l.weight)?, bias: own(&l.bias)?, rounding: Rounding::Nothing }));
    let layers = layers.collect::<Result<Vec<_>>>()?;
    let linear = own(&tower.linear)?;
    let start = Tower { name: tower.name.clone(), layers, linear, gate: tower.gate.clone() };
    Ok(descend(plan, sheets, (start, None, vars), seed, tell)?.tower)
}

fn descend(
    plan: &Plan,
    sheets: &[&Sheet],
    (tower, attention, vars): (Tower, Option<Attention>, Vars),
    seed: u64,
    mut tell: impl FnMut(),
) -> Result<Trained> {
    let params = ParamsAdamW { lr: plan.rate, weight_decay: plan.decay, ..ParamsAdamW::default() };
    let mut optimizer = AdamW::new(vars.all.clone(), params)?;
    let mut rng = StdRng::seed_from_u64(seed ^ 0x5EED);
    for step in 1..=plan.steps {
        let batch = plan.batch.min(sheets.len());
        let picked: Vec<&Sheet> =
            index::sample(&mut rng, sheets.len(), batch).into_iter().map(|at| sheets[at]).collect();
        optimizer.set_learning_rate(rate_at(plan, step));
        let scores = scores(&tower, attention.as_ref(), &picked, plan.dropout, &mut rng)?;
        optimizer.backward_step(&loss(plan, &scores, &picked)?)?;
        tell();
    }
    Ok(Trained { tower: detached(&tower)?, attention: attention.map(|a| still(&a)).transpose()? })
}

/// Warm-up over the first tenth, then a cosine down to nearly nothing.
fn rate_at(plan: &Plan, step: usize) -> f64 {
    let share = step as f64 / plan.steps as f64;
    let warm = (share * 10.0).min(1.0);
    let fall = 0.01 + 0.99 * 0.5 * (1.0 + (share * std::f64::consts::PI).cos());
    plan.rate * warm * fall
}

fn attention(vars: &mut Vars, inputs: usize, width: usize, cross: bool, streams: usize) -> Result<Attention> {
    let scale = (1.0 / inputs as f64).sqrt();
    let mut add = |columns: usize| vars.normal(&[inputs, columns], scale).map(|var| var.as_tensor().clone());
    Ok(Attention {
        query: add(width)?,
        key: add(width)?,
        value: add(Attention::VALUE)?,
        cross: if cross { Some(add(Attention::VALUE * streams)?) } else { None },
        streams,
    })
}

/// Scores `[batch, LIST]`.
fn scores(
    tower: &Tower,
    attention: Option<&Attention>,
    sheets: &[&Sheet],
    dropout: f64,
    rng: &mut StdRng,
) -> Result<Tensor> {
    let mut rows = Vec::with_capacity(sheets.len());
    for sheet in sheets {
        rows.push(match (attention, &sheet.list) {
            (Some(attention), Some(list)) => {
                Tensor::cat(&[&sheet.columns, &attention.of(&mut Compute::default(), list)?], 1)?
            }
            _ => sheet.columns.clone(),
        });
    }
    let columns = Tensor::cat(&rows, 0)?;
    let mut hidden = columns.clone();
    for (index, layer) in tower.layers.iter().enumerate() {
        hidden = hidden.matmul(&layer.weight)?.broadcast_add(&layer.bias)?;
        if index + 1 < tower.layers.len() {
            hidden = dropped(&hidden.relu()?, dropout, rng)?;
        }
    }
    tower.joined(&mut Compute::default(), &columns, &hidden)?.reshape((sheets.len(), LIST))
}

fn dropped(x: &Tensor, share: f64, rng: &mut StdRng) -> Result<Tensor> {
    if share <= 0.0 {
        return Ok(x.clone());
    }
    let mut bytes = vec![0u8; x.elem_count()];
    rng.fill_bytes(&mut bytes);
    let (edge, keep) = ((share * 256.0) as u8, (1.0 / (1.0 - share)) as f32);
    let mask: Vec<f32> = bytes.iter().map(|&byte| if byte < edge { 0.0 } else { keep }).collect();
    x * Tensor::from_vec(mask, x.dims(), &Device::Cpu)?
}

fn loss(plan: &Plan, scores: &Tensor, sheets: &[&Sheet]) -> Result<Tensor> {
    let batch = sheets.len();
    let stack = |of: &dyn Fn(&Sheet) -> Vec<f32>| {
        Tensor::from_vec(sheets.iter().flat_map(|sheet| of(sheet)).collect(), (batch, LIST), &Device::Cpu)
    };
    let mask = stack(&|sheet| sheet.mask.clone())?;
    let labels = stack(&|sheet| sheet.labels.clone())?;
    let hidden = ((&mask - 1.0)? * 1e4)?;
    let taught = sheets.iter().all(|sheet| sheet.teacher.is_some()) && plan.distil > 0.0;
    let share = if taught { plan.distil } else { 0.0 };
    let teacher = stack(&|sheet| sheet.teacher.clone().unwrap_or_else(|| vec![0.0; LIST]))?;

    // Listwise: cross-entropy between two softmaxes, rows sharing in proportion to their gains.
    let log_softmax = ops::log_softmax(&(scores + &hidden)?, D::Minus1)?;
    let gains = stack(&|sheet| sheet.gains.clone())?;
    let earned = gains.broadcast_div(&gains.sum_keepdim(D::Minus1)?.maximum(1f64)?)?;
    let soft = ops::softmax(&(&teacher + &hidden)?, D::Minus1)?;
    let target = (earned.affine(1.0 - share, 0.0)? + soft.affine(share, 0.0)?)?;
    let listwise = (target * log_softmax)?.sum_all()?.affine(-1.0 / batch as f64, 0.0)?;

    // Pointwise: softplus(x) - y·x, stable as relu(x) + ln(1 + exp(-|x|)) - y·x; every list counts alike.
    let target = (labels.affine(1.0 - share, 0.0)? + ops::sigmoid(&teacher)?.affine(share, 0.0)?)?;
    let softplus = (scores.relu()? + (scores.abs()?.neg()?.exp()? + 1.0)?.log()?)?;
    let rows = mask.sum_keepdim(D::Minus1)?;
    let by_row = ((softplus - (target * scores)?)? * &mask)?.broadcast_div(&rows)?;
    let pointwise = by_row.sum_all()?.affine(1.0 / batch as f64, 0.0)?;
    listwise.affine(plan.listwise, 0.0)? + pointwise.affine(1.0 - plan.listwise, 0.0)?
}

fn detached(tower: &Tower) -> Result<Tower> {
    let layers = tower.layers.iter().map(|layer| {
        let (weight, bias) = (layer.weight.copy()?.detach(), layer.bias.copy()?.detach());
        Ok(Layer { weight, bias, rounding: Rounding::Nothing })
    });
    let linear = tower.linear.copy()?.detach();
    let layers = layers.collect::<Result<_>>()?;
    Ok(Tower { name: tower.name.clone(), layers, linear, gate: tower.gate.clone() })
}

fn still(attention: &Attention) -> Result<Attention> {
    let copy = |tensor: &Tensor| tensor.copy().map(|tensor| tensor.detach());
    Ok(Attention {
        query: copy(&attention.query)?,
        key: copy(&attention.key)?,
        value: copy(&attention.value)?,
        cross: attention.cross.as_ref().map(copy).transpose()?,
        streams: attention.streams,
    })
}
