//! A vetted tensor of the file as tract holds it: raw bytes or typed values, little-endian.
//! Sizes were checked by `vet`; here only the bytes change their form.

use super::node::unsupported;
use crate::error::Result;
use crate::model::element::Element;
use crate::model::pb::TensorProto;
use tract_core::internal::*;

/// Reads a vetted tensor.
pub fn tensor_of(proto: &TensorProto) -> Result<Tensor> {
    let refuse = |e: TractError| unsupported(&proto.name, format!("{e:#}"));
    let shape: Vec<usize> = proto.dims.iter().map(|&d| d as usize).collect();
    let raw = &proto.raw_data;
    macro_rules! read {
        ($type:ty, $field:ident) => {{
            let values: Vec<$type> = if raw.is_empty() {
                proto.$field.iter().map(|&v| v as $type).collect()
            } else {
                raw.chunks_exact(size_of::<$type>())
                    .filter_map(|bytes| bytes.try_into().ok().map(<$type>::from_le_bytes))
                    .collect()
            };
            Tensor::from_shape(&shape, &values).map_err(refuse)
        }};
    }
    match Element::of(proto.data_type) {
        Some(Element::F32) => read!(f32, float_data),
        Some(Element::U8) => read!(u8, int32_data),
        Some(Element::I8) => read!(i8, int32_data),
        Some(Element::I32) => read!(i32, int32_data),
        Some(Element::I64) => read!(i64, int64_data),
        None => Err(unsupported(&proto.name, format!("data type {}", proto.data_type))),
    }
}
