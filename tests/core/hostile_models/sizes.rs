//! Files that are too large by one or by millions, and some just at a limit, made from the plain model.
//! Large tensors are computed from small ones, since a file is small itself.

use super::builder::*;
use super::{Case, case};
use crate::error::Kind::ModelTooLarge as TooLarge;
use crate::limits;
use crate::model::pb;
#[cfg(not(target_arch = "wasm32"))]
use prost::Message;

fn ones(name: &str, dims: &[i64]) -> pb::TensorProto {
    floats(name, dims, &vec![1.0; dims.iter().product::<i64>() as usize])
}

/// A column of ones plus a row of ones: `rows · columns` elements from few bytes.
fn spread(rows: i64, columns: i64, then: Vec<pb::NodeProto>) -> Vec<u8> {
    let add = node("Add", &["column", "row"], "wide", vec![]);
    with_side(vec![ones("column", &[rows, 1]), ones("row", &[1, columns])], [vec![add], then].concat())
}

/// `count` nodes of one operator behind each other, from `wide` to `side`.
fn many(op: &str, more: &[&str], count: usize) -> Vec<pb::NodeProto> {
    let name = |i: usize| if i == 0 { "wide".into() } else { format!("wide{i}") };
    // Constants that differ, so that none is shared.
    let alpha = |i: usize| if op == "Gemm" { vec![float("alpha", 1.0 + i as f32 * 1e-5)] } else { vec![] };
    let mut nodes: Vec<_> =
        (0..count).map(|i| node(op, &[&[&*name(i)], more].concat(), &name(i + 1), alpha(i))).collect();
    nodes.push(node("ReduceSum", &[&name(count)], "side", vec![int("keepdims", 0)]));
    nodes
}

/// As many nodes as that, all but one of them idle.
fn nodes_in_all(count: usize) -> Vec<u8> {
    graph(|g| g.node.extend((1..count).map(|i| node("Identity", &["w"], &format!("idle{i}"), vec![]))))
}

fn bytes_in_all(count: usize) -> Vec<u8> {
    let rest = Parts::plain().seal().len() + 5;
    plain(|p| p.model.doc_string = "x".repeat(count - rest))
}

pub fn all() -> Vec<Case> {
    vec![
        case("a byte over the limit", TooLarge, "model", || bytes_in_all(limits::MODEL_BYTES + 1)),
        case("a node over the limit", TooLarge, "graph.node", || nodes_in_all(limits::GRAPH_NODES + 1)),
        case("an initializer over the limit", TooLarge, "graph.initializer", || {
            graph(|g| {
                g.initializer.extend(
                    (2..=limits::GRAPH_INITIALIZERS).map(|i| floats(&format!("idle{i}"), &[], &[0.0])),
                )
            })
        }),
        case("three million empty nodes", TooLarge, "graph.node", || {
            around(&[0x0A, 0].repeat(3_000_000), Parts::plain().manifest)
        }),
        case("three million empty value descriptions", TooLarge, "graph.value_info", || {
            around(&[0x6A, 0].repeat(3_000_000), Parts::plain().manifest)
        }),
        case("three million empty metadata entries", TooLarge, "metadata_props", || {
            [Parts::plain().seal(), [0x72, 0].repeat(3_000_000)].concat()
        }),
        case(
            "three million dimensions in an input",
            TooLarge,
            "graph.input[0].type.tensor_type.shape.dim",
            || {
                let shape = field(2, &field(1, &field(2, &[0x0A, 0].repeat(3_000_000))));
                around(&field(11, &shape), Parts::plain().manifest)
            },
        ),
        case("an input over the limit of a node", TooLarge, "graph.node[1].input", || {
            side("Concat", &["gemm"; limits::NODE_ARITY + 1], vec![int("axis", 1)], vec![])
        }),
        case("an attribute over the limit of a node", TooLarge, "graph.node[0].attribute", || {
            graph(|g| g.node[0].attribute = vec![int("transA", 0); limits::NODE_ATTRIBUTES + 1])
        }),
        case("a name over the limit", TooLarge, "graph.initializer[2].name", || {
            named(limits::NAME_BYTES + 1)
        }),
        case("an operator with a name of a megabyte", TooLarge, "graph.node[1].op_type", || {
            graph(|g| g.node.push(node(&"x".repeat(1 << 20), &[], "y", vec![])))
        }),
        case("a column times a row of 4,096 each", TooLarge, "graph.node(wide)", || {
            spread(4096, 4096, many("Relu", &[], 0))
        }),
        case("an element over the limit", TooLarge, "graph.node(wide)", || {
            spread(2049, 2048, many("Relu", &[], 0))
        }),
        case("a block over its elements", TooLarge, "graph.node(wide7)", || {
            spread(2048, 2048, many("Abs", &[], 9))
        }),
        case("a product over its multiplications", TooLarge, "graph.node(square)", || {
            spread(
                1024,
                1024,
                vec![
                    node("MatMul", &["wide", "wide"], "square", vec![]),
                    node("MatMul", &["square", "column"], "side", vec![]),
                ],
            )
        }),
        case("hundreds of sums of millions", TooLarge, "graph.node(sum", || {
            let mut nodes = vec![];
            for i in 0..500 {
                nodes.push(node("ReduceSum", &["wide"], &format!("sum{i}"), vec![int("keepdims", 0)]));
                let (before, after) = (format!("total{i}"), format!("total{}", i + 1));
                let before = if i == 0 { "b" } else { &before };
                nodes.push(node(
                    "Add",
                    &[before, &format!("sum{i}")],
                    if i == 489 { "side" } else { &after },
                    vec![],
                ));
            }
            spread(2048, 2048, nodes.into_iter().take(980).collect())
        }),
    ]
}

fn named(length: usize) -> Vec<u8> {
    graph(|g| g.initializer.push(floats(&"n".repeat(length), &[], &[0.0])))
}

/// Files that are just within a limit; they load.
pub fn at_limits() -> Vec<(&'static str, Vec<u8>)> {
    let deep = graph(|g| g.initializer.push(ones("deep", &[1; limits::TENSOR_RANK])));
    let wide = graph(|g| {
        let inputs: Vec<String> = vec!["b".into(); limits::NODE_ARITY];
        g.node.push(pb::NodeProto {
            op_type: "Concat".into(),
            input: inputs,
            output: vec!["c".into()],
            ..Default::default()
        });
    });
    vec![
        ("bytes", bytes_in_all(limits::MODEL_BYTES)),
        ("nodes", nodes_in_all(limits::GRAPH_NODES)),
        ("name", named(limits::NAME_BYTES)),
        ("rank", deep),
        ("arity", wide),
    ]
}

/// A chain of as many nodes of one operator as a graph may have, from the features to the heads.
#[cfg(not(target_arch = "wasm32"))]
pub fn longest(op: &str, more: &[&str]) -> Vec<u8> {
    let zero = node("Mul", &["features", "zero"], "wide", vec![]);
    let nodes = [vec![zero], many(op, more, limits::GRAPH_NODES - 4)].concat();
    let constants = vec![floats("zero", &[], &[0.0]), floats("eye", &[2, 2], &[1.0, 0.0, 0.0, 1.0])];
    let file = with_side(constants, nodes);
    assert_eq!(pb::ModelProto::decode(&*file).unwrap().graph.unwrap().node.len(), limits::GRAPH_NODES);
    file
}
