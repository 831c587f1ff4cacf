//! In: nothing. Out: how each member of the teacher and each head of the student is trained.
//! The numbers were chosen on train users in five parts, each judged by what the others taught.
//! Must never hold a weight, or a number that was chosen on test users.

use super::fit::Plan;
use super::gate::Gate;
use super::recipe::{ListMoments, Moments, features};
use super::trees::Growth;

fn plan(name: &'static str, hidden: &[usize]) -> Plan {
    Plan {
        name,
        hidden: hidden.to_vec(),
        steps: 2_500,
        batch: 24,
        rate: 2e-3,
        decay: 0.1,
        dropout: 0.1,
        // The order is what counts; a quarter pointwise keeps the level, so that one calibration fits all lists.
        listwise: 0.75,
        distil: 0.5,
        gate: None,
        attention: None,
    }
}

/// How the student's first head is trained.
pub fn engage() -> Plan {
    Plan { distil: 0.8, ..plan("engage", &[64, 32]) }
}

/// How the second is: few lists teach it, so it is small and held close to the server's order, the closer
/// the less is known of the visitor.
pub fn like() -> Plan {
    let gate = Some(gate());
    Plan { steps: 1_500, rate: 1e-3, decay: 3.0, dropout: 0.4, listwise: 0.5, gate, ..plan("like", &[16]) }
}

/// Wide open for an item without a server's score, and after some five likes.
fn gate() -> Gate {
    let moments = Moments { mean: 0.0, scale: 1.0 };
    let names =
        features(&ListMoments { score: moments, log_popularity: moments, year: moments, unrated_score: 0.0 });
    let column = |name: &str| names.iter().position(|feature| feature.name == name);
    let opened_by = [("server_absent", 1.0), ("session_positive", 0.5)];
    let opened_by = opened_by.into_iter().filter_map(|(name, weight)| Some((column(name)?, weight)));
    Gate { start: 0.15, opened_by: opened_by.collect() }
}

/// How a teacher's members are: wider, and on labels alone.
pub fn teacher_engage() -> Plan {
    Plan { distil: 0.0, dropout: 0.2, ..plan("engage", &[96, 32]) }
}

/// As [`teacher_engage`].
pub fn teacher_like() -> Plan {
    Plan { distil: 0.0, ..like() }
}

/// How the first head's forests are: what they know of picks crosses columns that towers add up.
pub fn forest_engage() -> Growth {
    Growth {
        rounds: 250,
        rate: 0.05,
        leaves: 15,
        fewest: 200,
        ridge: 20.0,
        share: 0.5,
        listwise: 0.75,
        residual: 0.0,
    }
}

/// How the second's are: small trees, few of them, that correct the server's order.
pub fn forest_like() -> Growth {
    Growth { rounds: 120, leaves: 7, listwise: 0.5, residual: 0.5, ..forest_engage() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gate_finds_its_columns() {
        assert_eq!(gate().opened_by.len(), 2);
    }
}
