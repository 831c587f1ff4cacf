//! In: lists as tensors, hyperparameters, a seed. Out: a [`Tower`] that orders them, with its attention if it has
//! one. Everything that is drawn comes from the seed: the same seed gives the same weights to the bit.

use crate::data::visit::LIST;
use crate::train::batches::ListTensors;
use crate::train::hyperparameters::TowerParams;
use crate::train::init::Variables;
use crate::train::loss::loss;
use crate::train::model::attention::Attention;
use crate::train::model::backend::{Layer, Rounding};
use crate::train::model::candle_backend::CandleBackend;
use crate::train::model::tower::Tower;
use crate::train::optimiser::Optimiser;
use candle_core::{Device, Result, Tensor, Var};
use rand::rngs::StdRng;
use rand::seq::index;
use rand::{RngCore, SeedableRng};

/// A trained head.
pub struct Trained {
    /// Its layers.
    pub tower: Tower,
    /// Its attention.
    pub attention: Option<Attention>,
}

impl Trained {
    /// A copy that no gradient reaches any more.
    fn detached(&self) -> Result<Trained> {
        let copy = |tensor: &Tensor| tensor.copy().map(|tensor| tensor.detach());
        let Trained { tower, attention } = self;
        let layers = tower.layers.iter().map(|layer| {
            let (weight, bias) = (copy(&layer.weight)?, copy(&layer.bias)?);
            Ok(Layer { weight, bias, rounding: Rounding::None })
        });
        let attention = attention.as_ref().map(|attention| {
            Ok::<_, candle_core::Error>(Attention {
                query: copy(&attention.query)?,
                key: copy(&attention.key)?,
                value: copy(&attention.value)?,
                cross: attention.cross.as_ref().map(copy).transpose()?,
                streams: attention.streams,
            })
        });
        Ok(Trained {
            tower: Tower {
                name: tower.name.clone(),
                layers: layers.collect::<Result<_>>()?,
                linear: copy(&tower.linear)?,
                gate: tower.gate.clone(),
            },
            attention: attention.transpose()?,
        })
    }
}

/// Trains a tower. `on_step` is called after each step.
///
/// # Errors
/// As candle.
pub fn fit(
    params: &TowerParams,
    lists: &[&ListTensors],
    seed: u64,
    on_step: impl FnMut(),
) -> Result<Trained> {
    let mut variables = Variables::new(seed);
    let own = lists.first().map_or(0, |list| list.columns.dims()[1]);
    let attention = match (&params.attention, lists.first().and_then(|list| list.inputs.as_ref())) {
        (Some(shape), Some(inputs)) => Some(variables.attention(shape, inputs.item.dim(1)?)?),
        _ => None,
    };
    let inputs = own + attention.as_ref().map_or(0, Attention::columns);
    let start = Trained { tower: variables.tower(params, inputs)?, attention };
    descend(params, lists, &start, variables.all, seed, on_step)?;
    start.detached()
}

/// Trains a tower further, without attention.
///
/// # Errors
/// As candle.
pub fn fine_tune(
    params: &TowerParams,
    lists: &[&ListTensors],
    tower: &Tower,
    seed: u64,
    on_step: impl FnMut(),
) -> Result<Tower> {
    let mut variables = Variables::new(seed);
    let start = Trained { tower: variables.copied(tower)?, attention: None };
    descend(params, lists, &start, variables.all, seed, on_step)?;
    Ok(start.detached()?.tower)
}

fn descend(
    params: &TowerParams,
    lists: &[&ListTensors],
    head: &Trained,
    variables: Vec<Var>,
    seed: u64,
    mut on_step: impl FnMut(),
) -> Result<()> {
    let mut optimiser = Optimiser::new(params, variables)?;
    let mut rng = StdRng::seed_from_u64(seed ^ 0x5EED);
    for step in 1..=params.steps {
        let size = params.batch_size.min(lists.len());
        let batch: Vec<&ListTensors> =
            index::sample(&mut rng, lists.len(), size).into_iter().map(|at| lists[at]).collect();
        optimiser.begin(step);
        let scores = scores(head, &batch, params.dropout, &mut rng)?;
        optimiser.descend(&loss(params, &scores, &batch)?)?;
        on_step();
    }
    Ok(())
}

/// Scores `[batch, LIST]`.
fn scores(head: &Trained, batch: &[&ListTensors], dropout: f64, rng: &mut StdRng) -> Result<Tensor> {
    let Trained { tower, attention } = head;
    let mut rows = Vec::with_capacity(batch.len());
    for list in batch {
        rows.push(match (attention, &list.inputs) {
            (Some(attention), Some(inputs)) => {
                Tensor::cat(&[&list.columns, &attention.of(&mut CandleBackend::default(), inputs)?], 1)?
            }
            _ => list.columns.clone(),
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
    tower.joined(&mut CandleBackend::default(), &columns, &hidden)?.reshape((batch.len(), LIST))
}

/// Dropout: a share of the values becomes 0, the others grow by as much as is lost.
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
