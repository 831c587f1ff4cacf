//! Builds small valid models, to be changed and sealed: [`Parts`].
//! `plain` is features → Gemm → heads; `text` gathers its item vectors from a table of tokens. They state every
//! setting, so that no test relies on a default of the loader.

use crate::model::bundle::graph_hash;
use crate::model::manifest::KEY;
use crate::model::pb::{self, attribute_proto::AttributeType, type_proto};
use prost::Message;
use serde_json::{Value, json};

/// A model before it is sealed.
#[derive(Clone)]
pub struct Parts {
    pub model: pb::ModelProto,
    pub manifest: Value,
}

pub fn tensor(name: &str, data_type: i32, dims: &[i64], raw_data: Vec<u8>) -> pb::TensorProto {
    pb::TensorProto { name: name.into(), data_type, dims: dims.into(), raw_data, ..Default::default() }
}

pub fn floats(name: &str, dims: &[i64], values: &[f32]) -> pb::TensorProto {
    tensor(name, 1, dims, values.iter().flat_map(|v| v.to_le_bytes()).collect())
}

pub fn ids(name: &str, dims: &[i64], values: &[i64]) -> pb::TensorProto {
    tensor(name, 7, dims, values.iter().flat_map(|v| v.to_le_bytes()).collect())
}

pub fn bytes(name: &str, dims: &[i64], values: &[i8]) -> pb::TensorProto {
    tensor(name, 3, dims, values.iter().map(|&v| v as u8).collect())
}

pub fn int(name: &str, i: i64) -> pb::AttributeProto {
    pb::AttributeProto { name: name.into(), i, r#type: AttributeType::Int as i32, ..Default::default() }
}

pub fn float(name: &str, f: f32) -> pb::AttributeProto {
    pb::AttributeProto { name: name.into(), f, r#type: AttributeType::Float as i32, ..Default::default() }
}

pub fn ints(name: &str, ints: &[i64]) -> pb::AttributeProto {
    let r#type = AttributeType::Ints as i32;
    pb::AttributeProto { name: name.into(), ints: ints.into(), r#type, ..Default::default() }
}

pub fn node(op: &str, inputs: &[&str], output: &str, attribute: Vec<pb::AttributeProto>) -> pb::NodeProto {
    let input = inputs.iter().map(|i| i.to_string()).collect();
    pb::NodeProto { op_type: op.into(), input, output: vec![output.into()], attribute, ..Default::default() }
}

/// A value of rank 2 whose rows are open.
pub fn value(name: &str, elem_type: i32, columns: i64) -> pb::ValueInfoProto {
    use pb::tensor_shape_proto::{Dimension, dimension::Value as Dim};
    let dim = |value| Dimension { value: Some(value), ..Default::default() };
    let dim = vec![dim(Dim::DimParam("n".into())), dim(Dim::DimValue(columns))];
    let tensor = type_proto::Tensor { elem_type, shape: Some(pb::TensorShapeProto { dim }) };
    let r#type = pb::TypeProto { value: Some(type_proto::Value::TensorType(tensor)) };
    pb::ValueInfoProto { name: name.into(), r#type: Some(r#type) }
}

impl Parts {
    fn of(graph: pb::GraphProto, manifest: Value) -> Parts {
        let opset_import = vec![pb::OperatorSetIdProto { domain: String::new(), version: 17 }];
        Parts {
            model: pb::ModelProto { ir_version: 8, opset_import, graph: Some(graph), ..Default::default() },
            manifest,
        }
    }

    /// `heads = features · [1, 10] + 0.5`.
    pub fn plain() -> Parts {
        let graph = pb::GraphProto {
            name: "plain".into(),
            initializer: vec![floats("w", &[2, 1], &[1.0, 10.0]), floats("b", &[1], &[0.5])],
            input: vec![value("features", 1, 2)],
            output: vec![value("heads", 1, 1)],
            node: vec![node("Gemm", &["features", "w", "b"], "heads", vec![])],
            ..Default::default()
        };
        let manifest = json!({
            "schema": 1, "name": "plain", "version": "1", "block": 4,
            "stages": { "score": { "inputs": { "dense": "features" }, "output": "heads" } },
            "features": [
                { "name": "score", "source": { "kind": "server_score" } },
                { "name": "tags", "source": { "kind": "tag_count" } },
            ],
            "heads": [{ "name": "engage", "weight": 1.0 }],
            "golden": {
                "inputs": { "features": { "shape": [2, 2], "data": [1.0, 2.0, 3.0, 4.0] } },
                "outputs": { "heads": { "shape": [2, 1], "data": [21.5, 43.5] } },
            },
            "graph_sha256": null,
        });
        Parts::of(graph, manifest)
    }

    /// Item vectors are sums of rows of a table of 8; row `r` is `[r, 1]`.
    pub fn text() -> Parts {
        let Parts { model, mut manifest } = Parts::plain();
        let mut graph = model.graph.unwrap();
        let rows: Vec<f32> = (0..8).flat_map(|row| [row as f32, 1.0]).collect();
        graph.initializer.push(floats("table", &[8, 2], &rows));
        graph.initializer.push(ids("axis", &[1], &[1]));
        graph.input = vec![value("tokens", 7, 3)];
        graph.node = vec![
            node("Gather", &["table", "tokens"], "rows", vec![]),
            node("ReduceSum", &["rows", "axis"], "item_vector", vec![int("keepdims", 0)]),
            node("Gemm", &["item_vector", "w", "b"], "heads", vec![]),
        ];
        manifest["text"] =
            json!({ "table": 8, "max_tokens": 3, "seed": 1, "tag_words": false, "title_words": true });
        manifest["vector"] = json!(2);
        manifest["stages"] = json!({
            "encode": { "inputs": { "tokens": "tokens" }, "output": "item_vector" },
            "score": { "inputs": { "item": "item_vector" }, "output": "heads" },
        });
        manifest["golden"] = json!({
            "inputs": { "tokens": { "shape": [2, 3], "data": [1, 2, 0, 5, 0, 0] } },
            "outputs": {
                "item_vector": { "shape": [2, 2], "data": [3, 3, 5, 3] },
                "heads": { "shape": [2, 1], "data": [33.5, 35.5] },
            },
        });
        Parts::of(graph, manifest)
    }

    pub fn graph(&mut self) -> &mut pb::GraphProto {
        self.model.graph.get_or_insert_with(Default::default)
    }

    /// Writes the file, with the graph's hash unless the manifest already names one.
    pub fn seal(mut self) -> Vec<u8> {
        if self.manifest["graph_sha256"].is_null() {
            self.manifest["graph_sha256"] = graph_hash(&self.graph().encode_to_vec()).into();
        }
        let value = self.manifest.to_string();
        self.model.metadata_props.push(pb::StringStringEntryProto { key: KEY.into(), value });
        self.model.encode_to_vec()
    }
}

/// The plain model with something done to it.
pub fn plain(spoil: impl FnOnce(&mut Parts)) -> Vec<u8> {
    let mut parts = Parts::plain();
    spoil(&mut parts);
    parts.seal()
}

/// The plain model with something done to its graph.
pub fn graph(spoil: impl FnOnce(&mut pb::GraphProto)) -> Vec<u8> {
    plain(|parts| spoil(parts.graph()))
}

/// The plain model with something done to its manifest.
pub fn manifest(spoil: impl FnOnce(&mut Value)) -> Vec<u8> {
    plain(|parts| spoil(&mut parts.manifest))
}

/// The plain model with more nodes; the last of them, `side`, is added to the heads.
pub fn with_side(constants: Vec<pb::TensorProto>, nodes: Vec<pb::NodeProto>) -> Vec<u8> {
    graph(|graph| {
        graph.initializer.extend(constants);
        graph.node[0].output = vec!["gemm".into()];
        graph.node.extend(nodes);
        graph.node.push(node("Add", &["gemm", "side"], "heads", vec![]));
    })
}

/// The plain model with one more operator, whose output is added to the heads.
pub fn side(
    op: &str,
    inputs: &[&str],
    attributes: Vec<pb::AttributeProto>,
    constants: Vec<pb::TensorProto>,
) -> Vec<u8> {
    with_side(constants, vec![node(op, inputs, "side", attributes)])
}

/// The plain model with an operator behind the Gemm, and what its golden heads become.
pub fn chain(op: &str, golden: &[f32]) -> Vec<u8> {
    plain(|parts| {
        parts.graph().node[0].output = vec!["gemm".into()];
        parts.graph().node.push(node(op, &["gemm"], "heads", vec![]));
        parts.manifest["golden"]["outputs"]["heads"]["data"] = json!(golden);
    })
}

/// A length-delimited field of a protobuf message.
pub fn field(number: u8, payload: &[u8]) -> Vec<u8> {
    let mut out = vec![number << 3 | 2];
    prost::encoding::encode_varint(payload.len() as u64, &mut out);
    out.extend_from_slice(payload);
    out
}

/// A file around raw bytes of a graph, sealed.
pub fn around(graph: &[u8], mut manifest: Value) -> Vec<u8> {
    manifest["graph_sha256"] = graph_hash(graph).into();
    let entry = pb::StringStringEntryProto { key: KEY.into(), value: manifest.to_string() };
    // Field 8: the operator set, version 17 (field 2, a varint).
    [field(8, &[0x10, 17]), field(7, graph), field(14, &entry.encode_to_vec())].concat()
}
