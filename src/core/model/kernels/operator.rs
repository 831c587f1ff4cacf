//! The macro that makes an operator of tract out of a type's `fact` and `run`; and the two operators that compute
//! nothing, [`Source`] and [`Const`]. None of tract's own is used: each would keep its optimiser in the module.

use tract_core::internal::*;

/// Implements tract's traits for a type by its `fact(&self, &[&TypedFact]) -> TractResult<TypedFact>`
/// and `run(&self, TVec<TValue>) -> TractResult<TValue>`: operators of one output.
macro_rules! operator {
    ($type:ty, $name:literal) => {
        impl Op for $type {
            fn name(&self) -> StaticName {
                $name.into()
            }

            $crate::model::kernels::operator::rest_of_op!();
        }

        impl EvalOp for $type {
            op_out_of_plan!();

            fn eval(&self, _context: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
                Ok(tvec!(self.run(inputs)?))
            }
        }

        impl TypedOp for $type {
            fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
                Ok(tvec!(self.fact(inputs)?))
            }

            $crate::model::kernels::operator::rest_of_typed_op!();
        }
    };
}
pub(super) use operator;

/// What every operator here answers alike of tract's `Op`: no tensor of ours holds a symbol that would have to
/// be bound first.
macro_rules! rest_of_op {
    () => {
        op_as_typed_op!();

        fn required_bound_symbols(&self, _inputs: &[&TypedFact]) -> TVec<Symbol> {
            tvec!()
        }
    };
}
pub(super) use rest_of_op;

/// What every operator here answers alike of tract's `TypedOp`: the questions of tract's passes over a graph.
/// None of them runs here, and the provided methods would keep the code that rebuilds graphs in the module.
macro_rules! rest_of_typed_op {
    () => {
        as_op!();

        fn axes_mapping(&self, _inputs: &[&TypedFact], _outputs: &[&TypedFact]) -> TractResult<AxesMapping> {
            bail!("no pass over axes")
        }

        fn set_symbols(
            &self,
            _source: &TypedModel,
            _node: &TypedNode,
            _target: &mut TypedModel,
            _mapping: &HashMap<OutletId, OutletId>,
            _values: &HashMap<Symbol, TDim>,
        ) -> TractResult<TVec<OutletId>> {
            bail!("no pass over symbols")
        }
    };
}
pub(super) use rest_of_typed_op;

/// The shape of an input, all of whose dimensions are numbers.
pub(super) fn shape_of<'a>(inputs: &[&'a TypedFact], index: usize) -> TractResult<&'a [usize]> {
    inputs.get(index).and_then(|fact| fact.shape.as_concrete()).context("an input without a shape")
}

/// An input of the stage: the plan hands in its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source(pub TypedFact);

impl Source {
    fn fact(&self, _inputs: &[&TypedFact]) -> TractResult<TypedFact> {
        Ok(self.0.clone())
    }

    fn run(&self, mut inputs: TVec<TValue>) -> TractResult<TValue> {
        inputs.pop().context("an input is missing")
    }
}

/// A constant.
#[derive(Debug, Clone)]
pub struct Const(pub Arc<Tensor>);

// Equal only if they are the same tensor: comparing values would take long.
impl PartialEq for Const {
    fn eq(&self, other: &Const) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}
impl Eq for Const {}

impl Const {
    pub fn fact(&self, _inputs: &[&TypedFact]) -> TractResult<TypedFact> {
        let mut fact = self.0.datum_type().fact(self.0.shape());
        fact.konst = Some(self.0.clone());
        Ok(fact)
    }

    fn run(&self, _inputs: TVec<TValue>) -> TractResult<TValue> {
        Ok(self.0.clone().into_tvalue())
    }
}

operator!(Source, "Source");
operator!(Const, "Const");
