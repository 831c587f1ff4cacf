//! In: rows `[n, terms]` of f32 or bytes. Out: `[n, columns]` of a layer: product, scale, bias,
//! ReLU, and bytes again if the next layer takes them. Layers of f32 that follow each other are one node.
//! Must never be wired for rows of another width than its weights have.

use super::cast::narrow;
use super::floats::{Inner, Member, floats};
use super::lanes::{Native, Steps};
use super::operator::shape_of;
use super::packed::{Columns, Packed};
use super::product::{self, Finish, Target};
use tract_core::internal::*;

/// What a layer multiplies with its weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// f32.
    Floats,
    /// Bytes with a constant zero point.
    Bytes { signed: bool, zero: i32 },
    /// Bytes whose zero point is the second input.
    Ranged { signed: bool },
}

/// What a layer gives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Gives {
    /// f32.
    Floats,
    /// Bytes.
    Bytes(Steps),
    /// i32: the sums of products of bytes.
    Whole,
}

/// A layer. Inputs: rows; their zero point if [`Takes::Ranged`]; a factor if `factor`.
#[derive(Debug, Clone, PartialEq)]
pub struct Dense {
    /// Layers of f32 that rows pass before.
    pub below: Vec<Inner>,
    pub weights: Arc<Packed>,
    pub takes: Takes,
    pub gives: Gives,
    /// Factor of each column.
    pub scale: Option<Arc<Columns>>,
    /// Whether the last input is one f32 that multiplies `scale`.
    pub factor: bool,
    /// Addend of each column.
    pub bias: Option<Arc<Columns>>,
    pub relu: bool,
}

// A NaN among the constants only makes equal layers differ.
impl Eq for Dense {}

impl Dense {
    /// The product alone.
    pub fn new(weights: Packed, takes: Takes) -> Dense {
        let gives = if weights.is_whole() { Gives::Whole } else { Gives::Floats };
        let weights = Arc::new(weights);
        let below = Vec::new();
        Dense { below, weights, takes, gives, scale: None, factor: false, bias: None, relu: false }
    }

    /// Width of the rows that it takes.
    fn terms(&self) -> usize {
        self.below.first().map_or(self.weights.terms, |layer| layer.weights.terms)
    }

    /// All that it does to rows of f32, as layers below another one; `None` if it takes or gives bytes.
    pub fn inner(&self) -> Option<Vec<Inner>> {
        let floats = self.takes == Takes::Floats && self.gives == Gives::Floats;
        let own = Inner { weights: self.weights.clone(), bias: self.bias.clone(), relu: self.relu };
        floats.then(|| self.below.iter().cloned().chain([own]).collect())
    }

    /// Whether it takes f32, and nothing else.
    pub fn takes_floats(&self) -> bool {
        self.takes == Takes::Floats && !self.factor
    }

    /// What some layers that take f32 give of the same rows.
    pub fn of_floats(layers: &[&Dense], rows: &TValue) -> TractResult<TVec<TValue>> {
        let mut outputs = Vec::with_capacity(layers.len());
        for layer in layers {
            outputs.push(layer.zeros(layer.rows_of(rows.shape())?)?);
        }
        let mut views = Vec::with_capacity(layers.len());
        for output in &mut outputs {
            views.push(output.try_as_plain_ram_mut()?);
        }
        let mut members = Vec::with_capacity(layers.len());
        for (layer, view) in layers.iter().zip(&mut views) {
            let (scale, bias) = (layer.scale.as_deref(), layer.bias.as_deref());
            let target = match layer.gives {
                Gives::Bytes(steps) => Target::Bytes(view.as_bytes_mut(), steps),
                _ => Target::Floats(view.as_slice_mut::<f32>()?),
            };
            let finish = Finish { scale, bias, relu: layer.relu };
            members.push(Member { below: &layer.below, weights: &layer.weights, finish, target });
        }
        floats::<Native>(rows.try_as_plain_ram()?.as_slice::<f32>()?, &mut members);
        drop(members);
        drop(views);
        Ok(outputs.into_iter().map(IntoTValue::into_tvalue).collect())
    }

    /// How many rows these are, if they are as wide as it takes them.
    fn rows_of(&self, shape: &[usize]) -> TractResult<usize> {
        let &[rows, terms] = shape else { bail!("rows of another rank") };
        ensure!(terms == self.terms(), "rows of {terms}, weights of {}", self.terms());
        Ok(rows)
    }

    /// What it gives of such rows.
    pub fn fact(&self, inputs: &[&TypedFact]) -> TractResult<TypedFact> {
        let rows = self.rows_of(shape_of(inputs, 0)?)?;
        Ok(self.gives().fact([rows, self.weights.columns]))
    }

    fn zeros(&self, rows: usize) -> TractResult<Tensor> {
        Tensor::zero_dt(self.gives(), &[rows, self.weights.columns])
    }

    /// Rows of bytes.
    fn run(&self, inputs: &[TValue], target: Target) -> TractResult<()> {
        let rows = inputs.first().context("no rows")?.try_as_plain_ram()?;
        let mut scale = self.scale.clone();
        if let (true, Some(factor)) = (self.factor, inputs.last()) {
            let factor = *factor.try_as_plain_ram()?.as_slice::<f32>()?.first().context("no factor")?;
            scale = scale.map(|columns| Arc::new(columns.times(factor)));
        }
        let finish = Finish { scale: scale.as_deref(), bias: self.bias.as_deref(), relu: self.relu };
        let (signed, zero) = match self.takes {
            Takes::Floats => bail!("rows of bytes for a layer of f32"),
            Takes::Bytes { signed, zero } => (signed, zero),
            Takes::Ranged { signed } => {
                (signed, *narrow(inputs.get(1).context("no zero point")?)?.first().context("no zero point")?)
            }
        };
        product::bytes::<Native>(rows.as_bytes(), signed, zero, &self.weights, finish, target);
        Ok(())
    }

    fn gives(&self) -> DatumType {
        match self.gives {
            Gives::Floats => f32::datum_type(),
            Gives::Bytes(steps) => steps.datum_type(),
            Gives::Whole => i32::datum_type(),
        }
    }
}

impl Steps {
    /// The type of its bytes.
    pub fn datum_type(self) -> DatumType {
        if self.signed { i8::datum_type() } else { u8::datum_type() }
    }
}

impl Op for Dense {
    fn name(&self) -> StaticName {
        "Dense".into()
    }

    op_as_typed_op!();
}

impl EvalOp for Dense {
    op_out_of_plan!();

    fn eval(&self, _context: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let rows = inputs.first().context("no rows")?;
        if self.takes == Takes::Floats {
            return Dense::of_floats(&[self], rows);
        }
        let mut output = self.zeros(self.rows_of(rows.shape())?)?;
        let mut view = output.try_as_plain_ram_mut()?;
        let target = match self.gives {
            Gives::Floats => Target::Floats(view.as_slice_mut::<f32>()?),
            Gives::Bytes(steps) => Target::Bytes(view.as_bytes_mut(), steps),
            Gives::Whole => Target::Whole(view.as_slice_mut::<i32>()?),
        };
        self.run(&inputs, target)?;
        Ok(tvec!(output.into_tvalue()))
    }
}

impl TypedOp for Dense {
    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        Ok(tvec!(self.fact(inputs)?))
    }

    as_op!();
}
