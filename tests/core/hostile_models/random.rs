//! Random changes of bytes and graphs, and graphs of random operators, from a seed.
//! Most graphs that grow here are valid up to their shapes, so that they reach every builder.

use super::super::builder::{float, floats, ids, int, ints, node};
use crate::model::compile::ops;
use crate::model::pb::{AttributeProto, GraphProto, NodeProto, TensorProto};

/// SplitMix64 (Steele, Lea, Flood 2014).
pub struct Random(u64);

const NUMBERS: [i64; 16] =
    [0, 1, 2, 3, 4, -1, -2, -3, 5, 6, 7, 1 << 20, 1 << 31, (1 << 32) + 4, i64::MAX, i64::MIN];
const SMALL: [i64; 8] = [0, 1, -1, 2, 0, 1, -2, 3];
const SHAPES: [&[i64]; 14] = [
    &[],
    &[1],
    &[2],
    &[4],
    &[4, 2],
    &[2, 4],
    &[1, 1],
    &[4, 1],
    &[1, 2],
    &[3, 4, 2],
    &[3, 2, 2],
    &[2, 1, 4, 1],
    &[0],
    &[2, 0],
];

impl Random {
    pub fn of(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x2545_F491_4F6C_DD1D))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }

    fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }

    /// Flips, inserts or deletes one to three times.
    pub fn spoil(&mut self, bytes: &mut Vec<u8>) {
        for _ in 0..1 + self.below(3) {
            let at = self.below(bytes.len());
            match self.below(4) {
                0 => bytes.insert(at, self.next() as u8),
                1 if bytes.len() > 1 => drop(bytes.remove(at)),
                2 => bytes[at] = self.next() as u8,
                _ => bytes[at] ^= 1 << self.below(8),
            }
        }
    }

    /// Changes a digit or a letter, or joins pieces, so that the text often still parses.
    pub fn spoil_text(&mut self, bytes: &mut Vec<u8>) {
        for _ in 0..1 + self.below(2) {
            let at = self.below(bytes.len());
            match bytes[at] {
                b'0'..=b'9' => match self.below(3) {
                    0 => bytes[at] = b'0' + self.below(10) as u8,
                    1 => bytes.insert(at, b'9'),
                    _ => bytes.insert(at, b'-'),
                },
                b'a'..=b'z' => bytes[at] = b'a' + self.below(26) as u8,
                _ => {}
            }
        }
    }

    fn tensor(&mut self, name: &str) -> TensorProto {
        let dims = self.pick(&SHAPES);
        let count = dims.iter().product::<i64>() as usize;
        match self.below(8) {
            0 | 1 => ids(name, dims, &(0..count).map(|_| self.pick(&SMALL)).collect::<Vec<_>>()),
            kind @ (2 | 3) => TensorProto {
                name: name.into(),
                dims: dims.into(),
                data_type: kind as i32,
                raw_data: (0..count).map(|_| self.next() as u8).collect(),
                ..Default::default()
            },
            _ => floats(
                name,
                dims,
                &(0..count).map(|_| self.pick(&[0.5f32, -2.0, 1e-3, 1e30, 0.0])).collect::<Vec<_>>(),
            ),
        }
    }

    fn attribute(&mut self) -> AttributeProto {
        let i = if self.below(5) == 0 { self.pick(&NUMBERS) } else { self.pick(&SMALL) };
        match self.below(8) {
            0 => int("keepdims", i & 1),
            1 => int("to", self.pick(&[1, 1, 2, 3, 6, 7, 10])),
            2 => int(self.pick(&["transA", "transB"]), i),
            3 => float(self.pick(&["alpha", "beta"]), self.pick(&[0.0, 1.0, -2.5, 1e30])),
            4 => {
                let list: &[i64] =
                    self.pick(&[&[1, 0][..], &[0, 1], &[0], &[1], &[2, 0, 1], &[0, 2, 1], &[-1], &[]]);
                ints(self.pick(&["perm", "axes"]), list)
            }
            _ => int("axis", i),
        }
    }

    fn node(&mut self, values: &[String], output: &str) -> NodeProto {
        let row = self.pick(&ops::rows());
        let (least, most) = row.inputs;
        let count = least + self.below((most - least).min(2) + 1);
        let inputs: Vec<String> = (0..count).map(|_| self.pick(values)).collect();
        let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
        let mut attributes = Vec::new();
        for _ in 0..4 {
            let attribute = self.attribute();
            let known = row.attributes.iter().any(|(name, _)| *name == attribute.name);
            if known && attributes.iter().all(|a: &AttributeProto| a.name != attribute.name) {
                attributes.push(attribute);
            }
        }
        node(row.name, &inputs, output, attributes)
    }

    /// Puts random operators and constants between the Gemm of the plain model and its heads.
    pub fn grow(&mut self, graph: &mut GraphProto) {
        let mut values: Vec<String> = vec!["features".into(), "gemm".into(), "features".into()];
        for i in 0..3 {
            let name = format!("constant{i}");
            graph.initializer.push(self.tensor(&name));
            values.push(name);
        }
        graph.node[0].output = vec!["gemm".into()];
        for i in 0..1 + self.below(4) {
            let name = format!("grown{i}");
            let node = self.node(&values, &name);
            graph.node.push(node);
            // Favour what is new, so that operators meet each other.
            values.extend([name.clone(), name]);
        }
        let last = self.pick(&values[values.len().saturating_sub(3)..]);
        graph.node.push(node("Cast", &[&last], "grown", vec![int("to", 1)]));
        graph.node.push(node("ReduceMax", &["grown"], "most", vec![int("keepdims", 0)]));
        graph.node.push(node("Add", &["gemm", "most"], "heads", vec![]));
    }

    /// One to three changes anywhere in a graph.
    pub fn change(&mut self, graph: &mut GraphProto) {
        for _ in 0..1 + self.below(3) {
            self.change_once(graph);
        }
    }

    fn change_once(&mut self, graph: &mut GraphProto) {
        let names: Vec<String> = graph
            .initializer
            .iter()
            .map(|t| t.name.clone())
            .chain(graph.input.iter().map(|i| i.name.clone()))
            .chain(graph.node.iter().flat_map(|n| n.output.clone()))
            .collect();
        if graph.node.is_empty() || graph.initializer.is_empty() {
            return;
        }
        let (n, t) = (self.below(graph.node.len()), self.below(graph.initializer.len()));
        let tensor = &mut graph.initializer[t];
        match self.below(14) {
            0 => tensor.dims.reverse(),
            1 => tensor.dims.insert(0, 1),
            2 => tensor.dims = vec![tensor.dims.iter().product()],
            3 if !tensor.dims.is_empty() => {
                let at = self.below(tensor.dims.len());
                tensor.dims[at] = self.pick(&NUMBERS);
            }
            4 => {
                tensor.data_type = self.pick(&[1, 2, 3, 6, 7]);
                let size = [1, 4, 1, 1, 1, 1, 4, 8][tensor.data_type as usize];
                tensor.dims = vec![tensor.raw_data.len() as i64 / size];
            }
            5 => graph.node[n].op_type = self.pick(&ops::rows()).name.into(),
            6 => graph.node[n].attribute.clear(),
            7 => {
                let attribute = self.attribute();
                graph.node[n].attribute.push(attribute);
            }
            8 if !graph.node[n].attribute.is_empty() => {
                graph.node[n].attribute[0].i = self.pick(&NUMBERS);
                graph.node[n].attribute[0].ints.reverse();
            }
            9 if !graph.node[n].input.is_empty() => {
                let at = self.below(graph.node[n].input.len());
                graph.node[n].input[at] = self.pick(&names);
            }
            10 => graph.node[n].input.push(self.pick(&names)),
            11 => drop(graph.node.remove(n)),
            12 => {
                // A new operator in front of an old one's first input.
                let earlier: Vec<String> = names[..names.len() - (graph.node.len() - n)].to_vec();
                let output = format!("inserted{}", self.next());
                let inserted = self.node(&earlier, &output);
                if let Some(input) = graph.node[n].input.first_mut() {
                    *input = output;
                }
                graph.node.insert(n, inserted);
            }
            _ => graph.node[n].input.reverse(),
        }
    }
}
