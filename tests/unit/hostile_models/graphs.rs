//! In: the plain model. Out: files whose tensors, nodes or sizes are wrong, and some just at a limit.
//! A graph that only an operator's own check refuses has its fault on the way to the heads.
//! Must never hold two faults in one file.

use super::Case;
use super::builder::*;
use crate::error::Kind::{
    self, ModelMalformed as Malformed, ModelTooLarge as TooLarge, ModelUnsupported as Unsupported,
};
use crate::limits;
use crate::model::pb::{self, attribute_proto::AttributeType};
use prost::Message;
use serde_json::json;

const fn case(name: &'static str, kind: Kind, place: &'static str, file: fn() -> Vec<u8>) -> Case {
    Case { name, kind, place, file }
}

/// The place of a fault in the operator `side`.
const SIDE: &str = "graph.node(side)";
const W: &str = "graph.initializer[0]";

/// The plain model with something done to its first weight.
fn weight(spoil: impl FnOnce(&mut pb::TensorProto)) -> Vec<u8> {
    graph(|g| spoil(&mut g.initializer[0]))
}

fn tensors() -> Vec<Case> {
    vec![
        case("a string tensor with raw data", Unsupported, W, || weight(|t| t.data_type = 8)),
        case("a float16 tensor", Unsupported, W, || weight(|t| t.data_type = 10)),
        case("a data type out of range", Unsupported, W, || weight(|t| t.data_type = i32::MIN)),
        case("a dimension of 2^32 + 4", TooLarge, W, || weight(|t| t.dims = vec![(1 << 32) + 4, 1])),
        case("a dimension over the limit", TooLarge, W, || {
            weight(|t| t.dims = vec![limits::TENSOR_ELEMENTS as i64 + 1])
        }),
        case("a negative dimension", TooLarge, W, || weight(|t| t.dims = vec![-2, -1])),
        case("dimensions whose product overflows 64 bits", TooLarge, W, || {
            weight(|t| t.dims = vec![1 << 22; 3])
        }),
        case("a tensor of rank 7", TooLarge, W, || weight(|t| t.dims = vec![2, 1, 1, 1, 1, 1, 1])),
        case("raw data shorter than the dimensions", Malformed, W, || weight(|t| t.dims = vec![3, 1])),
        case("raw data longer than the dimensions", Malformed, W, || weight(|t| t.dims = vec![1, 1])),
        case("raw data of half an element", Malformed, W, || weight(|t| t.raw_data.truncate(6))),
        case("raw and typed data", Malformed, W, || weight(|t| t.float_data = vec![1.0, 10.0])),
        case("typed data of another type", Malformed, W, || {
            weight(|t| (t.raw_data, t.int64_data) = (vec![], vec![1, 10]))
        }),
        case("external data by location", Unsupported, W, || weight(|t| t.data_location = Some(1))),
        case("external data by path", Unsupported, "graph.initializer[0].external_data", || {
            let entry = pb::StringStringEntryProto { key: "location".into(), value: "/etc/passwd".into() };
            weight(|t| t.external_data = vec![entry])
        }),
        case("string data", Unsupported, "graph.initializer[0].string_data", || {
            weight(|t| t.string_data = vec![b"x".to_vec()])
        }),
        case("a segment", Unsupported, "graph.initializer[0].segment", || {
            weight(|t| t.segment = Some(Default::default()))
        }),
        case("a tensor without a name", Malformed, W, || weight(|t| t.name.clear())),
        case("a sparse initializer", Unsupported, "graph.sparse_initializer", || {
            graph(|g| g.sparse_initializer = vec![Default::default()])
        }),
        case("local functions", Unsupported, "functions", || {
            plain(|p| p.model.functions = vec![Default::default()])
        }),
        case("training information", Unsupported, "training_info", || {
            plain(|p| p.model.training_info = vec![Default::default()])
        }),
        case("an opset of the future", Unsupported, "model.opset_import", || {
            plain(|p| p.model.opset_import[0].version = 22)
        }),
        case("no opset", Malformed, "model.opset_import", || plain(|p| p.model.opset_import.clear())),
        case("an input of doubles", Unsupported, "graph.input[0]", || {
            graph(|g| g.input[0] = value("features", 11, 2))
        }),
        case("an input of no type", Unsupported, "graph.input[0]", || graph(|g| g.input[0].r#type = None)),
        case("an input of 2^32 + 4 columns", TooLarge, "graph.input[0].shape", || {
            graph(|g| g.input[0] = value("features", 1, (1 << 32) + 4))
        }),
    ]
}

fn nodes() -> Vec<Case> {
    vec![
        case("a graph output that no node gives", Malformed, "graph.output[0]", || {
            graph(|g| g.output[0].name = "no".into())
        }),
        case("an unknown operator", Unsupported, "graph.node[1]", || side("Conv", &["gemm"], vec![], vec![])),
        case("an operator of a custom domain", Unsupported, "graph.node[0]", || {
            graph(|g| g.node[0].domain = "com.example".into())
        }),
        case("a subgraph", Unsupported, "graph.node[1].attribute[0].g", || {
            let g = Some(pb::GraphProto::default());
            let then = pb::AttributeProto {
                name: "then_branch".into(),
                g,
                r#type: AttributeType::Graph as i32,
                ..Default::default()
            };
            side("If", &["gemm"], vec![then], vec![])
        }),
        case("a loop", Unsupported, "graph.node[1]", || side("Loop", &["gemm"], vec![], vec![])),
        case("10,000 subgraphs inside each other", Unsupported, "graph.node[0].attribute[0].g", || {
            let mut bytes = Vec::new();
            for _ in 0..10_000 {
                bytes = field(1, &field(5, &field(6, &bytes)));
            }
            around(&bytes, Parts::plain().manifest)
        }),
        case("an input that nothing gives", Malformed, "graph.node[0].input[1]", || {
            graph(|g| g.node[0].input[1] = "no".into())
        }),
        case("an input left out that is needed", Malformed, "graph.node[0].input[1]", || {
            graph(|g| g.node[0].input[1].clear())
        }),
        case("a forward reference", Malformed, "graph.node[0].input[0]", || {
            graph(|g| {
                g.node[0].input[0] = "late".into();
                g.node.push(node("Identity", &["features"], "late", vec![]));
            })
        }),
        case("a cycle", Malformed, "graph.node[1].input[0]", || {
            with_side(
                vec![],
                vec![node("Neg", &["side"], "other", vec![]), node("Neg", &["other"], "side", vec![])],
            )
        }),
        case("a node of its own output", Malformed, "graph.node[0].input[2]", || {
            graph(|g| g.node[0].input[2] = "heads".into())
        }),
        case("two initializers of one name", Malformed, "graph.initializer[1]", || {
            graph(|g| g.initializer[1].name = "w".into())
        }),
        case("an initializer with an input's name", Malformed, "graph.input[0]", || {
            graph(|g| g.initializer[1].name = "features".into())
        }),
        case("two nodes of one output", Malformed, "graph.node[1]", || {
            graph(|g| g.node.push(node("Identity", &["w"], "heads", vec![])))
        }),
        case("a node without an output", Malformed, "graph.node[1]", || {
            graph(|g| {
                g.node.push(pb::NodeProto {
                    op_type: "Neg".into(),
                    input: vec!["w".into()],
                    ..Default::default()
                })
            })
        }),
        case("a node with an output of no name", Malformed, "graph.node[1]", || {
            graph(|g| g.node.push(node("Neg", &["w"], "", vec![])))
        }),
        case("too many inputs for the operator", Malformed, "graph.node[1]", || {
            side("Relu", &["gemm", "gemm"], vec![], vec![])
        }),
        case("an unknown attribute", Unsupported, "graph.node[1].depth", || {
            side("Relu", &["gemm"], vec![int("depth", 1)], vec![])
        }),
        case("an attribute of the wrong type", Malformed, "graph.node[1].axis", || {
            side("Softmax", &["gemm"], vec![float("axis", 1.0)], vec![])
        }),
        case("an attribute twice", Malformed, "graph.node[1].axis", || {
            side("Softmax", &["gemm"], vec![int("axis", 1), int("axis", 0)], vec![])
        }),
        case("an attribute of NaN", Malformed, "graph.node[0].alpha", || {
            graph(|g| g.node[0].attribute = vec![float("alpha", f32::NAN)])
        }),
        case("an attribute of strings", Unsupported, "graph.node[0].attribute[0].strings", || {
            graph(|g| {
                g.node[0].attribute =
                    vec![pb::AttributeProto { strings: vec![vec![]; 9], ..Default::default() }]
            })
        }),
        case("a constant without its tensor", Malformed, "graph.node[1].value", || {
            let none = pb::AttributeProto {
                name: "value".into(),
                r#type: AttributeType::Tensor as i32,
                ..Default::default()
            };
            side("Constant", &[], vec![none], vec![])
        }),
        case("a constant of bad dimensions", Malformed, "graph.node[1].value", || {
            let t = Some(floats("", &[9], &[1.0]));
            let tensor = pb::AttributeProto {
                name: "value".into(),
                t,
                r#type: AttributeType::Tensor as i32,
                ..Default::default()
            };
            side("Constant", &[], vec![tensor], vec![])
        }),
    ]
}

fn operators() -> Vec<Case> {
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
    let mut nodes: Vec<_> =
        (0..count).map(|i| node(op, &[&[&*name(i)], more].concat(), &name(i + 1), vec![])).collect();
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

fn sizes() -> Vec<Case> {
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
        case("a thousand sums of millions", TooLarge, "graph.node(sum", || {
            let mut nodes = vec![];
            for i in 0..1000 {
                nodes.push(node("ReduceSum", &["wide"], &format!("sum{i}"), vec![int("keepdims", 0)]));
                let (before, after) = (format!("total{i}"), format!("total{}", i + 1));
                let before = if i == 0 { "b" } else { &before };
                nodes.push(node(
                    "Add",
                    &[before, &format!("sum{i}")],
                    if i == 989 { "side" } else { &after },
                    vec![],
                ));
            }
            spread(2048, 2048, nodes.into_iter().take(1980).collect())
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

pub fn all() -> Vec<Case> {
    [tensors(), nodes(), operators(), sizes()].into_iter().flatten().collect()
}
