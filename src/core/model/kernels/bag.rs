//! In: ids `[n, T]` and a table of bytes with a scale a row. Out: the sum of each row's T vectors.
//! Stands for Gather, Gather, Cast, Mul and ReduceSum, which would write n·T vectors of f32.
//! Must never read beside the table: an id outside it counts for nothing.

use super::lanes::{Lanes, Native};
use tract_core::internal::*;

/// The width of a table is a multiple of this.
pub const STEP: usize = 8;

/// Sums of scaled rows.
#[derive(Debug, Clone)]
pub struct Bag {
    table: Arc<Tensor>,
    scale: Arc<Tensor>,
    width: usize,
    /// Row 0 is all zeros: padding, which adds nothing.
    padded: bool,
}

// Of one table, not of an equal one.
impl PartialEq for Bag {
    fn eq(&self, other: &Bag) -> bool {
        Arc::ptr_eq(&self.table, &other.table) && Arc::ptr_eq(&self.scale, &other.scale)
    }
}
impl Eq for Bag {}

impl Bag {
    /// A table of int8 `[rows, width]` and a scale of f32 for each row; `None` if they do not fit.
    pub fn new(table: Arc<Tensor>, scale: Arc<Tensor>) -> Option<Bag> {
        let &[rows, width] = table.shape() else { return None };
        let scales = scale.try_as_plain_ram().ok()?.as_slice::<f32>().ok()?;
        let bytes = table.try_as_plain_ram().ok()?;
        let fits = table.datum_type() == i8::datum_type() && scales.len() == rows && width > 0;
        if !fits || width % STEP != 0 {
            return None;
        }
        let first = bytes.as_bytes().get(..width)?;
        let padded = first.iter().all(|&byte| byte == 0) && scales.first().is_some_and(|s| s.is_finite());
        Some(Bag { table, scale, width, padded })
    }
}

/// Adds up, for each row of `width` ids, the vectors that they name. `to` has a vector a row.
pub fn sums<L: Lanes>(
    ids: &[i64],
    each: usize,
    table: &[u8],
    scale: &[f32],
    skip: Option<i64>,
    to: &mut [f32],
    width: usize,
) {
    for (ids, to) in ids.chunks_exact(each.max(1)).zip(to.chunks_exact_mut(width)) {
        let (chunks, _) = to.as_chunks_mut::<STEP>();
        for (chunk, to) in chunks.iter_mut().enumerate() {
            let mut sum = [L::splat(0.0); 2];
            for &id in ids.iter().filter(|&&id| Some(id) != skip) {
                let row = usize::try_from(id).unwrap_or(usize::MAX);
                let start = row.saturating_mul(width).saturating_add(chunk * STEP);
                let bytes = table.get(start..).and_then(|rest| rest.first_chunk::<STEP>());
                let (Some(bytes), Some(&scale)) = (bytes, scale.get(row)) else { continue };
                let (scale, [low, high]) = (L::splat(scale), L::of_bytes(bytes));
                sum = [L::add(sum[0], L::mul(low, scale)), L::add(sum[1], L::mul(high, scale))];
            }
            let (fours, _) = to.as_chunks_mut::<4>();
            fours.iter_mut().zip(sum).for_each(|(to, sum)| L::put(sum, to));
        }
    }
}

impl Op for Bag {
    fn name(&self) -> StaticName {
        "Bag".into()
    }

    op_as_typed_op!();
}

impl EvalOp for Bag {
    op_out_of_plan!();

    fn eval(&self, _context: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let ids = inputs.first().context("no ids")?;
        let &[rows, each] = ids.shape() else { bail!("ids of another rank") };
        let mut output = Tensor::zero::<f32>(&[rows, self.width])?;
        sums::<Native>(
            ids.try_as_plain_ram()?.as_slice::<i64>()?,
            each,
            self.table.try_as_plain_ram()?.as_bytes(),
            self.scale.try_as_plain_ram()?.as_slice::<f32>()?,
            self.padded.then_some(0),
            output.try_as_plain_ram_mut()?.as_slice_mut::<f32>()?,
            self.width,
        );
        Ok(tvec!(output.into_tvalue()))
    }
}

impl TypedOp for Bag {
    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        let ids = inputs.first().context("no ids")?;
        let &[rows, _] = ids.shape.as_concrete().context("an open shape")? else {
            bail!("ids of another rank")
        };
        Ok(tvec!(f32::fact([rows, self.width])))
    }

    as_op!();
}
