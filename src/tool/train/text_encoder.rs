//! In: the tokens of a catalogue, and what is known of its rated items. Out: [`Encoder`]: token rows whose sum says
//! what an item's text lets guess: its collaborative vector, its quality, its reach. Weighted ridge regression in
//! closed form, solved by conjugate gradients (Hestenes and Stiefel 1952).

use std::collections::HashMap;

/// Conjugate gradient steps; the residual is then below a hundredth of where it began.
const STEPS: usize = 40;
/// Penalty on a token's row, in items of full weight.
const RIDGE: f32 = 1.5;
/// Items that must bear a token before it says anything: a rarer one is nearly an identity.
const LEAST_ITEMS: u32 = 3;

/// A catalogue's texts as token ids without padding.
#[derive(Debug, Clone, Default)]
pub struct Texts {
    /// By item id.
    pub tokens: HashMap<u64, Vec<u32>>,
    /// Which rows of the table enough items bear.
    common: Vec<bool>,
}

impl Texts {
    /// Takes the texts of all items, for a table of `rows`.
    pub fn of(tokens: HashMap<u64, Vec<u32>>, rows: usize) -> Texts {
        let mut counts = vec![0u32; rows];
        for &token in tokens.values().flatten() {
            counts[token as usize] += 1;
        }
        let common = counts.iter().map(|&count| count >= LEAST_ITEMS).collect();
        Texts { tokens, common }
    }

    fn common<'a>(&'a self, tokens: &'a [u32]) -> impl Iterator<Item = usize> + 'a {
        tokens.iter().map(|&token| token as usize).filter(|&token| self.common.get(token) == Some(&true))
    }
}

/// What is known of a rated item.
#[derive(Clone)]
pub struct Target {
    /// Its id.
    pub item: u64,
    /// How much to believe it, above 0 to 1.
    pub weight: f32,
    /// The numbers that its text should give.
    pub values: Vec<f32>,
}

/// Rows of a table, and what an item without words gets.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Encoder {
    /// `[rows, width]`; row 0, padding, is zero.
    pub table: Vec<f32>,
    /// `[width]`.
    pub bias: Vec<f32>,
}

/// The share that each of an item's `count` tokens has in its vector.
pub fn share(count: usize) -> f32 {
    1.0 / (count as f32 + 1.0).sqrt()
}

impl Encoder {
    /// Numbers of a vector.
    pub fn width(&self) -> usize {
        self.bias.len()
    }

    /// The vector of a text: `bias + Σ row / sqrt(count + 1)`.
    pub fn encode(&self, tokens: &[u32]) -> Vec<f32> {
        let used: Vec<usize> = tokens.iter().filter(|&&t| t != 0).map(|&t| t as usize).collect();
        let share = share(used.len());
        let mut vector = self.bias.clone();
        for row in used.iter().filter_map(|&row| self.table.chunks_exact(self.width()).nth(row)) {
            vector.iter_mut().zip(row).for_each(|(to, from)| *to += share * from);
        }
        vector
    }

    /// Fits one: `min Σ weight·|bias + x·W - values|² + RIDGE·|W|²`.
    pub fn fit(texts: &Texts, targets: &[Target]) -> Encoder {
        let width = targets.first().map_or(0, |target| target.values.len());
        let total: f32 = targets.iter().map(|t| t.weight).sum::<f32>().max(1e-9);
        let mean = |column: usize| targets.iter().map(|t| t.weight * t.values[column]).sum::<f32>() / total;
        let bias: Vec<f32> = (0..width).map(mean).collect();
        let rows: Vec<Row> = targets.iter().filter_map(|target| Row::of(texts, target, &bias)).collect();
        let mut system = System { rows, size: texts.common.len() * width, width };
        let table = system.solve();
        Encoder { table, bias }
    }
}

struct Row {
    tokens: Vec<usize>,
    share: f32,
    weight: f32,
    rest: Vec<f32>,
}

impl Row {
    fn of(texts: &Texts, target: &Target, bias: &[f32]) -> Option<Row> {
        let all = texts.tokens.get(&target.item)?;
        let tokens: Vec<usize> = texts.common(all).collect();
        let rest = target.values.iter().zip(bias).map(|(value, bias)| value - bias).collect();
        Some(Row { tokens, share: share(all.len()), weight: target.weight, rest })
    }
}

/// The normal equations, never written out.
struct System {
    rows: Vec<Row>,
    size: usize,
    width: usize,
}

impl System {
    /// `out += weight · xᵀ·values` of a row.
    fn spread(&self, row: &Row, values: &[f32], out: &mut [f32]) {
        for &token in &row.tokens {
            let to = &mut out[token * self.width..(token + 1) * self.width];
            to.iter_mut().zip(values).for_each(|(to, v)| *to += row.weight * row.share * v);
        }
    }

    /// `(Σ weight·xᵀx + RIDGE·I)·vector`.
    fn apply(&self, vector: &[f32], out: &mut [f32], sum: &mut [f32]) {
        out.iter_mut().zip(vector).for_each(|(to, v)| *to = RIDGE * v);
        for row in &self.rows {
            sum.fill(0.0);
            for &token in &row.tokens {
                let from = &vector[token * self.width..(token + 1) * self.width];
                sum.iter_mut().zip(from).for_each(|(to, v)| *to += row.share * v);
            }
            self.spread(row, sum, out);
        }
    }

    /// Conjugate gradients on every column of the right side at once.
    fn solve(&mut self) -> Vec<f32> {
        let mut residual = vec![0.0; self.size];
        self.rows.iter().for_each(|row| self.spread(row, &row.rest, &mut residual));
        let mut solution = vec![0.0; self.size];
        let mut direction = residual.clone();
        let (mut image, mut sum) = (vec![0.0; self.size], vec![0.0; self.width]);
        let mut energy = self.columns(&residual, &residual);
        for _ in 0..STEPS {
            self.apply(&direction, &mut image, &mut sum);
            let curvature = self.columns(&direction, &image);
            let ratio = |a: &f64, b: &f64| if *b > 1e-12 { (a / b) as f32 } else { 0.0 };
            let step: Vec<f32> = energy.iter().zip(&curvature).map(|(a, b)| ratio(a, b)).collect();
            self.add(&mut solution, &direction, &step, 1.0);
            self.add(&mut residual, &image, &step, -1.0);
            let next = self.columns(&residual, &residual);
            let keep: Vec<f32> = next.iter().zip(&energy).map(|(a, b)| ratio(a, b)).collect();
            for (row, rest) in direction.chunks_exact_mut(self.width).zip(residual.chunks_exact(self.width)) {
                row.iter_mut().zip(rest).zip(&keep).for_each(|((d, r), k)| *d = r + k * *d);
            }
            energy = next;
        }
        solution
    }

    fn columns(&self, a: &[f32], b: &[f32]) -> Vec<f64> {
        let mut sums = vec![0.0; self.width];
        for (a, b) in a.chunks_exact(self.width).zip(b.chunks_exact(self.width)) {
            sums.iter_mut().zip(a.iter().zip(b)).for_each(|(s, (a, b))| *s += f64::from(*a) * f64::from(*b));
        }
        sums
    }

    fn add(&self, to: &mut [f32], from: &[f32], step: &[f32], sign: f32) {
        for (to, from) in to.chunks_exact_mut(self.width).zip(from.chunks_exact(self.width)) {
            to.iter_mut().zip(from.iter().zip(step)).for_each(|(t, (f, s))| *t += sign * s * f);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_words_mean_is_found_again_and_rare_words_say_nothing() {
        // Word 1 means +1, word 2 means -1, word 9 is on one item only.
        let mut tokens = HashMap::new();
        let mut targets = Vec::new();
        for item in 0..60u64 {
            let word = 1 + (item % 2) as u32;
            let words = if item == 0 { vec![word, 9] } else { vec![word] };
            tokens.insert(item, words);
            let value = if word == 1 { 1.0 } else { -1.0 };
            targets.push(Target { item, weight: 1.0, values: vec![value, 2.0] });
        }
        let encoder = Encoder::fit(&Texts::of(tokens, 10), &targets);
        let [plus, minus, rare] = [1, 2, 9].map(|word| encoder.encode(&[word, 0, 0]));
        assert!((plus[0] - 1.0).abs() < 0.15 && (minus[0] + 1.0).abs() < 0.15, "{plus:?} {minus:?}");
        assert!((plus[1] - 2.0).abs() < 0.15, "the constant is the bias: {plus:?}");
        assert!((rare[0] - encoder.bias[0]).abs() < 1e-6, "{rare:?}");
        assert_eq!(encoder.encode(&[]), encoder.bias);
    }
}
