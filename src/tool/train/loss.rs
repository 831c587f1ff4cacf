//! In: scores of a batch of lists, their labels, a teacher's scores. Out: the loss.
//! Listwise softmax and pointwise cross-entropy, each against labels and against the teacher; rows of padding count
//! for nothing.

use crate::data::visit::LIST;
use crate::train::batches::ListTensors;
use crate::train::hyperparameters::TowerParams;
use candle_core::{D, Device, Result, Tensor};
use candle_nn::ops;

/// The loss of scores `[batch, LIST]` of some lists, a scalar.
///
/// # Errors
/// As candle.
pub fn loss(params: &TowerParams, scores: &Tensor, lists: &[&ListTensors]) -> Result<Tensor> {
    let batch = lists.len();
    let stack = |of: &dyn Fn(&ListTensors) -> Vec<f32>| {
        Tensor::from_vec(lists.iter().flat_map(|list| of(list)).collect(), (batch, LIST), &Device::Cpu)
    };
    let mask = stack(&|list| list.mask.clone())?;
    let labels = stack(&|list| list.labels.clone())?;
    let hidden = ((&mask - 1.0)? * 1e4)?;
    let taught = lists.iter().all(|list| list.teacher.is_some()) && params.distil > 0.0;
    let share = if taught { params.distil } else { 0.0 };
    let teacher = stack(&|list| list.teacher.clone().unwrap_or_else(|| vec![0.0; LIST]))?;

    // Listwise: cross-entropy between two softmaxes, rows sharing in proportion to their gains.
    let log_softmax = ops::log_softmax(&(scores + &hidden)?, D::Minus1)?;
    let gains = stack(&|list| list.gains.clone())?;
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
    listwise.affine(params.listwise, 0.0)? + pointwise.affine(1.0 - params.listwise, 0.0)?
}
