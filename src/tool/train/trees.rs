//! In: rows of columns with labels. Out: [`Trees`]: boosted regression trees that order a list.
//! Histograms over quantile bins, leaves grown best first (LightGBM: Ke et al. 2017), a share of rows and
//! columns each round. Must never be shipped: a teacher's members, as no operator of the ranker runs them.

use super::bins::{BINS, Bin, Binned, FLAT};
use rand::rngs::StdRng;
use rand::seq::index;
use rand::{RngCore, SeedableRng};

/// How trees are grown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Growth {
    /// Trees.
    pub rounds: usize,
    /// Share of a tree's step that is taken.
    pub rate: f64,
    /// Leaves of a tree.
    pub leaves: usize,
    /// Fewest rows of a leaf.
    pub fewest: usize,
    /// Curvature that stands against a leaf's own.
    pub ridge: f64,
    /// Share of rows, and of columns, that a tree sees.
    pub share: f64,
    /// Weight of the listwise loss; the pointwise one has the rest of 1.
    pub listwise: f64,
    /// Weight of the first column, the server's score, in what the trees start from.
    pub residual: f32,
}

/// The rows of lists, one list after the other.
#[derive(Default)]
pub struct Rows {
    /// Values, row-major.
    pub values: Vec<f32>,
    /// Columns of a row.
    pub columns: usize,
    /// One a row: 1 for a positive.
    pub labels: Vec<f32>,
    /// One a row: how much it deserves its place at the top.
    pub gains: Vec<f32>,
    /// Rows of each list.
    pub lists: Vec<usize>,
}

impl Rows {
    /// Gradient and curvature of each row's loss: that of a tower, times the rows of its list.
    fn slopes(&self, listwise: f32, scores: &[f32], slopes: &mut [(f32, f32)]) {
        let mut first = 0;
        for &count in &self.lists {
            let list = first..first + count;
            first = list.end;
            let (Some(own), Some(slopes)) = (scores.get(list.clone()), slopes.get_mut(list.clone())) else {
                return;
            };
            let greatest = own.iter().copied().fold(f32::MIN, f32::max);
            let mass: f32 = own.iter().map(|score| (score - greatest).exp()).sum();
            let earned = self.gains[list.clone()].iter().sum::<f32>().max(1.0);
            let rows = own.iter().zip(&self.labels[list.clone()]).zip(&self.gains[list]);
            for (slope, ((score, label), gain)) in slopes.iter_mut().zip(rows) {
                let share = (score - greatest).exp() / mass;
                let probability = 1.0 / (1.0 + (-score).exp());
                let (whole, point) = (listwise * count as f32, 1.0 - listwise);
                *slope = (
                    whole * (share - gain / earned) + point * (probability - label),
                    whole * share * (1.0 - share) + point * probability * (1.0 - probability),
                );
            }
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Node {
    Split { column: usize, edge: f32, below: usize, above: usize },
    Leaf(f32),
}

/// A forest.
#[derive(Debug, Clone, PartialEq)]
pub struct Trees {
    start: f32,
    residual: f32,
    trees: Vec<Vec<Node>>,
}

#[derive(Clone, Copy)]
struct Cut {
    gain: f64,
    column: usize,
    bin: usize,
}

/// A leaf that may be split yet: its place in the tree, its rows, and a histogram a column.
struct Bud {
    place: usize,
    rows: Vec<u32>,
    bins: Vec<Bin>,
    cut: Option<Cut>,
}

impl Growth {
    fn best(&self, columns: &[usize], bins: &[Bin]) -> Option<Cut> {
        let mut best: Option<Cut> = None;
        for (&column, own) in columns.iter().zip(bins.chunks_exact(BINS)) {
            let mut all = Bin::default();
            own.iter().for_each(|bin| all.add(bin));
            let mut below = Bin::default();
            for (bin, here) in own.iter().enumerate() {
                below.add(here);
                let above = all.less(&below);
                if below.count < self.fewest || above.count < self.fewest {
                    continue;
                }
                let gain = below.worth(self.ridge) + above.worth(self.ridge) - all.worth(self.ridge);
                if gain > FLAT && best.is_none_or(|best| gain > best.gain) {
                    best = Some(Cut { gain, column, bin });
                }
            }
        }
        best
    }

    fn tree(&self, binned: &Binned, columns: &[usize], rows: Vec<u32>, slopes: &[(f32, f32)]) -> Vec<Node> {
        let bud = |place, rows: Vec<u32>, bins: Vec<Bin>| {
            let cut = self.best(columns, &bins);
            Bud { place, rows, bins, cut }
        };
        let bins = binned.histogram(columns, &rows, slopes);
        let mut nodes = vec![Node::Leaf(0.0)];
        let mut buds = vec![bud(0, rows, bins)];
        while buds.len() < self.leaves {
            let gain = |bud: &Bud| bud.cut.map_or(0.0, |cut| cut.gain);
            let best = (0..buds.len()).max_by(|&a, &b| gain(&buds[a]).total_cmp(&gain(&buds[b])));
            let Some((at, cut)) = best.and_then(|at| Some((at, buds[at].cut?))) else { break };
            let Bud { place, rows, bins, .. } = buds.swap_remove(at);
            let of = &binned.bins[cut.column];
            let (low, high): (Vec<u32>, Vec<u32>) =
                rows.into_iter().partition(|&row| usize::from(of[row as usize]) <= cut.bin);
            // Only the smaller side is counted; the other is what is left of both.
            let low_is_small = low.len() <= high.len();
            let small = binned.histogram(columns, if low_is_small { &low } else { &high }, slopes);
            let large = bins.iter().zip(&small).map(|(all, small)| all.less(small)).collect();
            let (low_bins, high_bins) = if low_is_small { (small, large) } else { (large, small) };
            let (below, above) = (nodes.len(), nodes.len() + 1);
            let edge = binned.edges[cut.column].get(cut.bin).copied().unwrap_or(f32::INFINITY);
            nodes[place] = Node::Split { column: cut.column, edge, below, above };
            nodes.extend([Node::Leaf(0.0), Node::Leaf(0.0)]);
            buds.push(bud(below, low, low_bins));
            buds.push(bud(above, high, high_bins));
        }
        for bud in &buds {
            let mut all = Bin::default();
            bud.bins.iter().take(BINS).for_each(|bin| all.add(bin));
            let step = -all.gradient / (all.curvature + self.ridge + FLAT);
            nodes[bud.place] = Node::Leaf((self.rate * step) as f32);
        }
        nodes
    }

    /// Grows a forest on the loss that towers have. `tell` is told after each tree.
    pub fn grow(&self, rows: &Rows, seed: u64, mut tell: impl FnMut()) -> Trees {
        let mut rng = StdRng::seed_from_u64(seed);
        let count = rows.labels.len();
        let binned = Binned::of(&rows.values, rows.columns);
        let rate = rows.labels.iter().map(|&y| f64::from(y)).sum::<f64>() / count.max(1) as f64;
        let rate = rate.clamp(1e-3, 1.0 - 1e-3);
        let start = (rate / (1.0 - rate)).ln() as f32;
        let residual = self.residual;
        let each = rows.values.chunks_exact(rows.columns.max(1));
        let mut scores: Vec<f32> = each.map(|row| begun(start, residual, row)).collect();
        let mut slopes = vec![(0f32, 0f32); count];
        let seen = ((rows.columns as f64 * self.share).ceil() as usize).min(rows.columns);
        let (mut dice, edge) = (vec![0u8; count], self.share * 256.0);
        let mut trees = Vec::with_capacity(self.rounds);
        for _ in 0..self.rounds {
            rows.slopes(self.listwise as f32, &scores, &mut slopes);
            let mut columns = index::sample(&mut rng, rows.columns, seen).into_vec();
            columns.sort_unstable();
            rng.fill_bytes(&mut dice);
            let taken = |(row, byte): (usize, &u8)| (f64::from(*byte) < edge).then_some(row as u32);
            let own = dice.iter().enumerate().filter_map(taken).collect();
            let tree = self.tree(&binned, &columns, own, &slopes);
            for (score, row) in scores.iter_mut().zip(rows.values.chunks_exact(rows.columns.max(1))) {
                *score += said(&tree, row);
            }
            trees.push(tree);
            tell();
        }
        Trees { start, residual, trees }
    }
}

fn begun(start: f32, residual: f32, row: &[f32]) -> f32 {
    start + row.first().map_or(0.0, |first| residual * first)
}

fn said(tree: &[Node], row: &[f32]) -> f32 {
    let mut at = 0;
    loop {
        match tree.get(at) {
            Some(&Node::Split { column, edge, below, above }) => {
                at = if row.get(column).is_some_and(|x| *x >= edge) { above } else { below };
            }
            Some(&Node::Leaf(value)) => return value,
            None => return 0.0,
        }
    }
}

impl Trees {
    /// Log-odds of a row.
    #[must_use]
    pub fn of(&self, row: &[f32]) -> f32 {
        begun(self.start, self.residual, row) + self.trees.iter().map(|tree| said(tree, row)).sum::<f32>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GROWTH: Growth = Growth {
        rounds: 60,
        rate: 0.2,
        leaves: 8,
        fewest: 20,
        ridge: 1.0,
        share: 0.7,
        listwise: 0.5,
        residual: 0.0,
    };

    /// Two columns whose product's sign decides, which no line can tell, and one of noise.
    fn rows() -> Rows {
        let x = |row: usize, by: usize| ((row * by) % 997) as f32 / 498.5 - 1.0;
        let values = (0..4_000).flat_map(|row| [x(row, 13), x(row, 389), x(row, 71)]).collect();
        let label = |row: usize| f32::from(x(row, 13) * x(row, 389) > 0.0);
        let labels: Vec<f32> = (0..4_000).map(label).collect();
        Rows { values, columns: 3, gains: labels.clone(), labels, lists: vec![100; 40] }
    }

    #[test]
    fn a_crossing_of_two_columns_is_learnt() {
        let rows = rows();
        let trees = GROWTH.grow(&rows, 1, || ());
        let right = rows.values.chunks_exact(3).zip(&rows.labels);
        let right = right.filter(|(row, y)| (trees.of(row) > 0.0) == (**y > 0.5)).count();
        assert!(right > 3_800, "{right} of 4000");
    }

    #[test]
    fn the_same_seed_grows_the_same_forest_and_one_class_alone_none() {
        let mut rows = rows();
        assert_eq!(GROWTH.grow(&rows, 1, || ()), GROWTH.grow(&rows, 1, || ()));
        rows.labels.fill(1.0);
        rows.gains.fill(1.0);
        assert!(GROWTH.grow(&rows, 1, || ()).of(&[0.0, 0.0, 0.0]) > 3.0);
        let none = Rows { columns: 3, ..Rows::default() };
        assert!(GROWTH.grow(&none, 1, || ()).of(&[0.0; 3]).is_finite());
    }
}
