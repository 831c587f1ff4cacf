//! In: columns of numbers. Out: [`Binned`]: each number as one of 64 bins, and sums over rows by bin.
//! Trees are grown on these: the best split of a column is found in one pass over its bins.

/// Bins of a column.
pub const BINS: usize = 64;
/// Rows that a column's bins are made of.
const SAMPLE: usize = 20_000;
/// Curvature below which a step is not taken.
pub const FLAT: f64 = 1e-9;

/// Gradients and curvatures of rows in one bin, and their number.
#[derive(Debug, Clone, Copy, Default)]
pub struct Bin {
    /// Sum of gradients.
    pub gradient: f64,
    /// Sum of curvatures.
    pub curvature: f64,
    /// Rows.
    pub count: usize,
}

impl Bin {
    /// Takes another's rows in.
    pub fn add(&mut self, other: &Bin) {
        self.gradient += other.gradient;
        self.curvature += other.curvature;
        self.count += other.count;
    }

    /// Without the rows of a part.
    pub fn less(&self, other: &Bin) -> Bin {
        Bin {
            gradient: self.gradient - other.gradient,
            curvature: self.curvature - other.curvature,
            count: self.count.saturating_sub(other.count),
        }
    }

    /// What the best single step on these rows takes off the loss, twice.
    pub fn gain(&self, l2: f64) -> f64 {
        self.gradient * self.gradient / (self.curvature + l2 + FLAT)
    }
}

/// Columns as bins.
pub struct Binned {
    /// By column: bin `b` holds what is below `edges[b]` and not below the edge before.
    pub edges: Vec<Vec<f32>>,
    /// By column, then by row.
    pub bins: Vec<Vec<u8>>,
}

impl Binned {
    /// Bins of equal count, as far as values differ.
    pub fn of(values: &[f32], columns: usize) -> Binned {
        let count = values.len() / columns.max(1);
        let step = (count / SAMPLE).max(1);
        let (mut edges, mut bins) = (Vec::new(), Vec::new());
        for column in 0..columns {
            let own = || values.iter().skip(column).step_by(columns);
            let mut sample: Vec<f32> = own().step_by(step).copied().collect();
            sample.sort_unstable_by(f32::total_cmp);
            let quantile = |bin: usize| sample.get(bin * sample.len() / BINS).copied();
            let mut own_edges: Vec<f32> = (1..BINS).filter_map(quantile).collect();
            own_edges.dedup();
            bins.push(own().map(|x| own_edges.partition_point(|edge| edge <= x) as u8).collect());
            edges.push(own_edges);
        }
        Binned { edges, bins }
    }

    /// [`BINS`] bins a column, of some rows' slopes.
    pub fn histogram(&self, columns: &[usize], rows: &[u32], slopes: &[(f32, f32)]) -> Vec<Bin> {
        let mut bins = vec![Bin::default(); columns.len() * BINS];
        for (&column, own) in columns.iter().zip(bins.chunks_exact_mut(BINS)) {
            let of = &self.bins[column];
            for &row in rows {
                let (gradient, curvature) = slopes[row as usize];
                let bin = &mut own[usize::from(of[row as usize])];
                bin.gradient += f64::from(gradient);
                bin.curvature += f64::from(curvature);
                bin.count += 1;
            }
        }
        bins
    }
}
