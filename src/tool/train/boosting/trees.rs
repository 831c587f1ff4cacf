//! In: rows of columns with labels. Out: [`Trees`]: boosted regression trees that order a list. Histograms over
//! quantile bins, leaves grown best first (LightGBM: Ke et al. 2017), a share of rows and columns each round.
//! They are members of the teacher alone: no operator of the ranker runs them.

use crate::train::boosting::bins::{BINS, Bin, Binned, FLAT};
use crate::train::hyperparameters::BoostingParams;
use rand::rngs::StdRng;
use rand::seq::index;
use rand::{RngCore, SeedableRng};

/// The rows of lists, one list after the other.
#[derive(Default)]
pub struct BoostingRows {
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

impl BoostingRows {
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

/// The split of a leaf that gains most: values in bins up to `bin` go below.
#[derive(Clone, Copy)]
struct BestSplit {
    gain: f64,
    column: usize,
    bin: usize,
}

/// A leaf that may yet be split: its node in the tree, its rows, and a histogram a column.
struct OpenLeaf {
    node: usize,
    rows: Vec<u32>,
    bins: Vec<Bin>,
    split: Option<BestSplit>,
}

/// Grows one tree.
struct Grower<'a> {
    params: &'a BoostingParams,
    binned: &'a Binned,
    /// The columns that the tree sees.
    columns: &'a [usize],
    /// Gradient and curvature of every row.
    slopes: &'a [(f32, f32)],
}

impl Grower<'_> {
    fn best_split(&self, bins: &[Bin]) -> Option<BestSplit> {
        let BoostingParams { min_leaf, l2, .. } = *self.params;
        let mut best: Option<BestSplit> = None;
        for (&column, own) in self.columns.iter().zip(bins.chunks_exact(BINS)) {
            let mut all = Bin::default();
            own.iter().for_each(|bin| all.add(bin));
            let mut below = Bin::default();
            for (bin, here) in own.iter().enumerate() {
                below.add(here);
                let above = all.less(&below);
                if below.count < min_leaf || above.count < min_leaf {
                    continue;
                }
                let gain = below.gain(l2) + above.gain(l2) - all.gain(l2);
                if gain > FLAT && best.is_none_or(|best| gain > best.gain) {
                    best = Some(BestSplit { gain, column, bin });
                }
            }
        }
        best
    }

    fn leaf(&self, node: usize, rows: Vec<u32>, bins: Vec<Bin>) -> OpenLeaf {
        let split = self.best_split(&bins);
        OpenLeaf { node, rows, bins, split }
    }

    fn histogram(&self, rows: &[u32]) -> Vec<Bin> {
        self.binned.histogram(self.columns, rows, self.slopes)
    }

    /// Splits a leaf's rows, and gives the two leaves below it their histograms.
    fn split(&self, leaf: OpenLeaf, split: BestSplit, nodes: [usize; 2]) -> [OpenLeaf; 2] {
        let OpenLeaf { rows, bins, .. } = leaf;
        let of = &self.binned.bins[split.column];
        let (low, high): (Vec<u32>, Vec<u32>) =
            rows.into_iter().partition(|&row| usize::from(of[row as usize]) <= split.bin);
        // Only the smaller side is counted; the other is what is left of both.
        let low_is_small = low.len() <= high.len();
        let small = self.histogram(if low_is_small { &low } else { &high });
        let large = bins.iter().zip(&small).map(|(all, small)| all.less(small)).collect();
        let (low_bins, high_bins) = if low_is_small { (small, large) } else { (large, small) };
        [self.leaf(nodes[0], low, low_bins), self.leaf(nodes[1], high, high_bins)]
    }

    fn tree(&self, rows: Vec<u32>) -> Vec<Node> {
        let bins = self.histogram(&rows);
        let mut nodes = vec![Node::Leaf(0.0)];
        let mut open = vec![self.leaf(0, rows, bins)];
        while open.len() < self.params.leaves {
            let gain = |leaf: &OpenLeaf| leaf.split.map_or(0.0, |split| split.gain);
            let best = (0..open.len()).max_by(|&a, &b| gain(&open[a]).total_cmp(&gain(&open[b])));
            let Some((at, split)) = best.and_then(|at| Some((at, open[at].split?))) else { break };
            let leaf = open.swap_remove(at);
            let (below, above) = (nodes.len(), nodes.len() + 1);
            let edge = self.binned.edges[split.column].get(split.bin).copied().unwrap_or(f32::INFINITY);
            nodes[leaf.node] = Node::Split { column: split.column, edge, below, above };
            nodes.extend([Node::Leaf(0.0), Node::Leaf(0.0)]);
            open.extend(self.split(leaf, split, [below, above]));
        }
        for leaf in &open {
            let mut all = Bin::default();
            leaf.bins.iter().take(BINS).for_each(|bin| all.add(bin));
            let step = -all.gradient / (all.curvature + self.params.l2 + FLAT);
            nodes[leaf.node] = Node::Leaf((self.params.learning_rate * step) as f32);
        }
        nodes
    }
}

impl Trees {
    /// Grows a forest on the loss that towers have. `on_tree` is called after each tree.
    pub fn fit(params: &BoostingParams, rows: &BoostingRows, seed: u64, mut on_tree: impl FnMut()) -> Trees {
        let mut rng = StdRng::seed_from_u64(seed);
        let count = rows.labels.len();
        let binned = Binned::of(&rows.values, rows.columns);
        let rate = rows.labels.iter().map(|&y| f64::from(y)).sum::<f64>() / count.max(1) as f64;
        let rate = rate.clamp(1e-3, 1.0 - 1e-3);
        let start = (rate / (1.0 - rate)).ln() as f32;
        let residual = params.residual;
        let each = rows.values.chunks_exact(rows.columns.max(1));
        let mut scores: Vec<f32> = each.map(|row| base(start, residual, row)).collect();
        let mut slopes = vec![(0f32, 0f32); count];
        let seen = ((rows.columns as f64 * params.subsample).ceil() as usize).min(rows.columns);
        let (mut draws, edge) = (vec![0u8; count], params.subsample * 256.0);
        let mut trees = Vec::with_capacity(params.rounds);
        for _ in 0..params.rounds {
            rows.slopes(params.listwise as f32, &scores, &mut slopes);
            let mut columns = index::sample(&mut rng, rows.columns, seen).into_vec();
            columns.sort_unstable();
            rng.fill_bytes(&mut draws);
            let taken = |(row, byte): (usize, &u8)| (f64::from(*byte) < edge).then_some(row as u32);
            let own = draws.iter().enumerate().filter_map(taken).collect();
            let tree = Grower { params, binned: &binned, columns: &columns, slopes: &slopes }.tree(own);
            for (score, row) in scores.iter_mut().zip(rows.values.chunks_exact(rows.columns.max(1))) {
                *score += value(&tree, row);
            }
            trees.push(tree);
            on_tree();
        }
        Trees { start, residual, trees }
    }

    /// Log-odds of a row.
    #[must_use]
    pub fn of(&self, row: &[f32]) -> f32 {
        base(self.start, self.residual, row) + self.trees.iter().map(|tree| value(tree, row)).sum::<f32>()
    }
}

/// What a row's score is before the first tree.
fn base(start: f32, residual: f32, row: &[f32]) -> f32 {
    start + row.first().map_or(0.0, |first| residual * first)
}

/// The leaf that a row falls into.
fn value(tree: &[Node], row: &[f32]) -> f32 {
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

#[cfg(test)]
mod tests {
    use super::*;

    const PARAMS: BoostingParams = BoostingParams {
        rounds: 60,
        learning_rate: 0.2,
        leaves: 8,
        min_leaf: 20,
        l2: 1.0,
        subsample: 0.7,
        listwise: 0.5,
        residual: 0.0,
    };

    /// Two columns whose product's sign decides, which no line can tell, and one of noise.
    fn rows() -> BoostingRows {
        let x = |row: usize, by: usize| ((row * by) % 997) as f32 / 498.5 - 1.0;
        let values = (0..4_000).flat_map(|row| [x(row, 13), x(row, 389), x(row, 71)]).collect();
        let label = |row: usize| f32::from(x(row, 13) * x(row, 389) > 0.0);
        let labels: Vec<f32> = (0..4_000).map(label).collect();
        BoostingRows { values, columns: 3, gains: labels.clone(), labels, lists: vec![100; 40] }
    }

    #[test]
    fn a_crossing_of_two_columns_is_learnt() {
        let rows = rows();
        let trees = Trees::fit(&PARAMS, &rows, 1, || ());
        let right = rows.values.chunks_exact(3).zip(&rows.labels);
        let right = right.filter(|(row, y)| (trees.of(row) > 0.0) == (**y > 0.5)).count();
        assert!(right > 3_800, "{right} of 4000");
    }

    #[test]
    fn the_same_seed_grows_the_same_forest_and_one_class_alone_none() {
        let mut rows = rows();
        assert_eq!(Trees::fit(&PARAMS, &rows, 1, || ()), Trees::fit(&PARAMS, &rows, 1, || ()));
        rows.labels.fill(1.0);
        rows.gains.fill(1.0);
        assert!(Trees::fit(&PARAMS, &rows, 1, || ()).of(&[0.0, 0.0, 0.0]) > 3.0);
        let none = BoostingRows { columns: 3, ..BoostingRows::default() };
        assert!(Trees::fit(&PARAMS, &none, 1, || ()).of(&[0.0; 3]).is_finite());
    }
}
