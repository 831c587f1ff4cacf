//! Files whose tensors or nodes are wrong, made from the plain model. One fault a file.
//! What only an operator's own check refuses is in `operators`, what is too large in `sizes`.

use super::builder::*;
use super::{Case, case};
use crate::error::Kind::{
    ModelMalformed as Malformed, ModelTooLarge as TooLarge, ModelUnsupported as Unsupported,
};
use crate::limits;
use crate::model::pb::{self, attribute_proto::AttributeType};
use prost::Message;

/// The place of a fault in the plain model's first weight.
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
            weight(|t| t.external_data = vec![entry.encode_to_vec()])
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
            let g = Some(vec![]);
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

pub fn all() -> Vec<Case> {
    [tensors(), nodes()].into_iter().flatten().collect()
}
