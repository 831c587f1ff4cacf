//! A dense layer as one operator: rows `[n, terms]` of f32 or bytes, product, scale, bias, ReLU, and bytes again
//! if the next layer takes them. tract runs an int8 layer as five operators in f32; this multiplies the bytes
//! themselves. Layers of f32 that follow each other are one operator.

use super::byte_product::multiply_bytes;
use super::cast::to_i32_vec;
use super::epilogue::{Epilogue, Output};
use super::f32_layers::{HiddenLayer, LayerChain, run_chains};
use super::lanes::Native;
use super::operator::{rest_of_op, rest_of_typed_op, shape_of};
use super::packed::{Columns, PackedWeights};
use super::quant_params::QuantParams;
use tract_core::internal::*;

/// What a layer multiplies with its weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DenseInput {
    F32,
    /// Bytes with a constant zero point.
    Bytes {
        signed: bool,
        zero: i32,
    },
    /// Bytes whose zero point is the second input.
    BytesWithZeroPoint {
        signed: bool,
    },
}

/// What a layer gives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum DenseOutput {
    F32,
    Bytes(QuantParams),
    /// The sums of products of bytes.
    I32,
}

/// A layer. Inputs: rows; their zero point if [`DenseInput::BytesWithZeroPoint`]; a factor if `factor`.
#[derive(Debug, Clone, PartialEq)]
pub struct Dense {
    /// Layers of f32 before this one.
    pub hidden: Vec<HiddenLayer>,
    pub weights: Arc<PackedWeights>,
    pub input: DenseInput,
    pub output: DenseOutput,
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
    pub fn new(weights: PackedWeights, input: DenseInput) -> Dense {
        let output = if weights.takes_bytes() { DenseOutput::I32 } else { DenseOutput::F32 };
        let weights = Arc::new(weights);
        let hidden = Vec::new();
        Dense { hidden, weights, input, output, scale: None, factor: false, bias: None, relu: false }
    }

    /// Width of the rows that it takes.
    fn terms(&self) -> usize {
        self.hidden.first().map_or(self.weights.terms, |layer| layer.weights.terms)
    }

    /// Whether it takes and gives f32.
    pub fn is_f32(&self) -> bool {
        self.input == DenseInput::F32 && self.output == DenseOutput::F32
    }

    /// A layer that takes and gives f32, with those before it, as hidden layers of another one.
    pub fn into_hidden(self) -> Vec<HiddenLayer> {
        let own = HiddenLayer { weights: self.weights, bias: self.bias, relu: self.relu };
        self.hidden.into_iter().chain([own]).collect()
    }

    /// Whether it takes rows of f32, and nothing else.
    pub fn takes_f32_rows(&self) -> bool {
        self.input == DenseInput::F32 && !self.factor
    }

    /// Runs layers that take f32 over the same rows; an output for each.
    pub fn run_f32(layers: &[&Dense], rows: &TValue) -> TractResult<TVec<TValue>> {
        let mut outputs = Vec::with_capacity(layers.len());
        for layer in layers {
            outputs.push(layer.zeros(layer.rows_of(rows.shape())?)?);
        }
        let mut views = Vec::with_capacity(layers.len());
        for output in &mut outputs {
            views.push(output.try_as_plain_ram_mut()?);
        }
        let mut chains = Vec::with_capacity(layers.len());
        for (layer, view) in layers.iter().zip(&mut views) {
            let (scale, bias) = (layer.scale.as_deref(), layer.bias.as_deref());
            let output = match layer.output {
                DenseOutput::Bytes(params) => Output::Bytes(view.as_bytes_mut(), params),
                _ => Output::F32(view.as_slice_mut::<f32>()?),
            };
            let epilogue = Epilogue { scale, bias, relu: layer.relu };
            chains.push(LayerChain { hidden: &layer.hidden, weights: &layer.weights, epilogue, output });
        }
        run_chains::<Native>(rows.try_as_plain_ram()?.as_slice::<f32>()?, &mut chains);
        drop(chains);
        drop(views);
        Ok(outputs.into_iter().map(IntoTValue::into_tvalue).collect())
    }

    /// The number of rows of a shape, if they are as wide as the layer takes them.
    fn rows_of(&self, shape: &[usize]) -> TractResult<usize> {
        let &[rows, terms] = shape else { bail!("rows of another rank") };
        ensure!(terms == self.terms(), "rows of {terms}, weights of {}", self.terms());
        Ok(rows)
    }

    /// Type and shape of its output.
    pub fn fact(&self, inputs: &[&TypedFact]) -> TractResult<TypedFact> {
        let rows = self.rows_of(shape_of(inputs, 0)?)?;
        Ok(self.output_type().fact([rows, self.weights.columns]))
    }

    fn zeros(&self, rows: usize) -> TractResult<Tensor> {
        Tensor::zero_dt(self.output_type(), &[rows, self.weights.columns])
    }

    fn run_bytes(&self, inputs: &[TValue], output: Output) -> TractResult<()> {
        let rows = inputs.first().context("no rows")?.try_as_plain_ram()?;
        let mut scale = self.scale.clone();
        if let (true, Some(factor)) = (self.factor, inputs.last()) {
            let factor = *factor.try_as_plain_ram()?.as_slice::<f32>()?.first().context("no factor")?;
            scale = scale.map(|columns| Arc::new(columns.times(factor)));
        }
        let epilogue = Epilogue { scale: scale.as_deref(), bias: self.bias.as_deref(), relu: self.relu };
        let (signed, zero) = match self.input {
            DenseInput::F32 => bail!("rows of bytes for a layer of f32"),
            DenseInput::Bytes { signed, zero } => (signed, zero),
            DenseInput::BytesWithZeroPoint { signed } => {
                let zero = to_i32_vec(inputs.get(1).context("no zero point")?)?;
                (signed, *zero.first().context("no zero point")?)
            }
        };
        multiply_bytes::<Native>(rows.as_bytes(), signed, zero, &self.weights, epilogue, output);
        Ok(())
    }

    fn output_type(&self) -> DatumType {
        match self.output {
            DenseOutput::F32 => f32::datum_type(),
            DenseOutput::Bytes(params) => params.datum_type(),
            DenseOutput::I32 => i32::datum_type(),
        }
    }
}

impl Op for Dense {
    fn name(&self) -> StaticName {
        "Dense".into()
    }

    rest_of_op!();
}

impl EvalOp for Dense {
    op_out_of_plan!();

    fn eval(&self, _context: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let rows = inputs.first().context("no rows")?;
        if self.input == DenseInput::F32 {
            return Dense::run_f32(&[self], rows);
        }
        let mut output = self.zeros(self.rows_of(rows.shape())?)?;
        let mut view = output.try_as_plain_ram_mut()?;
        let target = match self.output {
            DenseOutput::F32 => Output::F32(view.as_slice_mut::<f32>()?),
            DenseOutput::Bytes(params) => Output::Bytes(view.as_bytes_mut(), params),
            DenseOutput::I32 => Output::I32(view.as_slice_mut::<i32>()?),
        };
        self.run_bytes(&inputs, target)?;
        Ok(tvec!(output.into_tvalue()))
    }
}

impl TypedOp for Dense {
    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        Ok(tvec!(self.fact(inputs)?))
    }

    rest_of_typed_op!();
}
