//! How rows pass a model: as many as there are, transposed once for all layers that read them, and summed as they are
//! multiplied. Each model must give what its nodes say, computed one by one here.

use super::super::hostile_models::builder::*;
use super::super::{Plan, Role, SessionActivations, StageInput};
use super::{BLOCK, FEATURES, HIDDEN, check, plan, plan_of, x};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn rows_run_without_padding_where_no_operator_looks_at_all_of_them() {
    let constants = || vec![floats("w", &[FEATURES as i64, 1], &[0.5; FEATURES]), ids("axis", &[1], &[0])];
    let sums: Vec<f32> = x().chunks(FEATURES).map(|row| row.iter().map(|v| v * 0.5).sum()).collect();
    let score = |plan: &mut Plan, rows: usize| {
        let x = &x()[..rows * FEATURES];
        plan.score(&SessionActivations::default(), |role| {
            (role == Role::Dense).then_some(StageInput::Floats(x))
        })
        .unwrap()
    };
    let mut alone = plan(constants(), vec![node("MatMul", &["features", "w"], "heads", vec![])], &sums);
    assert_eq!(alone.any_row_count(), [None, Some(true)]);
    for (block, most) in [(BLOCK, 85 * BLOCK), (200, 400), (512, 512), (1_000, 1_000)] {
        let nodes = vec![node("MatMul", &["features", "w"], "heads", vec![])];
        let plan = plan_of(block, constants(), nodes, &sums);
        assert_eq!(
            (plan.any_row_count(), plan.most_rows()),
            ([None, Some(true)], [0, most]),
            "blocks of {block}"
        );
    }
    // A hidden layer that is as wide as a block is long has nothing to do with rows.
    let wide = vec![
        floats("w", &[FEATURES as i64, BLOCK as i64], &[0.5; FEATURES * BLOCK]),
        floats("last", &[BLOCK as i64, 1], &[0.125; BLOCK]),
    ];
    let nodes = vec![
        node("MatMul", &["features", "w"], "wide", vec![]),
        node("Sigmoid", &["wide"], "bent", vec![]),
        node("MatMul", &["bent", "last"], "heads", vec![]),
    ];
    let bent: Vec<f32> = sums.iter().map(|sum| BLOCK as f32 * 0.125 / (1.0 + (-sum).exp())).collect();
    assert_eq!(plan(wide, nodes, &bent).any_row_count(), [None, Some(true)]);
    // Each row less the sum of all: rows that are missing count as zeros.
    let nodes = vec![
        node("MatMul", &["features", "w"], "own", vec![]),
        node("ReduceSum", &["own", "axis"], "all", vec![int("keepdims", 1)]),
        node("Sub", &["own", "all"], "heads", vec![]),
    ];
    let less = |rows: usize| -> Vec<f32> {
        let all: f32 = sums[..rows].iter().sum();
        sums[..rows].iter().map(|sum| sum - all).collect()
    };
    let mut together = plan(constants(), nodes, &less(BLOCK));
    assert_eq!(together.any_row_count(), [None, Some(false)]);
    for rows in [1, 2, 5, BLOCK] {
        assert_eq!(score(&mut alone, rows), sums[..rows]);
        assert_eq!(score(&mut together, rows), less(rows));
    }
}

#[test]
fn an_operator_that_compares_rows_keeps_whole_blocks() {
    let column = |c: usize| x().into_iter().skip(c).step_by(FEATURES);
    // The largest, and by its sign the smallest.
    for (block, sign) in [(BLOCK, 1.0), (128, 1.0), (128, -1.0), (256, 1.0), (400, -1.0)] {
        let constants =
            vec![floats("w", &[FEATURES as i64, 1], &[0.5; FEATURES]), floats("sign", &[], &[sign])];
        let nodes = vec![
            node("Mul", &["features", "sign"], "signed", vec![]),
            node("ReduceMax", &["signed"], "largest", vec![ints("axes", &[0]), int("keepdims", 1)]),
            node("Sub", &["signed", "largest"], "less", vec![]),
            node("MatMul", &["less", "w"], "heads", vec![]),
        ];
        // Rows that are missing count as zeros.
        let pad = if block > BLOCK { 0.0 } else { f32::NEG_INFINITY };
        let largest: Vec<f32> =
            (0..FEATURES).map(|c| column(c).map(|v| v * sign).fold(pad, f32::max)).collect();
        let heads: Vec<f32> = x()
            .chunks(FEATURES)
            .map(|row| row.iter().zip(&largest).map(|(v, most)| (v * sign - most) * 0.5).sum())
            .collect();
        let plan = plan_of(block, constants, nodes, &heads);
        assert_eq!(plan.any_row_count(), [None, Some(false)], "{sign} over blocks of {block}");
    }
}

#[test]
fn layers_of_the_same_rows_are_one_operator() {
    let first: Vec<f32> = (0..FEATURES * HIDDEN).map(|i| (i % 7) as f32 * 0.25 - 0.5).collect();
    let constants = || {
        vec![
            floats("w", &[FEATURES as i64, HIDDEN as i64], &first),
            floats("v", &[HIDDEN as i64, 1], &[0.5, -0.25, 1.0]),
            floats("u", &[FEATURES as i64, 1], &[0.125; FEATURES]),
        ]
    };
    let nodes = || {
        vec![
            node("MatMul", &["features", "w"], "hidden", vec![]),
            node("Relu", &["hidden"], "positive", vec![]),
            node("MatMul", &["positive", "v"], "deep", vec![]),
            node("MatMul", &["features", "u"], "linear", vec![]),
            node("Add", &["deep", "linear"], "heads", vec![]),
        ]
    };
    let expected: Vec<f32> = x()
        .chunks(FEATURES)
        .map(|row| {
            let hidden = |h: usize| row.iter().zip(0..).map(|(x, t)| x * first[t * HIDDEN + h]).sum::<f32>();
            let deep = [0.5, -0.25, 1.0].iter().zip(0..).map(|(v, h)| v * hidden(h).max(0.0)).sum::<f32>();
            deep + row.iter().map(|x| x * 0.125).sum::<f32>()
        })
        .collect();
    check(constants(), nodes(), &expected, &["SharedInputDense", "Binary"]);
}

#[test]
fn products_are_summed_as_they_are_computed_unless_another_node_reads_them() {
    let row = [0.5, -1.0, 2.0, 0.25, 1.0];
    let constants = || vec![floats("row", &[1, FEATURES as i64], &row), ids("axis", &[1], &[1])];
    let sum = |from: &str, to: &str| node("ReduceSum", &[from, "axis"], to, vec![int("keepdims", 1)]);
    let nodes = || {
        vec![
            node("Mul", &["row", "features"], "weighted", vec![]),
            node("Mul", &["features", "features"], "square", vec![]),
            sum("weighted", "dot"),
            sum("square", "length"),
            node("Add", &["dot", "length"], "heads", vec![]),
        ]
    };
    let of = |term: &dyn Fn(f32, f32) -> f32| -> Vec<f32> {
        x().chunks(FEATURES).map(|x| x.iter().zip(row).map(|(&x, r)| term(x, r)).sum()).collect()
    };
    let expected = of(&|x, r| x * r + x * x);
    check(constants(), nodes(), &expected, &["Reduce", "Reduce", "Binary"]);
    // The products themselves are asked for, too.
    let mut shared = nodes();
    shared.truncate(3);
    shared.push(node("Sub", &["weighted", "dot"], "rest", vec![]));
    shared.push(sum("rest", "heads"));
    let expected = of(&|x, r| x * r * (1.0 - FEATURES as f32));
    let near = |got: &[f32]| got.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-4);
    let mut plan = plan(constants(), shared, &expected);
    let x = x();
    let input = |role| (role == Role::Dense).then_some(StageInput::Floats(&x));
    let got = plan.score(&SessionActivations::default(), input).unwrap();
    assert!(near(&got), "{got:?}");
    let operators = plan.operators().concat();
    assert_eq!(operators.iter().filter(|name| *name == "Binary").count(), 2, "{operators:?}");
}
