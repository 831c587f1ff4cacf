//! Cases of operators that move, reduce or quantise, with shapes small enough to check by eye.

use super::*;

pub fn layout() -> Vec<Case> {
    let six = || f(&[2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    let same = |shape: &[usize]| f(shape, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    let value =
        TensorProto { dims: vec![2], data_type: 1, float_data: vec![1.5, -2.0], ..Default::default() };
    let value = AttributeProto {
        name: "value".into(),
        t: Some(value),
        r#type: AttributeType::Tensor as i32,
        ..Default::default()
    };
    vec![
        case("Identity", vec![six()], 1, vec![], six()),
        case("Constant", vec![], 0, vec![value], f(&[2], &[1.5, -2.0])),
        case(
            "Concat",
            vec![six(), f(&[1, 3], &[7.0, 8.0, 9.0])],
            2,
            vec![int("axis", 0)],
            f(&[3, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0]),
        ),
        case(
            "Concat",
            vec![six(), f(&[2, 1], &[7.0, 8.0])],
            2,
            vec![int("axis", -1)],
            f(&[2, 4], &[1.0, 2.0, 3.0, 7.0, 4.0, 5.0, 6.0, 8.0]),
        ),
        case(
            "Concat",
            vec![six(), six()],
            1,
            vec![int("axis", 1)],
            f(&[2, 6], &[1.0, 2.0, 3.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 4.0, 5.0, 6.0]),
        ),
        case("Flatten", vec![f(&[1, 2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0])], 1, vec![], same(&[1, 6])),
        case(
            "Flatten",
            vec![f(&[1, 2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0])],
            1,
            vec![int("axis", 2)],
            same(&[2, 3]),
        ),
        case("Flatten", vec![six()], 1, vec![int("axis", 0)], same(&[1, 6])),
        case(
            "Gather",
            vec![six(), i(&[2], &[1, -2])],
            1,
            vec![],
            f(&[2, 3], &[4.0, 5.0, 6.0, 1.0, 2.0, 3.0]),
        ),
        case(
            "Gather",
            vec![six(), i(&[1, 2], &[2, 0])],
            1,
            vec![int("axis", 1)],
            f(&[2, 1, 2], &[3.0, 1.0, 6.0, 4.0]),
        ),
        case("Gather", vec![six(), i(&[], &[1])], 1, vec![], f(&[3], &[4.0, 5.0, 6.0])),
        case("Gather", vec![i8s(&[2, 2], &[1, 2, 3, 4]), i(&[1], &[1])], 0, vec![], i8s(&[1, 2], &[3, 4])),
        case("Reshape", vec![six(), i(&[2], &[3, 2])], 1, vec![], same(&[3, 2])),
        case("Reshape", vec![six(), i(&[3], &[0, -1, 1])], 1, vec![], same(&[2, 3, 1])),
        case("Squeeze", vec![f(&[1, 6, 1], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0])], 1, vec![], same(&[6])),
        case(
            "Squeeze",
            vec![f(&[1, 6, 1], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]), i(&[1], &[-1])],
            1,
            vec![],
            same(&[1, 6]),
        ),
        case(
            "Squeeze",
            vec![f(&[1, 6, 1], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0])],
            1,
            vec![ints("axes", &[0])],
            same(&[6, 1]),
        ),
        case("Unsqueeze", vec![six(), i(&[2], &[0, -1])], 1, vec![], same(&[1, 2, 3, 1])),
        case("Unsqueeze", vec![six()], 1, vec![ints("axes", &[1])], same(&[2, 1, 3])),
        case("Transpose", vec![six()], 1, vec![], f(&[3, 2], &[1.0, 4.0, 2.0, 5.0, 3.0, 6.0])),
        case(
            "Transpose",
            vec![f(&[1, 2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0])],
            1,
            vec![ints("perm", &[2, 0, 1])],
            f(&[3, 1, 2], &[1.0, 4.0, 2.0, 5.0, 3.0, 6.0]),
        ),
    ]
}

pub fn reduce() -> Vec<Case> {
    let six = || f(&[2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 9.0]);
    let drop = || int("keepdims", 0);
    let third = [1.0 / 6.0, 2.0 / 6.0, 3.0 / 6.0];
    vec![
        case("ReduceSum", vec![six()], 1, vec![], f(&[1, 1], &[24.0])),
        case("ReduceSum", vec![six()], 1, vec![drop()], f(&[], &[24.0])),
        case("ReduceSum", vec![six(), i(&[1], &[1])], 1, vec![], f(&[2, 1], &[6.0, 18.0])),
        case("ReduceSum", vec![six(), i(&[1], &[-2])], 1, vec![drop()], f(&[3], &[5.0, 7.0, 12.0])),
        case("ReduceSum", vec![f(&[], &[3.0])], 1, vec![], f(&[], &[3.0])),
        case("ReduceMean", vec![six()], 1, vec![ints("axes", &[1])], f(&[2, 1], &[2.0, 6.0])),
        case("ReduceMean", vec![six(), i(&[2], &[0, 1])], 1, vec![drop()], f(&[], &[4.0])),
        case("ReduceMax", vec![six()], 1, vec![ints("axes", &[0]), drop()], f(&[3], &[4.0, 5.0, 9.0])),
        case("ReduceMax", vec![f(&[2], &[-3.0, -1.0])], 1, vec![], f(&[1], &[-1.0])),
        case("Softmax", vec![f(&[1, 3], &[0.0, 2f32.ln(), 3f32.ln()])], 1, vec![], f(&[1, 3], &third)),
        case(
            "Softmax",
            vec![f(&[3, 1], &[-1.0, -1.0 + 2f32.ln(), -1.0 + 3f32.ln()])],
            1,
            vec![int("axis", 0)],
            f(&[3, 1], &third),
        ),
    ]
}

pub fn quantised() -> Vec<Case> {
    let x = || f(&[6], &[-1.0, 0.0, 0.3, 1.25, 1.75, 1e30]);
    vec![
        // x / 0.5, halves to even, + 3, saturated.
        case(
            "QuantizeLinear",
            vec![x(), f(&[], &[0.5]), u8s(&[], &[3])],
            1,
            vec![],
            u8s(&[6], &[1, 3, 4, 5, 7, 255]),
        ),
        case("QuantizeLinear", vec![x(), f(&[], &[0.5])], 1, vec![], u8s(&[6], &[0, 0, 1, 2, 4, 255])),
        case(
            "QuantizeLinear",
            vec![x(), f(&[1], &[0.5]), i8s(&[1], &[-3])],
            1,
            vec![],
            i8s(&[6], &[-5, -3, -2, -1, 1, 127]),
        ),
        case(
            "QuantizeLinear",
            vec![f(&[2], &[-1e30, 1e30]), f(&[], &[0.5]), i8s(&[], &[9])],
            1,
            vec![],
            i8s(&[2], &[-128, 127]),
        ),
        case(
            "DequantizeLinear",
            vec![i8s(&[2, 2], &[-128, 1, 2, 127]), f(&[], &[0.5])],
            1,
            vec![],
            f(&[2, 2], &[-64.0, 0.5, 1.0, 63.5]),
        ),
        case(
            "DequantizeLinear",
            vec![u8s(&[2], &[0, 255]), f(&[], &[2.0]), u8s(&[], &[128])],
            1,
            vec![],
            f(&[2], &[-256.0, 254.0]),
        ),
        case(
            "DequantizeLinear",
            vec![i8s(&[2, 2], &[1, 2, 3, 4]), f(&[2], &[1.0, 10.0])],
            1,
            vec![],
            f(&[2, 2], &[1.0, 20.0, 3.0, 40.0]),
        ),
        case(
            "DequantizeLinear",
            vec![i8s(&[2, 2], &[1, 2, 3, 4]), f(&[2], &[1.0, 10.0]), i8s(&[2], &[1, -1])],
            1,
            vec![int("axis", 0)],
            f(&[2, 2], &[0.0, 1.0, 40.0, 50.0]),
        ),
        // From -1 to 254 in steps of 1, so that 1 stands for 0.
        case(
            "DynamicQuantizeLinear",
            vec![f(&[2, 2], &[-1.0, 254.0, 0.5, 1.5])],
            1,
            vec![],
            u8s(&[2, 2], &[0, 255, 1, 3]),
        ),
        case("DynamicQuantizeLinear", vec![f(&[2], &[0.0, 0.0])], 1, vec![], u8s(&[2], &[0, 0])),
        // [1 2; 3 4] less 1, times [1 -1; 2 0] less [0 1].
        case(
            "MatMulInteger",
            vec![
                u8s(&[2, 2], &[1, 2, 3, 4]),
                i8s(&[2, 2], &[1, -1, 2, 0]),
                u8s(&[], &[1]),
                i8s(&[2], &[0, 1]),
            ],
            1,
            vec![],
            Tensor::from_shape(&[2, 2], &[2, -1, 8, -7]).unwrap(),
        ),
        case(
            "MatMulInteger",
            vec![i8s(&[1, 2], &[-128, 127]), u8s(&[2, 1], &[255, 254])],
            1,
            vec![],
            Tensor::from_shape(&[1, 1], &[-128 * 255 + 127 * 254]).unwrap(),
        ),
        case("Cast", vec![i8s(&[2], &[-3, 4])], 1, vec![int("to", 1)], f(&[2], &[-3.0, 4.0])),
        case("Cast", vec![i(&[2], &[-3, 4])], 1, vec![int("to", 3)], i8s(&[2], &[-3, 4])),
    ]
}
