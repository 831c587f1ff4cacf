//! What each operator of the table computes, against values worked out by hand from ONNX's text.
//! Each case runs twice: with its inputs computed at run time, and with constants.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::table::{Operator, operator, rows};
use crate::model::compile::graph::GraphBuilder;
use crate::model::compile::node::Node;
use crate::model::compile::prune::prune;
use crate::model::pb::{AttributeProto, NodeProto, TensorProto, attribute_proto::AttributeType};
use std::collections::{HashMap, HashSet};
use std::f32::consts::{E, LN_2};
use tract_core::internal::*;
#[path = "ops/shaped.rs"]
mod shaped;
use shaped::{layout, quantised, reduce};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// One application of an operator.
struct Case {
    op: &'static str,
    inputs: Vec<Tensor>,
    /// How many inputs are values; the others are always constants, as the table demands.
    values: usize,
    attributes: Vec<AttributeProto>,
    expected: Tensor,
}

fn f(shape: &[usize], values: &[f32]) -> Tensor {
    Tensor::from_shape(shape, values).unwrap()
}

fn i(shape: &[usize], values: &[i64]) -> Tensor {
    Tensor::from_shape(shape, values).unwrap()
}

fn i8s(shape: &[usize], values: &[i8]) -> Tensor {
    Tensor::from_shape(shape, values).unwrap()
}

fn u8s(shape: &[usize], values: &[u8]) -> Tensor {
    Tensor::from_shape(shape, values).unwrap()
}

fn int(name: &str, i: i64) -> AttributeProto {
    AttributeProto { name: name.into(), i, r#type: AttributeType::Int as i32, ..Default::default() }
}

fn float(name: &str, f: f32) -> AttributeProto {
    AttributeProto { name: name.into(), f, r#type: AttributeType::Float as i32, ..Default::default() }
}

fn ints(name: &str, ints: &[i64]) -> AttributeProto {
    AttributeProto {
        name: name.into(),
        ints: ints.into(),
        r#type: AttributeType::Ints as i32,
        ..Default::default()
    }
}

/// Runs a stage of one node.
fn run(row: &Operator, case: &Case, constant: bool) -> std::result::Result<Tensor, String> {
    let proto = NodeProto {
        op_type: row.name.into(),
        output: vec!["out".into()],
        attribute: case.attributes.clone(),
        ..Default::default()
    };
    let mut graph = GraphBuilder::new(HashMap::new());
    let (mut inputs, mut sources, mut given) = (vec![], vec![], tvec![]);
    for (index, tensor) in case.inputs.iter().enumerate() {
        let outlet = if constant || index >= case.values {
            graph.add_constant("constant", tensor.clone())
        } else {
            graph.add_input("source", tensor.datum_type(), tensor.shape())
        };
        let outlet = outlet.map_err(|e| e.to_string())?;
        if !constant && index < case.values {
            sources.push(outlet);
            given.push(tensor.clone().into_tvalue());
        }
        inputs.push(Some(outlet));
    }
    let out = (row.build)(&mut graph, &Node { proto: &proto, inputs }).map_err(|e| e.to_string())?;
    let outputs =
        prune(graph.into_model(), &sources, &[out]).and_then(|model| model.into_runnable()?.run(given));
    outputs.map(|mut o| o.remove(0).into_tensor()).map_err(|e| format!("{e:#}"))
}

fn check(cases: Vec<Case>) {
    let mut wrong = Vec::new();
    for (number, case) in cases.iter().enumerate() {
        let row = operator(case.op).unwrap();
        assert!((row.inputs.0..=row.inputs.1).contains(&case.inputs.len()), "{}", case.op);
        for constant in [false, true] {
            let got = run(row, case, constant);
            let near = got.as_ref().is_ok_and(|got| {
                got.datum_type() == case.expected.datum_type()
                    && got.close_enough(&case.expected, Approximation::Custom(1e-6, 1e-6, 0.0)).is_ok()
            });
            if !near {
                wrong.push(format!(
                    "{number} {} (constant: {constant}): {got:?}, not {:?}",
                    case.op, case.expected
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// `case(op, inputs, values, attributes, expected)`.
fn case(
    op: &'static str,
    inputs: Vec<Tensor>,
    values: usize,
    attributes: Vec<AttributeProto>,
    expected: Tensor,
) -> Case {
    Case { op, inputs, values, attributes, expected }
}

fn unary(op: &'static str, from: &[f32], to: &[f32]) -> Case {
    case(op, vec![f(&[from.len()], from)], 1, vec![], f(&[to.len()], to))
}

fn arithmetic() -> Vec<Case> {
    let (a, b) = (|| f(&[2, 2], &[1.0, -2.0, 3.0, 8.0]), || f(&[2], &[4.0, -2.0]));
    let binary = |op, expected: &[f32]| case(op, vec![a(), b()], 2, vec![], f(&[2, 2], expected));
    vec![
        binary("Add", &[5.0, -4.0, 7.0, 6.0]),
        binary("Sub", &[-3.0, 0.0, -1.0, 10.0]),
        binary("Mul", &[4.0, 4.0, 12.0, -16.0]),
        binary("Div", &[0.25, 1.0, 0.75, -4.0]),
        binary("Max", &[4.0, -2.0, 4.0, 8.0]),
        binary("Min", &[1.0, -2.0, 3.0, -2.0]),
        // A column against a row, and a scalar.
        case(
            "Add",
            vec![f(&[2, 1], &[1.0, 2.0]), f(&[1, 3], &[10.0, 20.0, 30.0])],
            2,
            vec![],
            f(&[2, 3], &[11.0, 21.0, 31.0, 12.0, 22.0, 32.0]),
        ),
        case(
            "Sub",
            vec![f(&[], &[1.0]), f(&[2, 1, 1], &[3.0, 4.0])],
            2,
            vec![],
            f(&[2, 1, 1], &[-2.0, -3.0]),
        ),
        unary("Abs", &[-1.5, 0.0, 2.0], &[1.5, 0.0, 2.0]),
        unary("Neg", &[-1.5, 2.0], &[1.5, -2.0]),
        unary("Relu", &[-1.5, 0.0, 2.0], &[0.0, 0.0, 2.0]),
        unary("Sqrt", &[0.0, 2.25, 16.0], &[0.0, 1.5, 4.0]),
        unary("Exp", &[0.0, 1.0, -1.0], &[1.0, E, 0.367_879_44]),
        unary("Log", &[1.0, E, 0.5], &[0.0, 1.0, -LN_2]),
        unary("Sigmoid", &[0.0, 3f32.ln(), -(3f32.ln())], &[0.5, 0.75, 0.25]),
        unary("Tanh", &[0.0, 0.5 * 3f32.ln(), 20.0], &[0.0, 0.5, 1.0]),
        case("Clip", vec![f(&[3], &[-9.0, 0.5, 9.0])], 1, vec![], f(&[3], &[-9.0, 0.5, 9.0])),
        case(
            "Clip",
            vec![f(&[3], &[-9.0, 0.5, 9.0]), f(&[], &[-1.0])],
            1,
            vec![],
            f(&[3], &[-1.0, 0.5, 9.0]),
        ),
        case(
            "Clip",
            vec![f(&[3], &[-9.0, 0.5, 9.0]), f(&[], &[-1.0]), f(&[], &[2.0])],
            1,
            vec![],
            f(&[3], &[-1.0, 0.5, 2.0]),
        ),
    ]
}

fn matrix() -> Vec<Case> {
    // A = [1 2 3; 4 5 6], B = [1 0; 0 1; 2 -1], A·B = [7 -1; 16 -1].
    let (a, b) =
        (|| f(&[2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]), || f(&[3, 2], &[1.0, 0.0, 0.0, 1.0, 2.0, -1.0]));
    let (at, bt) =
        (|| f(&[3, 2], &[1.0, 4.0, 2.0, 5.0, 3.0, 6.0]), || f(&[2, 3], &[1.0, 0.0, 2.0, 0.0, 1.0, -1.0]));
    let gemm = |inputs: Vec<Tensor>, attributes, expected: &[f32]| {
        case("Gemm", inputs, 3, attributes, f(&[2, 2], expected))
    };
    vec![
        case("MatMul", vec![a(), b()], 2, vec![], f(&[2, 2], &[7.0, -1.0, 16.0, -1.0])),
        case(
            "MatMul",
            vec![f(&[2, 1, 2], &[1.0, 2.0, 3.0, 4.0]), f(&[2, 1], &[10.0, 1.0])],
            2,
            vec![],
            f(&[2, 1, 1], &[12.0, 34.0]),
        ),
        case(
            "MatMul",
            vec![f(&[1, 2], &[1.0, 2.0]), f(&[2, 2, 1], &[1.0, 1.0, 0.0, 5.0])],
            2,
            vec![],
            f(&[2, 1, 1], &[3.0, 10.0]),
        ),
        case(
            "MatMul",
            vec![f(&[2, 1, 2], &[1.0, 2.0, 3.0, 4.0]), f(&[2, 2, 1], &[1.0, 1.0, 0.0, 5.0])],
            2,
            vec![],
            f(&[2, 1, 1], &[3.0, 20.0]),
        ),
        gemm(vec![a(), b()], vec![], &[7.0, -1.0, 16.0, -1.0]),
        gemm(vec![a(), b(), f(&[2], &[100.0, 200.0])], vec![], &[107.0, 199.0, 116.0, 199.0]),
        gemm(vec![a(), b(), f(&[2, 1], &[100.0, 200.0])], vec![], &[107.0, 99.0, 216.0, 199.0]),
        gemm(vec![at(), b()], vec![int("transA", 1)], &[7.0, -1.0, 16.0, -1.0]),
        gemm(vec![a(), bt()], vec![int("transB", 1)], &[7.0, -1.0, 16.0, -1.0]),
        gemm(
            vec![at(), bt(), f(&[], &[4.0])],
            vec![int("transA", 1), int("transB", 1), float("alpha", 2.0), float("beta", 0.5)],
            &[16.0, 0.0, 34.0, 0.0],
        ),
    ]
}

#[test]
fn arithmetic_is_element_wise_and_broadcasts() {
    check(arithmetic());
}

#[test]
fn products_transpose_scale_and_add_as_onnx_says() {
    check(matrix());
}

#[test]
fn layouts_move_values_and_keep_them() {
    check(layout());
}

#[test]
fn reductions_take_the_axes_and_keep_the_rank_when_asked() {
    check(reduce());
}

#[test]
fn quantising_rounds_halves_to_even_and_saturates() {
    check(quantised());
}

#[test]
fn every_operator_of_the_table_has_a_case() {
    let all = [arithmetic(), matrix(), layout(), reduce(), quantised()];
    let tried: HashSet<&str> = all.iter().flatten().map(|case| case.op).collect();
    let missing: Vec<&str> = rows().iter().map(|row| row.name).filter(|name| !tried.contains(name)).collect();
    assert!(missing.is_empty(), "no case for {missing:?}");
}
