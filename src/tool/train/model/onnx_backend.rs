//! In: a formula of the model. Out: its ONNX nodes. Names values, writes each constant once, and writes rounded
//! layers as QuantizeLinear and DequantizeLinear (QDQ), which every ONNX runtime reads.

use crate::train::model::backend::{Backend, Layer, Rounding, TO_GRID};
use crate::train::model::int8::Int8Matrix;
use crate::train::model::onnx_graph::{Graph, Value};
use candle_core::{Result, Tensor};
use std::collections::BTreeSet;

/// Writes nodes into a graph.
pub struct OnnxBackend {
    pub graph: Graph,
    constants: BTreeSet<String>,
    /// Values, and the same on the grid.
    on_grid: Vec<(String, String)>,
    nodes: usize,
}

type Attributes<'a> = &'a [(&'a str, Value)];

impl OnnxBackend {
    pub fn new(name: &str) -> OnnxBackend {
        OnnxBackend { graph: Graph::new(name), constants: BTreeSet::new(), on_grid: Vec::new(), nodes: 0 }
    }

    /// Adds a node and gives its output's name.
    pub fn node(&mut self, op: &str, inputs: &[&str], attributes: Attributes) -> String {
        self.nodes += 1;
        let output = format!("{}_{}", op.to_lowercase(), self.nodes);
        self.graph.node(op, inputs, &output, attributes);
        output
    }

    fn once(&mut self, name: &str) -> bool {
        self.constants.insert(name.to_string())
    }

    /// Index constants, such as axes.
    pub fn constant_i64(&mut self, name: &str, values: &[i64]) -> String {
        if self.once(name) {
            self.graph.add_i64(name, values);
        }
        name.to_string()
    }

    /// An f32 constant of any shape.
    pub fn constant_f32(&mut self, name: &str, shape: &[usize], values: &[f32]) -> String {
        if self.once(name) {
            self.graph.add_f32(name, shape, values);
        }
        name.to_string()
    }

    /// The values of a layer's int8 weights, `[inputs, outputs]`, a scale an output.
    fn weights(&mut self, name: &str, whole: &Int8Matrix) -> String {
        let [weight, scale, zero] =
            ["weight", "weight_scale", "weight_zero"].map(|part| format!("{name}_{part}"));
        let outputs = whole.scales.len();
        self.graph.add_i8(&weight, &whole.shape, &whole.data);
        self.graph.add_f32(&scale, &[outputs], &whole.scales);
        self.graph.add_i8(&zero, &[outputs], &vec![0; outputs]);
        self.node("DequantizeLinear", &[&weight, &scale, &zero], &[("axis", Value::Int(1))])
    }

    /// `x` in steps of [`crate::train::model::backend::GRID`], once for all that read it.
    fn on_grid(&mut self, x: &str) -> String {
        if let Some((_, known)) = self.on_grid.iter().find(|(from, _)| from == x) {
            return known.clone();
        }
        let large = self.constant_f32("to_grid", &[], &[TO_GRID]);
        let raised = self.node("Add", &[x, &large], &[]);
        let known = self.node("Sub", &[&raised, &large], &[]);
        self.on_grid.push((x.to_string(), known.clone()));
        known
    }

    /// `x` rounded to eight bits and back, as the layer `name` reads it.
    fn round_trip(&mut self, name: &str, x: &str, scale: f32, zero: u8) -> String {
        let (scale_name, zero_name) = (format!("{name}_input_scale"), format!("{name}_input_zero"));
        self.graph.add_f32(&scale_name, &[], &[scale]);
        self.graph.add_u8(&zero_name, &[], &[zero]);
        let whole = self.node("QuantizeLinear", &[x, &scale_name, &zero_name], &[]);
        self.node("DequantizeLinear", &[&whole, &scale_name, &zero_name], &[])
    }
}

impl Backend for OnnxBackend {
    type Value = String;

    fn constant(&mut self, name: &str, value: &Tensor) -> Result<String> {
        if self.once(name) {
            self.graph.add_f32(name, value.dims(), &value.flatten_all()?.to_vec1::<f32>()?);
        }
        Ok(name.to_string())
    }
    fn matmul(&mut self, a: &String, b: &String) -> Result<String> {
        Ok(self.node("MatMul", &[a, b], &[]))
    }
    fn add(&mut self, a: &String, b: &String) -> Result<String> {
        Ok(self.node("Add", &[a, b], &[]))
    }
    fn sub(&mut self, a: &String, b: &String) -> Result<String> {
        Ok(self.node("Sub", &[a, b], &[]))
    }
    fn mul(&mut self, a: &String, b: &String) -> Result<String> {
        Ok(self.node("Mul", &[a, b], &[]))
    }
    fn div(&mut self, a: &String, b: &String) -> Result<String> {
        Ok(self.node("Div", &[a, b], &[]))
    }
    fn exp(&mut self, a: &String) -> Result<String> {
        Ok(self.node("Exp", &[a], &[]))
    }
    fn sqrt(&mut self, a: &String) -> Result<String> {
        Ok(self.node("Sqrt", &[a], &[]))
    }
    fn clip(&mut self, a: &String, low: f32, high: f32) -> Result<String> {
        let low = self.constant_f32(&format!("bound_{low}"), &[], &[low]);
        let high = self.constant_f32(&format!("bound_{high}"), &[], &[high]);
        Ok(self.node("Clip", &[a, &low, &high], &[]))
    }
    fn transpose(&mut self, a: &String) -> Result<String> {
        Ok(self.node("Transpose", &[a], &[("perm", Value::Ints(vec![1, 0]))]))
    }
    fn sum(&mut self, a: &String, axis: usize) -> Result<String> {
        let axis = self.constant_i64(&format!("axis_{axis}"), &[axis as i64]);
        Ok(self.node("ReduceSum", &[a, &axis], &[("keepdims", Value::Int(1))]))
    }
    fn row_max(&mut self, a: &String) -> Result<String> {
        // Up to opset 17 the axes of ReduceMax are an attribute.
        Ok(self.node("ReduceMax", &[a], &[("axes", Value::Ints(vec![1])), ("keepdims", Value::Int(1))]))
    }
    fn concat(&mut self, parts: &[String]) -> Result<String> {
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        Ok(self.node("Concat", &parts, &[("axis", Value::Int(1))]))
    }

    fn dense(&mut self, name: &str, x: &String, layer: &Layer, relu: bool) -> Result<String> {
        let names = ["bias", "bias_scale", "bias_zero"];
        let [bias, bias_scale, bias_zero] = names.map(|part| format!("{name}_{part}"));
        let sum = match &layer.rounding {
            Rounding::None => {
                let weight = self.constant(&format!("{name}_weight"), &layer.weight)?;
                let bias = self.constant(&bias, &layer.bias)?;
                self.node("Gemm", &[x, &weight, &bias], &[])
            }
            Rounding::Weights(whole) => {
                let weight = self.weights(name, whole);
                let bias = self.constant(&bias, &layer.bias)?;
                let x = self.on_grid(x);
                self.node("Gemm", &[&x, &weight, &bias], &[])
            }
            Rounding::WeightsAndInput(whole, input) => {
                let x = self.round_trip(name, x, input.scale, input.zero);
                let outputs = whole.scales.len();
                let scales: Vec<f32> = whole.scales.iter().map(|scale| scale * input.scale).collect();
                let values = layer.bias.to_vec1::<f32>()?;
                let steps: Vec<i32> =
                    values.iter().zip(&scales).map(|(b, s)| (b / s).round_ties_even() as i32).collect();
                let weight = self.weights(name, whole);
                self.graph.add_i32(&bias, &[outputs], &steps);
                self.graph.add_f32(&bias_scale, &[outputs], &scales);
                self.graph.add_i32(&bias_zero, &[outputs], &vec![0; outputs]);
                let along = ("axis", Value::Int(0));
                let bias = self.node("DequantizeLinear", &[&bias, &bias_scale, &bias_zero], &[along]);
                self.node("Gemm", &[&x, &weight, &bias], &[])
            }
        };
        Ok(if relu { self.node("Relu", &[&sum], &[]) } else { sum })
    }
}
