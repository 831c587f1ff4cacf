//! In: names, tensors, operators. Out: ONNX protobuf structures: a few lines over the generated types, so that the
//! export reads like the graph that it writes.

use pb::attribute_proto::AttributeType;
use pb::tensor_proto::DataType;
use pb::tensor_shape_proto::{Dimension, dimension};
use prost::Message;
use ranklet::internals::model::pb;

/// A graph under construction.
#[derive(Default)]
pub struct Graph {
    proto: pb::GraphProto,
}

/// An attribute's value.
pub enum Value {
    Int(i64),
    Ints(Vec<i64>),
}

impl Graph {
    pub fn new(name: &str) -> Graph {
        Graph { proto: pb::GraphProto { name: name.into(), ..Default::default() } }
    }

    fn initializer(&mut self, name: &str, dims: &[usize], kind: DataType, raw_data: Vec<u8>) {
        self.proto.initializer.push(pb::TensorProto {
            name: name.into(),
            dims: dims.iter().map(|&d| d as i64).collect(),
            data_type: kind as i32,
            raw_data,
            ..Default::default()
        });
    }

    /// A constant of f32.
    pub fn add_f32(&mut self, name: &str, dims: &[usize], values: &[f32]) {
        let raw = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        self.initializer(name, dims, DataType::Float, raw);
    }

    /// A constant of int8.
    pub fn add_i8(&mut self, name: &str, dims: &[usize], values: &[i8]) {
        let raw = values.iter().map(|&v| v as u8).collect();
        self.initializer(name, dims, DataType::Int8, raw);
    }

    /// A constant of uint8.
    pub fn add_u8(&mut self, name: &str, dims: &[usize], values: &[u8]) {
        self.initializer(name, dims, DataType::Uint8, values.to_vec());
    }

    /// A constant of int32.
    pub fn add_i32(&mut self, name: &str, dims: &[usize], values: &[i32]) {
        let raw = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        self.initializer(name, dims, DataType::Int32, raw);
    }

    /// A constant of int64.
    pub fn add_i64(&mut self, name: &str, values: &[i64]) {
        let raw = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        self.initializer(name, &[values.len()], DataType::Int64, raw);
    }

    /// One node with one output, which also names it.
    pub fn node(&mut self, op: &str, inputs: &[&str], output: &str, attributes: &[(&str, Value)]) {
        let attribute = |(name, value): &(&str, Value)| {
            let mut proto = pb::AttributeProto { name: (*name).into(), ..Default::default() };
            match value {
                Value::Int(i) => {
                    proto.i = *i;
                    proto.r#type = AttributeType::Int as i32;
                }
                Value::Ints(ints) => {
                    proto.ints = ints.clone();
                    proto.r#type = AttributeType::Ints as i32;
                }
            }
            proto
        };
        self.proto.node.push(pb::NodeProto {
            name: output.into(),
            op_type: op.into(),
            input: inputs.iter().map(|i| i.to_string()).collect(),
            output: vec![output.into()],
            attribute: attributes.iter().map(attribute).collect(),
            ..Default::default()
        });
    }

    /// A graph input; `None` is the open dimension `n`.
    pub fn input(&mut self, name: &str, integer: bool, dims: &[Option<usize>]) {
        self.proto.input.push(value_info(name, integer, dims));
    }

    /// A graph output of f32.
    pub fn output(&mut self, name: &str, dims: &[Option<usize>]) {
        self.proto.output.push(value_info(name, false, dims));
    }

    /// The graph's own bytes, which the manifest seals.
    pub fn encode(&self) -> Vec<u8> {
        self.proto.encode_to_vec()
    }

    /// The whole file. `metadata` are key and value.
    pub fn into_model(self, version: &str, metadata: &[(&str, String)]) -> Vec<u8> {
        let model = pb::ModelProto {
            ir_version: 8,
            producer_name: "ranklet".into(),
            producer_version: version.into(),
            opset_import: vec![pb::OperatorSetIdProto { domain: String::new(), version: 17 }],
            graph: Some(self.proto),
            metadata_props: metadata
                .iter()
                .map(|(key, value)| pb::StringStringEntryProto { key: (*key).into(), value: value.clone() })
                .collect(),
            ..Default::default()
        };
        model.encode_to_vec()
    }
}

fn value_info(name: &str, integer: bool, dims: &[Option<usize>]) -> pb::ValueInfoProto {
    let dim = |dim: &Option<usize>| {
        let value = match dim {
            Some(size) => dimension::Value::DimValue(*size as i64),
            None => dimension::Value::DimParam("n".into()),
        };
        Dimension { value: Some(value), ..Default::default() }
    };
    let kind = if integer { DataType::Int64 } else { DataType::Float };
    let tensor = pb::type_proto::Tensor {
        elem_type: kind as i32,
        shape: Some(pb::TensorShapeProto { dim: dims.iter().map(dim).collect() }),
    };
    let value = Some(pb::type_proto::Value::TensorType(tensor));
    pb::ValueInfoProto { name: name.into(), r#type: Some(pb::TypeProto { value }) }
}
