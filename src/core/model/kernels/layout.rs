//! Operators that move elements: Concat, Gather, Reshape, Transpose.
//! Elements are moved as bytes, so that one copy of the code serves all types. Every index is checked.

use super::operator::{operator, shape_of};
use tract_core::internal::*;

/// Joins tensors along an axis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Concat {
    pub axis: usize,
}

/// Slices of the first input by the ids in the second, along an axis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gather {
    pub axis: usize,
}

/// The same elements in another shape of as many. If there are fewer rows than a block has, the first axis
/// is shorter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reshape {
    pub shape: Vec<usize>,
}

/// Axis `i` of the output is axis `axes[i]` of the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transpose {
    pub axes: Vec<usize>,
}

fn volume(shape: &[usize]) -> usize {
    shape.iter().product()
}

/// Number of blocks before `axis`, and elements of a block, the axis included.
fn blocks_of(shape: &[usize], axis: usize) -> TractResult<(usize, usize)> {
    ensure!(axis < shape.len(), "axis {axis} of {} axes", shape.len());
    let (before, along) = shape.split_at(axis);
    Ok((volume(before), volume(along)))
}

/// Copies `SIZE` bytes of each part, from `skip` on, to `at + skip` in each row of `whole` bytes.
fn copy_fixed<const SIZE: usize>(
    to: &mut [u8],
    from: &[u8],
    [at, part, whole]: [usize; 3],
    skip: usize,
) -> Option<()> {
    for (to, part) in to.chunks_exact_mut(whole.max(1)).zip(from.chunks_exact(part.max(1))) {
        *to.get_mut(at + skip..)?.first_chunk_mut::<SIZE>()? = *part.get(skip..)?.first_chunk()?;
    }
    Some(())
}

/// Copies whole parts that are a few numbers: a call of memcpy for each would take longer than its copy.
fn copy_small(to: &mut [u8], from: &[u8], place: [usize; 3]) -> Option<()> {
    let (part, mut skip) = (place[1], 0);
    while skip + 16 <= part {
        copy_fixed::<16>(to, from, place, skip)?;
        skip += 16;
    }
    while skip + 4 <= part {
        copy_fixed::<4>(to, from, place, skip)?;
        skip += 4;
    }
    Some(())
}

/// Copies whole parts of any size.
fn copy_any(to: &mut [u8], from: &[u8], [at, part, whole]: [usize; 3]) -> Option<()> {
    for (to, part) in to.chunks_exact_mut(whole.max(1)).zip(from.chunks_exact(part.max(1))) {
        to.get_mut(at..at + part.len())?.copy_from_slice(part);
    }
    Some(())
}

impl Concat {
    fn shape(&self, shapes: &[&[usize]]) -> TractResult<TVec<usize>> {
        let mut shape: TVec<usize> = shapes.first().context("joins nothing")?.iter().copied().collect();
        let along = shapes.iter().filter_map(|shape| shape.get(self.axis)).sum();
        *shape.get_mut(self.axis).context("no such axis")? = along;
        Ok(shape)
    }

    fn fact(&self, inputs: &[&TypedFact]) -> TractResult<TypedFact> {
        let shapes = (0..inputs.len()).map(|i| shape_of(inputs, i)).collect::<TractResult<TVec<_>>>()?;
        Ok(inputs.first().context("joins nothing")?.datum_type.fact(self.shape(&shapes)?))
    }

    fn run(&self, inputs: TVec<TValue>) -> TractResult<TValue> {
        let first = inputs.first().context("joins nothing")?;
        let shapes: TVec<&[usize]> = inputs.iter().map(|input| input.shape()).collect();
        let mut output = Tensor::zero_dt(first.datum_type(), &self.shape(&shapes)?)?;
        let (_, whole) = blocks_of(output.shape(), self.axis)?;
        let size = first.datum_type().size_of();
        let mut view = output.try_as_plain_ram_mut()?;
        let mut at = 0;
        for input in &inputs {
            let (_, part) = blocks_of(input.shape(), self.axis)?;
            let from = input.try_as_plain_ram()?;
            let (to, from) = (view.as_bytes_mut(), from.as_bytes());
            let place = [at, part * size, whole * size];
            match part * size {
                bytes if bytes <= 128 && bytes % 4 == 0 => copy_small(to, from, place),
                _ => copy_any(to, from, place),
            }
            .context("parts of another shape")?;
            at += part * size;
        }
        Ok(output.into_tvalue())
    }
}

impl Gather {
    fn shape(&self, data: &[usize], ids: &[usize]) -> TractResult<TVec<usize>> {
        let (before, after) = data.split_at_checked(self.axis).context("no such axis")?;
        Ok([before, ids, after.get(1..).context("no such axis")?].concat().into())
    }

    fn fact(&self, inputs: &[&TypedFact]) -> TractResult<TypedFact> {
        let shape = self.shape(shape_of(inputs, 0)?, shape_of(inputs, 1)?)?;
        Ok(inputs.first().context("no data")?.datum_type.fact(shape))
    }

    fn run(&self, inputs: TVec<TValue>) -> TractResult<TValue> {
        let [data, ids] = inputs.as_slice() else { bail!("not data and ids") };
        let mut output = Tensor::zero_dt(data.datum_type(), &self.shape(data.shape(), ids.shape())?)?;
        let (_, whole) = blocks_of(data.shape(), self.axis)?;
        let rows = data.shape().get(self.axis).copied().unwrap_or_default();
        let slice = (whole / rows.max(1) * data.datum_type().size_of()).max(1);
        let (data, ids) = (data.try_as_plain_ram()?, ids.try_as_plain_ram()?);
        let ids = ids.as_slice::<i64>()?;
        let mut view = output.try_as_plain_ram_mut()?;
        let tables = data.as_bytes().chunks_exact((slice * rows).max(1));
        for (table, to) in tables.zip(view.as_bytes_mut().chunks_exact_mut((slice * ids.len()).max(1))) {
            for (&id, to) in ids.iter().zip(to.chunks_exact_mut(slice)) {
                let row = if id < 0 { id + rows as i64 } else { id };
                let at =
                    usize::try_from(row).ok().filter(|&row| row < rows).context("an id outside")? * slice;
                to.copy_from_slice(table.get(at..at + slice).context("an id outside")?);
            }
        }
        Ok(output.into_tvalue())
    }
}

impl Reshape {
    fn fact(&self, inputs: &[&TypedFact]) -> TractResult<TypedFact> {
        ensure!(volume(shape_of(inputs, 0)?) == volume(&self.shape), "another number of elements");
        Ok(inputs.first().context("no input")?.datum_type.fact(&*self.shape))
    }

    fn run(&self, mut inputs: TVec<TValue>) -> TractResult<TValue> {
        let input = inputs.pop().context("no input")?.into_tensor();
        let mut shape = self.shape.clone();
        if let [rows, row @ ..] = shape.as_mut_slice() {
            *rows = input.len() / volume(row).max(1);
        }
        Ok(input.into_shape(&shape)?.into_tvalue())
    }
}

impl Transpose {
    fn shape(&self, shape: &[usize]) -> TractResult<TVec<usize>> {
        let dims = self.axes.iter().map(|&axis| shape.get(axis).copied()).collect::<Option<TVec<_>>>();
        dims.filter(|dims| dims.len() == shape.len()).context("axes of another rank")
    }

    fn fact(&self, inputs: &[&TypedFact]) -> TractResult<TypedFact> {
        Ok(inputs.first().context("no input")?.datum_type.fact(self.shape(shape_of(inputs, 0)?)?))
    }

    /// For elements of `SIZE` bytes.
    fn transpose<const SIZE: usize>(&self, from: &[u8], shape: &[usize], to: &mut [u8]) -> TractResult<()> {
        let stride = |axis: usize| volume(shape.get(axis + 1..).unwrap_or_default());
        let mut axes: TVec<(usize, usize)> = self
            .axes
            .iter()
            .rev()
            .map(|&axis| (shape.get(axis).copied().unwrap_or(1), stride(axis)))
            .collect();
        let (run, step) = if axes.is_empty() { (1, 1) } else { axes.remove(0) };
        let ((from, _), (to, _)) = (from.as_chunks::<SIZE>(), to.as_chunks_mut::<SIZE>());
        for (index, to) in to.chunks_exact_mut(run.max(1)).enumerate() {
            let (mut rest, mut at) = (index, 0);
            for &(extent, stride) in &axes {
                at += rest % extent * stride;
                rest /= extent;
            }
            let from = from.get(at..).context("axes of another shape")?;
            to.iter_mut().zip(from.iter().step_by(step.max(1))).for_each(|(to, from)| *to = *from);
        }
        Ok(())
    }

    fn run(&self, inputs: TVec<TValue>) -> TractResult<TValue> {
        let input = inputs.first().context("no input")?;
        let mut output = Tensor::zero_dt(input.datum_type(), &self.shape(input.shape())?)?;
        let from = input.try_as_plain_ram()?;
        let mut view = output.try_as_plain_ram_mut()?;
        match input.datum_type().size_of() {
            1 => self.transpose::<1>(from.as_bytes(), input.shape(), view.as_bytes_mut())?,
            4 => self.transpose::<4>(from.as_bytes(), input.shape(), view.as_bytes_mut())?,
            8 => self.transpose::<8>(from.as_bytes(), input.shape(), view.as_bytes_mut())?,
            size => bail!("elements of {size} bytes"),
        }
        Ok(output.into_tvalue())
    }
}

operator!(Concat, "Concat");
operator!(Gather, "Gather");
operator!(Reshape, "Reshape");
operator!(Transpose, "Transpose");
