//! In: outputs of one head with labels. Out: the Platt scaling that fits them best.
//! Newton's method on the log-likelihood with Platt's target smoothing (Platt 1999, section 2.2).

use ranklet::internals::model::Platt;

/// Steps after which Newton's method has long converged in two dimensions.
const STEPS: usize = 50;

/// Fits `P(y) = sigmoid(slope · x + intercept)`; the identity if a class is missing.
pub fn platt(rows: &[(f32, bool)]) -> Platt {
    let positives = rows.iter().filter(|(_, y)| *y).count() as f64;
    let negatives = rows.len() as f64 - positives;
    if positives == 0.0 || negatives == 0.0 {
        return Platt { slope: 1.0, intercept: 0.0 };
    }
    // Smoothed targets keep a separable sample from asking for an infinite slope.
    let (high, low) = ((positives + 1.0) / (positives + 2.0), 1.0 / (negatives + 2.0));
    let (mut slope, mut intercept) = (0.0f64, (positives / negatives).ln());
    for _ in 0..STEPS {
        let (mut g0, mut g1, mut h00, mut h01, mut h11) = (0.0, 0.0, 1e-9, 0.0, 1e-9);
        for &(x, y) in rows {
            let x = f64::from(x);
            let p = 1.0 / (1.0 + (-(slope * x + intercept)).exp());
            let error = p - if y { high } else { low };
            let weight = p * (1.0 - p);
            g0 += error * x;
            g1 += error;
            h00 += weight * x * x;
            h01 += weight * x;
            h11 += weight;
        }
        let determinant = h00 * h11 - h01 * h01;
        if determinant.abs() < 1e-12 {
            break;
        }
        slope -= (h11 * g0 - h01 * g1) / determinant;
        intercept -= (h00 * g1 - h01 * g0) / determinant;
    }
    Platt { slope: slope as f32, intercept: intercept as f32 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_sigmoid_is_found_again() {
        let mut rows = Vec::new();
        for step in -40..=40 {
            let x = step as f32 / 10.0;
            let p = 1.0 / (1.0 + (-(1.5 * x - 0.5)).exp());
            let positives = (p * 200.0).round() as usize;
            rows.extend((0..200).map(|i| (x, i < positives)));
        }
        let found = platt(&rows);
        assert!((found.slope - 1.5).abs() < 0.05 && (found.intercept + 0.5).abs() < 0.05, "{found:?}");
    }

    #[test]
    fn one_class_alone_gives_the_identity() {
        assert_eq!(platt(&[(1.0, true), (2.0, true)]), Platt { slope: 1.0, intercept: 0.0 });
    }
}
