//! Ids `[n, T]` and a table of int8 with a scale a row; out comes the sum of each row's T vectors.
//! Stands for Gather, Gather, Cast, Mul and ReduceSum, which would write n·T vectors of f32. An id outside the
//! table adds nothing.

use super::lanes::{Lanes, Native};
use super::operator::{rest_of_op, rest_of_typed_op};
use tract_core::internal::*;

/// The width of a table is a multiple of this.
pub const STEP: usize = 8;

/// Sums of the scaled rows that ids pick.
#[derive(Debug, Clone)]
pub struct EmbeddingBag {
    table: Arc<Tensor>,
    scale: Arc<Tensor>,
    width: usize,
    /// Row 0 is all zeros: padding, which adds nothing.
    padded: bool,
}

// Equal only with the same table: to compare two would take as long as to load them.
impl PartialEq for EmbeddingBag {
    fn eq(&self, other: &EmbeddingBag) -> bool {
        Arc::ptr_eq(&self.table, &other.table) && Arc::ptr_eq(&self.scale, &other.scale)
    }
}
impl Eq for EmbeddingBag {}

impl EmbeddingBag {
    /// A table of int8 `[rows, width]` and a scale of f32 for each row; `None` if they do not fit.
    pub fn new(table: Arc<Tensor>, scale: Arc<Tensor>) -> Option<EmbeddingBag> {
        let &[rows, width] = table.shape() else { return None };
        let scales = scale.try_as_plain_ram().ok()?.as_slice::<f32>().ok()?;
        let bytes = table.try_as_plain_ram().ok()?;
        let fits = table.datum_type() == i8::datum_type() && scales.len() == rows && width > 0;
        if !fits || width % STEP != 0 {
            return None;
        }
        let first = bytes.as_bytes().get(..width)?;
        let padded = first.iter().all(|&byte| byte == 0) && scales.first().is_some_and(|s| s.is_finite());
        Some(EmbeddingBag { table, scale, width, padded })
    }
}

/// Rows of int8, each with a scale.
#[derive(Debug, Clone, Copy)]
pub struct Table<'a> {
    /// Row-major.
    pub rows: &'a [u8],
    /// As many as rows.
    pub scale: &'a [f32],
    /// Bytes of a row, a multiple of [`STEP`].
    pub width: usize,
}

/// Adds up, for each group of `each` ids, the rows that they name, without those of the id `skip`. `to` has
/// a vector for each group.
pub fn sum_rows<L: Lanes>(ids: &[i64], each: usize, table: Table, skip: Option<i64>, to: &mut [f32]) {
    let Table { rows, scale, width } = table;
    for (ids, to) in ids.chunks_exact(each.max(1)).zip(to.chunks_exact_mut(width)) {
        let (chunks, _) = to.as_chunks_mut::<STEP>();
        for (chunk, to) in chunks.iter_mut().enumerate() {
            let mut sum = [L::splat(0.0); 2];
            for &id in ids.iter().filter(|&&id| Some(id) != skip) {
                let row = usize::try_from(id).unwrap_or(usize::MAX);
                let start = row.saturating_mul(width).saturating_add(chunk * STEP);
                let bytes = rows.get(start..).and_then(|rest| rest.first_chunk::<STEP>());
                let (Some(bytes), Some(&scale)) = (bytes, scale.get(row)) else { continue };
                let (scale, [low, high]) = (L::splat(scale), L::load_i8(bytes));
                sum = [L::add(sum[0], L::mul(low, scale)), L::add(sum[1], L::mul(high, scale))];
            }
            let (fours, _) = to.as_chunks_mut::<4>();
            fours.iter_mut().zip(sum).for_each(|(to, sum)| L::store(sum, to));
        }
    }
}

impl Op for EmbeddingBag {
    fn name(&self) -> StaticName {
        "EmbeddingBag".into()
    }

    rest_of_op!();
}

impl EvalOp for EmbeddingBag {
    op_out_of_plan!();

    fn eval(&self, _context: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let ids = inputs.first().context("no ids")?;
        let &[rows, each] = ids.shape() else { bail!("ids of another rank") };
        let mut output = Tensor::zero::<f32>(&[rows, self.width])?;
        let table = Table {
            rows: self.table.try_as_plain_ram()?.as_bytes(),
            scale: self.scale.try_as_plain_ram()?.as_slice::<f32>()?,
            width: self.width,
        };
        let ids = ids.try_as_plain_ram()?.as_slice::<i64>()?;
        let mut view = output.try_as_plain_ram_mut()?;
        sum_rows::<Native>(ids, each, table, self.padded.then_some(0), view.as_slice_mut::<f32>()?);
        Ok(tvec!(output.into_tvalue()))
    }
}

impl TypedOp for EmbeddingBag {
    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        let ids = inputs.first().context("no ids")?;
        let &[rows, _] = ids.shape.as_concrete().context("an open shape")? else {
            bail!("ids of another rank")
        };
        Ok(tvec!(f32::fact([rows, self.width])))
    }

    rest_of_typed_op!();
}
