//! The kernels against plain loops over plain matrices, to the bit, natively and as wasm.
//! Sizes cover every tail: rows not by four, columns not by eight, terms not by two or four. The loops here know
//! nothing of tiles, so that no kernel is compared with itself.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use super::byte_product::multiply_bytes;
use super::dot4::{Dot4, Dot4Weights, DotSignedness};
use super::embedding_bag::{STEP, Table, sum_rows};
use super::epilogue::{Epilogue, Output};
use super::exp::exp;
use super::f32_layers::{HiddenLayer, LayerChain, run_chains};
use super::lanes::{Native, Portable};
use super::packed::{Columns, MAX_TERMS, PackedWeights};
use super::quant_params::QuantParams;
use super::quantize::{params_of_range, quantize, range};
use proptest::prelude::*;
use std::sync::Arc;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn config() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) }
}

/// Numbers that look random; the same on every run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }
    fn byte(&mut self) -> u8 {
        self.next() as u8
    }
    fn float(&mut self) -> f32 {
        self.next() as f32 / (1u64 << 30) as f32 - 1.0
    }
    fn floats(&mut self, count: usize) -> Vec<f32> {
        (0..count).map(|_| self.float()).collect()
    }
}

fn number(byte: u8, signed: bool) -> i32 {
    if signed { i32::from(byte as i8) } else { i32::from(byte) }
}

/// QuantizeLinear as ONNX's text has it, with the reciprocal of the scale.
fn stepped(value: f32, steps: QuantParams) -> u8 {
    let (low, high) = steps.range();
    let rounded = f64::from((value * steps.inverse_scale).round_ties_even()) + f64::from(steps.zero_point);
    rounded.clamp(f64::from(low), f64::from(high)) as i32 as u8
}

struct Layer {
    scale: Vec<f32>,
    bias: Option<Vec<f32>>,
    relu: bool,
    scale_columns: Columns,
    bias_columns: Option<Columns>,
}

impl Layer {
    fn of(numbers: &mut Numbers, columns: usize, bias: bool, relu: bool) -> Layer {
        let scale: Vec<f32> = numbers.floats(columns).into_iter().map(|s| s * 0.001 + 0.002).collect();
        let bias = bias.then(|| numbers.floats(columns));
        let scale_columns = Columns::of(scale.iter().copied());
        let bias_columns = bias.as_ref().map(|bias| Columns::of(bias.iter().copied()));
        Layer { scale, bias, relu, scale_columns, bias_columns }
    }

    fn finish(&self, scaled: bool) -> Epilogue<'_> {
        let scale = scaled.then_some(&self.scale_columns);
        Epilogue { scale, bias: self.bias_columns.as_ref(), relu: self.relu }
    }

    fn after(&self, sum: f32, column: usize) -> f32 {
        let biased = self.bias.as_ref().map_or(sum, |bias| sum + bias[column]);
        if self.relu && biased <= 0.0 { 0.0 } else { biased }
    }
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|v| v.to_bits()).collect()
}

fn of_bytes<L: Dot4>(
    rows: &[u8],
    signed: bool,
    zero: i32,
    packed: &PackedWeights,
    layer: &Layer,
    steps: QuantParams,
) -> (Vec<f32>, Vec<u8>, Vec<i32>) {
    let cells = rows.len() / packed.terms * packed.columns;
    let (mut floats, mut narrow, mut whole) = (vec![9.0; cells], vec![9; cells], vec![9; cells]);
    let run = |target| multiply_bytes::<L>(rows, signed, zero, packed, layer.finish(true), target);
    run(Output::F32(&mut floats));
    run(Output::Bytes(&mut narrow, steps));
    run(Output::I32(&mut whole));
    (floats, narrow, whole)
}

fn chain<'a>(
    hidden: &'a [HiddenLayer],
    weights: &'a PackedWeights,
    epilogue: Epilogue<'a>,
    output: Output<'a>,
) -> LayerChain<'a> {
    LayerChain { hidden, weights, epilogue, output }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn products_of_bytes_are_exact(
        seed: u64, n in 1usize..14, terms in 1usize..40, columns in 1usize..21,
        zero in 0i32..256, signed: bool, narrow: bool, bias: bool, relu: bool,
    ) {
        let numbers = &mut Numbers(seed);
        let zero = if signed { zero - 128 } else { zero };
        let rows: Vec<u8> = (0..n * terms).map(|_| numbers.byte()).collect();
        let weights: Vec<i16> = (0..terms * columns).map(|_| numbers.next() as i16 % 256).collect();
        let layer = Layer::of(numbers, columns, bias, relu);
        let steps = QuantParams { inverse_scale: 40.0, zero_point: if narrow { -7 } else { 11 }, signed: narrow };
        let packed = PackedWeights::from_i16(terms, columns, |t, c| weights[t * columns + c]);
        let (floats, narrow, whole) = of_bytes::<Native>(&rows, signed, zero, &packed, &layer, steps);
        for row in 0..n {
            for column in 0..columns {
                let product = |t: usize| {
                    (number(rows[row * terms + t], signed) - zero) * i32::from(weights[t * columns + column])
                };
                let sum: i32 = (0..terms).map(product).sum();
                let value = layer.after(sum as f32 * layer.scale[column], column);
                let at = row * columns + column;
                prop_assert_eq!(whole[at], sum);
                prop_assert_eq!(floats[at].to_bits(), value.to_bits());
                prop_assert_eq!(narrow[at], stepped(value, steps));
            }
        }
        let twin = of_bytes::<Portable>(&rows, signed, zero, &packed, &layer, steps);
        prop_assert_eq!((bits(&floats), narrow, whole), (bits(&twin.0), twin.1, twin.2));
    }

    #[test]
    fn products_of_four_bytes_at_once_are_exact_however_a_host_reads_them(
        seed: u64, n in 1usize..14, terms in 1usize..40, columns in 1usize..21,
        zero in 0i32..256, signed: bool, by_sign: bool, bias: bool, relu: bool,
    ) {
        let numbers = &mut Numbers(seed);
        let zero = if signed { zero - 128 } else { zero };
        let rows: Vec<u8> = (0..n * terms).map(|_| numbers.byte()).collect();
        let weights: Vec<i16> = (0..terms * columns).map(|_| numbers.next() as i16 % 128).collect();
        let layer = Layer::of(numbers, columns, bias, relu);
        let steps = QuantParams { inverse_scale: 40.0, zero_point: 11, signed: false };
        let at = |t: usize, c: usize| weights[t * columns + c];
        let pairs = PackedWeights::from_i16(terms, columns, at);
        let wanted = of_bytes::<Portable>(&rows, signed, zero, &pairs, &layer, steps);
        let reading = if by_sign { DotSignedness::Signed } else { DotSignedness::Unsigned };
        let quads = PackedWeights::from_dot4(terms, columns, Dot4Weights::pack(terms, columns, reading, |t, c| at(t, c) as i8));
        let twin = of_bytes::<Portable>(&rows, signed, zero, &quads, &layer, steps);
        prop_assert_eq!((bits(&wanted.0), &wanted.1, &wanted.2), (bits(&twin.0), &twin.1, &twin.2));
        // What this host packs, whatever that is: relaxed-simd builds take their own dot product.
        let own = of_bytes::<Native>(&rows, signed, zero, &PackedWeights::from_bytes(terms, columns, at), &layer, steps);
        prop_assert_eq!((bits(&wanted.0), &wanted.1, &wanted.2), (bits(&own.0), &own.1, &own.2));
    }

    #[test]
    fn products_of_floats_add_term_by_term(
        seed: u64, n in 1usize..14, terms in 1usize..40, columns in 1usize..21, bias: bool, relu: bool,
    ) {
        let numbers = &mut Numbers(seed);
        let (rows, weights) = (numbers.floats(n * terms), numbers.floats(terms * columns));
        let layer = Layer::of(numbers, columns, bias, relu);
        let packed = PackedWeights::from_f32(terms, columns, |t, c| weights[t * columns + c]);
        let run = |lanes: fn(&[f32], &mut [LayerChain])| {
            let mut out = vec![9.0; n * columns];
            lanes(&rows, &mut [chain(&[], &packed, layer.finish(false), Output::F32(&mut out))]);
            bits(&out)
        };
        let got = run(run_chains::<Native>);
        for row in 0..n {
            for column in 0..columns {
                let terms = (0..terms).map(|t| rows[row * terms + t] * weights[t * columns + column]);
                let value = layer.after(terms.fold(0.0, |sum, product| sum + product), column);
                prop_assert_eq!(got[row * columns + column], value.to_bits());
            }
        }
        prop_assert_eq!(got, run(run_chains::<Portable>));
    }

    #[test]
    fn rows_pass_layers_as_if_one_after_the_other(
        seed: u64, n in 1usize..20, widths in proptest::collection::vec(1usize..14, 2..5), bias: bool, relu: bool,
    ) {
        let numbers = &mut Numbers(seed);
        let rows = numbers.floats(n * widths[0]);
        let made: Vec<(PackedWeights, Layer)> = widths.windows(2).map(|pair| {
            let weights = numbers.floats(pair[0] * pair[1]);
            let packed = PackedWeights::from_f32(pair[0], pair[1], |t, c| weights[t * pair[1] + c]);
            (packed, Layer::of(numbers, pair[1], bias, relu))
        }).collect();
        let mut expected = rows.clone();
        for (packed, layer) in &made {
            let mut out = vec![9.0; n * packed.columns];
            let target = Output::F32(&mut out);
            run_chains::<Native>(&expected, &mut [chain(&[], packed, layer.finish(false), target)]);
            expected = out;
        }
        let inner = |(weights, layer): &(PackedWeights, Layer)| HiddenLayer {
            weights: Arc::new(weights.clone()), bias: layer.bias_columns.clone().map(Arc::new), relu,
        };
        let Some(((last, finish), below)) = made.split_last() else { unreachable!() };
        let below: Vec<HiddenLayer> = below.iter().map(inner).collect();
        let mut steps = vec![9u8; expected.len()];
        let of = QuantParams { inverse_scale: 40.0, zero_point: 11, signed: false };
        for lanes in [run_chains::<Native>, run_chains::<Portable>] {
            // Three layers over the same rows: the first one alone, and all of them twice.
            let (first, first_finish) = &made[0];
            let (mut alone, mut out) = (vec![9.0; n * first.columns], vec![9.0; n * last.columns]);
            let all = finish.finish(false);
            lanes(&rows, &mut [
                chain(&below, last, all, Output::Bytes(&mut steps, of)),
                chain(&[], first, first_finish.finish(false), Output::F32(&mut alone)),
                chain(&below, last, all, Output::F32(&mut out)),
            ]);
            prop_assert_eq!(bits(&out), bits(&expected));
            prop_assert_eq!(&steps, &expected.iter().map(|&v| stepped(v, of)).collect::<Vec<u8>>());
            let mut wanted = vec![9.0; n * first.columns];
            let target = Output::F32(&mut wanted);
            run_chains::<Native>(&rows, &mut [chain(&[], first, first_finish.finish(false), target)]);
            prop_assert_eq!(bits(&alone), bits(&wanted));
        }
    }

    #[test]
    fn bytes_round_halves_to_even_and_saturate(
        seed: u64, count in 0usize..40, scale in 0.001f32..2.0, zero in 0i32..256, signed: bool,
    ) {
        let numbers = &mut Numbers(seed);
        let mut values: Vec<f32> = numbers.floats(count).into_iter().map(|v| v * 300.0).collect();
        // Halves, and what no byte holds.
        values.extend([0.5, 1.5, -0.5, 2.5].map(|half| half * scale));
        values.extend([f32::INFINITY, f32::NEG_INFINITY, f32::MAX, f32::MIN, 1e-42, -0.0]);
        let steps = QuantParams { inverse_scale: scale.recip(), zero_point: if signed { zero - 128 } else { zero }, signed };
        let expected: Vec<u8> = values.iter().map(|&v| stepped(v, steps)).collect();
        let (mut got, mut twin) = (vec![9; values.len()], vec![9; values.len()]);
        quantize::<Native>(&values, steps, &mut got);
        quantize::<Portable>(&values, steps, &mut twin);
        prop_assert_eq!(&got, &expected);
        prop_assert_eq!(&twin, &expected);
    }

    #[test]
    fn the_range_of_values_holds_them_and_zero(values in proptest::collection::vec(-50.0f32..90.0, 0..30)) {
        let (low, high) = range::<Native>(&values);
        prop_assert_eq!(low, values.iter().fold(0.0, |a: f32, &b| a.min(b)));
        prop_assert_eq!(high, values.iter().fold(0.0, |a: f32, &b| a.max(b)));
        prop_assert_eq!((low, high), range::<Portable>(&values));
        let (scale, zero) = params_of_range(low, high);
        // Zero is a byte, and both ends lie within half a step of one.
        prop_assert!((low / scale + f32::from(zero)).abs() <= 0.51);
        prop_assert!((high / scale + f32::from(zero) - 255.0).abs() <= 0.51 || high == low);
    }
}

#[test]
fn the_longest_sum_of_the_largest_products_does_not_overflow() {
    let packed = PackedWeights::from_i16(MAX_TERMS, 1, |_, _| 255);
    let rows = vec![0u8; MAX_TERMS];
    let mut sum = [0];
    let finish = Epilogue { scale: None, bias: None, relu: false };
    multiply_bytes::<Native>(&rows, false, 255, &packed, finish, Output::I32(&mut sum));
    assert_eq!(i64::from(sum[0]), -(MAX_TERMS as i64) * 255 * 255);
}

#[test]
fn one_bad_row_leaves_the_others_alone() {
    let packed = PackedWeights::from_f32(2, 1, |_, _| 1.0);
    let mut out = [9.0; 5];
    let rows = [1.0, 2.0, f32::NAN, 0.0, 3.0, 4.0, f32::INFINITY, 1.0, 5.0, 6.0];
    let finish = Epilogue { scale: None, bias: None, relu: false };
    run_chains::<Native>(&rows, &mut [chain(&[], &packed, finish, Output::F32(&mut out))]);
    assert_eq!([out[0], out[2], out[4]], [3.0, 7.0, 11.0]);
    assert!(out[1].is_nan() && out[3] == f32::INFINITY);
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn bags_add_scaled_rows_in_the_order_of_their_ids(
        seed: u64, rows in 1usize..6, each in 1usize..6, chunks in 1usize..4, padded: bool,
    ) {
        let (numbers, width, table_rows) = (&mut Numbers(seed), chunks * STEP, 7);
        let mut table: Vec<u8> = (0..table_rows * width).map(|_| numbers.byte()).collect();
        if padded {
            table[..width].fill(0);
        }
        let scale = numbers.floats(table_rows);
        // One id in ten lies outside the table.
        let ids: Vec<i64> = (0..rows * each).map(|_| numbers.next() as i64 % 8 - i64::from(numbers.next() % 10 == 0)).collect();
        let run = |lanes: BagSums| {
            let mut out = vec![9.0; rows * width];
            let table = Table { rows: &table, scale: &scale, width };
            lanes(&ids, each, table, padded.then_some(0), &mut out);
            bits(&out)
        };
        let got = run(sum_rows::<Native>);
        for row in 0..rows {
            for column in 0..width {
                let inside = ids[row * each..][..each].iter().filter(|&&id| (0..table_rows as i64).contains(&id));
                let terms = inside.map(|&id| {
                    f32::from(table[id as usize * width + column] as i8) * scale[id as usize]
                });
                prop_assert_eq!(got[row * width + column], (terms.fold(0.0, |sum, term| sum + term) + 0.0f32).to_bits());
            }
        }
        prop_assert_eq!(got, run(sum_rows::<Portable>));
    }

    #[test]
    fn powers_of_e_are_near_and_do_not_depend_on_their_neighbours(
        mut values in proptest::collection::vec(-110.0f32..110.0, 0..20),
    ) {
        values.extend([0.0, -0.0, 87.0, -87.0, f32::INFINITY, f32::NEG_INFINITY, f32::NAN]);
        let (mut got, mut twin) = (values.clone(), values.clone());
        exp::<Native>(&mut got);
        exp::<Portable>(&mut twin);
        for ((&x, &got), &twin) in values.iter().zip(&got).zip(&twin) {
            let mut alone = [x];
            exp::<Native>(&mut alone);
            let right = f64::from(x).exp() as f32;
            let near = (got - right).abs() <= right * 2.5e-7 + 3e-45 || got == right || x.is_nan() && got.is_nan();
            prop_assert!(near, "e^{} is {}, not {}", x, right, got);
            prop_assert!(got.to_bits() == twin.to_bits() || x.is_nan());
            prop_assert!(got.to_bits() == alone[0].to_bits() || x.is_nan());
        }
    }
}

type BagSums = fn(&[i64], usize, Table, Option<i64>, &mut [f32]);

#[test]
fn the_probe_finds_the_reading_of_an_exact_host() {
    assert_eq!(DotSignedness::of_host::<Portable>(), Some(DotSignedness::Unsigned));
}

#[test]
fn weights_beyond_int8_are_packed_as_shorts() {
    assert!(Dot4Weights::of::<Portable>(5, 9, |_, _| 127).is_some());
    assert!(Dot4Weights::of::<Portable>(5, 9, |t, _| if t == 4 { -128 } else { 0 }).is_none());
}
