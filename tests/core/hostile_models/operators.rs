//! Graphs that only an operator's own check refuses, made from the plain model. One fault a file.
//! The fault lies on the way to the heads: a node that no stage needs is not built.

use super::builder::*;
use super::{Case, case};
use crate::error::Kind::{ModelTooLarge as TooLarge, ModelUnsupported as Unsupported};
use crate::model::pb;
use serde_json::json;

/// The place of a fault in the operator `side`.
const SIDE: &str = "graph.node(side)";

pub fn all() -> Vec<Case> {
    vec![
        case("Gather at a constant index out of range", Unsupported, SIDE, || {
            side("Gather", &["w", "at"], vec![], vec![ids("at", &[1], &[2])])
        }),
        case("Gather at a negative index out of range", Unsupported, SIDE, || {
            side("Gather", &["w", "at"], vec![], vec![ids("at", &[1], &[i64::MIN])])
        }),
        case("Gather at an index made of data", Unsupported, SIDE, || {
            let nodes = vec![
                node("QuantizeLinear", &["gemm", "b"], "quantised", vec![]),
                node("Cast", &["quantised"], "index", vec![int("to", 7)]),
                node("Gather", &["w", "index"], "side", vec![]),
            ];
            with_side(vec![], nodes)
        }),
        case("Gather at an index of another type", Unsupported, SIDE, || {
            side("Gather", &["w", "at"], vec![], vec![bytes("at", &[1], &[0])])
        }),
        case("Gather beyond the rank limit", TooLarge, SIDE, || {
            let constants = vec![floats("deep", &[1; 6], &[1.0]), ids("at", &[1; 6], &[0])];
            side("Gather", &["deep", "at"], vec![], constants)
        }),
        case("a text table with more rows than the graph's", Unsupported, "graph.node(rows)", || {
            let mut parts = Parts::text();
            parts.manifest["text"]["table"] = json!(9);
            parts.seal()
        }),
        case("a cast of data to an index", Unsupported, SIDE, || {
            side("Cast", &["gemm"], vec![int("to", 7)], vec![])
        }),
        case("a cast to nothing", Unsupported, SIDE, || side("Cast", &["gemm"], vec![], vec![])),
        case("a cast to 2^32 + 1", Unsupported, SIDE, || {
            side("Cast", &["gemm"], vec![int("to", (1 << 32) + 1)], vec![])
        }),
        case("Reshape to another volume", Unsupported, SIDE, || {
            side("Reshape", &["gemm", "to"], vec![], vec![ids("to", &[2], &[4, 2])])
        }),
        case("Reshape to two open axes", Unsupported, SIDE, || {
            side("Reshape", &["gemm", "to"], vec![], vec![ids("to", &[2], &[-1, -1])])
        }),
        case("Reshape to a negative length", Unsupported, SIDE, || {
            side("Reshape", &["gemm", "to"], vec![], vec![ids("to", &[2], &[-2, -2])])
        }),
        case("Reshape to 2^32 + 4 rows", Unsupported, SIDE, || {
            side("Reshape", &["gemm", "to"], vec![], vec![ids("to", &[2], &[(1 << 32) + 4, 1])])
        }),
        case("Reshape to a length of an axis that is not there", Unsupported, SIDE, || {
            side("Reshape", &["gemm", "to"], vec![], vec![ids("to", &[3], &[4, 1, 0])])
        }),
        case("Reshape to a shape of a thousand axes", Unsupported, SIDE, || {
            side("Reshape", &["gemm", "to"], vec![], vec![ids("to", &[1000], &[1; 1000])])
        }),
        case("Reshape to a shape made of data", Unsupported, SIDE, || {
            side("Reshape", &["gemm", "gemm"], vec![], vec![])
        }),
        case("Transpose with an axis twice", Unsupported, SIDE, || {
            side("Transpose", &["gemm"], vec![ints("perm", &[1, 1])], vec![])
        }),
        case("Transpose with an axis too few", Unsupported, SIDE, || {
            side("Transpose", &["gemm"], vec![ints("perm", &[0])], vec![])
        }),
        case("Transpose with an axis out of range", Unsupported, SIDE, || {
            side("Transpose", &["gemm"], vec![ints("perm", &[0, 2])], vec![])
        }),
        case("Squeeze of an axis that is not 1", Unsupported, SIDE, || {
            side("Squeeze", &["gemm", "at"], vec![], vec![ids("at", &[1], &[0])])
        }),
        case("Unsqueeze beyond the rank limit", Unsupported, SIDE, || {
            side("Unsqueeze", &["gemm", "at"], vec![], vec![ids("at", &[5], &[0, 1, 2, 3, 4])])
        }),
        case("Unsqueeze of one axis twice", Unsupported, SIDE, || {
            side("Unsqueeze", &["gemm", "at"], vec![], vec![ids("at", &[2], &[0, 0])])
        }),
        case("Flatten at an axis out of range", Unsupported, SIDE, || {
            side("Flatten", &["gemm"], vec![int("axis", 3)], vec![])
        }),
        case("Concat at the least axis there is", Unsupported, SIDE, || {
            side("Concat", &["gemm"], vec![int("axis", i64::MIN)], vec![])
        }),
        case("Concat of shapes that do not join", Unsupported, SIDE, || {
            side("Concat", &["gemm", "w"], vec![int("axis", 1)], vec![])
        }),
        case("Softmax at an axis out of range", Unsupported, SIDE, || {
            side("Softmax", &["gemm"], vec![int("axis", -3)], vec![])
        }),
        case("a sum over an axis twice", Unsupported, SIDE, || {
            side("ReduceSum", &["gemm"], vec![ints("axes", &[0, -2])], vec![])
        }),
        case("a sum over an empty axis", Unsupported, SIDE, || {
            side("ReduceSum", &["none"], vec![], vec![floats("none", &[0, 3], &[])])
        }),
        case("MatMul with inner dimensions that differ", Unsupported, SIDE, || {
            side("MatMul", &["features", "features"], vec![], vec![])
        }),
        case("MatMul of vectors", Unsupported, SIDE, || side("MatMul", &["b", "b"], vec![], vec![])),
        case("MatMul over no columns", Unsupported, SIDE, || {
            side("MatMul", &["l", "r"], vec![], vec![floats("l", &[4, 0], &[]), floats("r", &[0, 1], &[])])
        }),
        case("Gemm of three axes", Unsupported, SIDE, || {
            side("Gemm", &["cube", "cube"], vec![], vec![floats("cube", &[1, 1, 1], &[1.0])])
        }),
        case("Gemm with a bias larger than its product", Unsupported, SIDE, || {
            side("Gemm", &["b2", "b2", "gemm"], vec![], vec![floats("b2", &[1, 1], &[1.0])])
        }),
        case("operands that do not broadcast", Unsupported, SIDE, || {
            side("Mul", &["features", "three"], vec![], vec![floats("three", &[3], &[1.0; 3])])
        }),
        case("an empty result", Unsupported, SIDE, || {
            side("Mul", &["gemm", "none"], vec![], vec![floats("none", &[1, 0], &[])])
        }),
        case("integers where floats are due", Unsupported, SIDE, || {
            side("Add", &["gemm", "one"], vec![], vec![ids("one", &[1], &[1])])
        }),
        case("Clip with a bound that is no scalar", Unsupported, SIDE, || {
            side("Clip", &["gemm", "w"], vec![], vec![])
        }),
        case("a scale of 0", Unsupported, SIDE, || dequantised(0.0, vec![])),
        case("a scale of NaN", Unsupported, SIDE, || dequantised(f32::NAN, vec![])),
        case("a negative scale", Unsupported, SIDE, || dequantised(-1.0, vec![])),
        case("a scale without a finite reciprocal", Unsupported, SIDE, || {
            side("QuantizeLinear", &["gemm", "s"], vec![], vec![floats("s", &[], &[1e-45])])
        }),
        case("a scale made of data", Unsupported, SIDE, || {
            side("QuantizeLinear", &["gemm", "gemm"], vec![], vec![])
        }),
        case("more scales than rows", Unsupported, SIDE, || {
            side(
                "DequantizeLinear",
                &["q", "s"],
                vec![int("axis", 0)],
                vec![bytes("q", &[1, 1], &[1]), floats("s", &[2], &[1.0; 2])],
            )
        }),
        case("a zero point of another type", Unsupported, SIDE, || {
            dequantised(1.0, vec![ids("zero", &[], &[0])])
        }),
    ]
}

fn dequantised(scale: f32, zero: Vec<pb::TensorProto>) -> Vec<u8> {
    let inputs: &[&str] = if zero.is_empty() { &["q", "s"] } else { &["q", "s", "zero"] };
    side(
        "DequantizeLinear",
        inputs,
        vec![],
        [vec![bytes("q", &[1, 1], &[1]), floats("s", &[], &[scale])], zero].concat(),
    )
}
