//! How a byte stands for a number: the scale and the zero point of ONNX's QuantizeLinear, by tensor.
//! Scales are positive and finite; zero points lie in the range of the byte's type.

use tract_core::internal::*;

/// `value = (byte - zero_point) · scale`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct QuantParams {
    /// 1 / scale.
    pub inverse_scale: f32,
    /// The byte that stands for 0, -128 to 255.
    pub zero_point: i32,
    /// Whether bytes are int8, not uint8.
    pub signed: bool,
}

impl QuantParams {
    /// The least and the greatest byte.
    pub fn range(self) -> (i32, i32) {
        if self.signed { (-128, 127) } else { (0, 255) }
    }

    /// The type of the bytes.
    pub fn datum_type(self) -> DatumType {
        if self.signed { i8::datum_type() } else { u8::datum_type() }
    }
}
