//! In: histories of ml-latest-small and the statistics of its train users. Out: checks of metrics and intervals of
//! methods that need no feedback, so that no trained model is involved.

use crate::data::error::Result;
use crate::data::hash::{fnv, tie};
use crate::data::history::Histories;
use crate::data::split::Split;
use crate::data::stats::Stats;
use crate::data::visit::{ListItem, Visit};
use crate::evaluate::bootstrap::{Bootstrap, Estimate};
use crate::evaluate::checks::check::Checks;
use crate::evaluate::predictions::predict;
use crate::evaluate::protocol::Protocol;
use crate::evaluate::score::{Measure, Metric, Scorecard, Subset, score};

/// Version 1, test users.
pub fn v1(checks: &mut Checks, histories: &Histories, stats: &Stats) -> Result<()> {
    let visits = Protocol::V1.visits(histories, Split::Test);
    let bench = Bench { protocol: Protocol::V1, visits: &visits };
    let server = bench.card(|_, c| stats.server_score(c.item))?;
    bench.pair(checks, "server", &server, [0.674_282, 0.667_054]);
    bench.interval(checks, "server", &server, Metric::Ndcg, [0.631_777, 0.713_697]);
    bench.interval(checks, "server", &server, Metric::Gauc, [0.640_557, 0.692_335]);
    for (metric, subset, expected) in [
        (Metric::Ndcg, Subset::Warm, 0.687_680),
        (Metric::Gauc, Subset::Warm, 0.692_178),
        (Metric::Gauc, Subset::Cold, 0.5),
    ] {
        bench.mean(checks, "server", &server, Measure::new(metric, subset), expected);
    }
    for (subset, expected) in [(Subset::All, 87), (Subset::Cold, 69)] {
        bench.users(checks, &server, Measure::new(Metric::Gauc, subset), expected);
    }
    let plain = bench.card(|_, c| stats.server_score_weighing(c.item, 0.0))?;
    bench.pair(checks, "server, log term 0", &plain, [0.674_943, 0.673_728]);
    let random = bench.card(by_tie)?;
    bench.pair(checks, "random", &random, [0.490_192, 0.510_490]);
    bench.mean(checks, "random", &random, Measure::new(Metric::Gauc, Subset::Cold), 0.500_022);
    let raw = bench.card(|visit, c| -(fnv(format_args!("{}:{}", visit.user, c.item)) as f64))?;
    bench.pair(checks, "raw hash", &raw, [0.478_143, 0.489_229]);
    Ok(())
}

/// Version 2, test users.
pub fn v2(checks: &mut Checks, histories: &Histories, stats: &Stats) -> Result<()> {
    let visits = Protocol::V2.visits(histories, Split::Test);
    let bench = Bench { protocol: Protocol::V2, visits: &visits };
    let server = bench.card(|_, c| stats.server_score(c.item))?;
    bench.pair(checks, "server", &server, [0.211_411, 0.616_066]);
    bench.interval(checks, "server", &server, Metric::Ndcg, [0.182_984, 0.242_089]);
    bench.interval(checks, "server", &server, Metric::Gauc, [0.598_104, 0.635_560]);
    for (metric, subset, expected) in [
        (Metric::Recall, Subset::All, 0.203_755),
        (Metric::Hit, Subset::All, 0.858_974),
        (Metric::Mrr, Subset::All, 0.451_557),
        (Metric::Gauc, Subset::Warm, 0.649_244),
        (Metric::Gauc, Subset::Cold, 0.5),
        (Metric::Gauc, Subset::Sampled, 0.612_380),
        (Metric::Gauc, Subset::Seen, 0.648_759),
    ] {
        bench.mean(checks, "server", &server, Measure::new(metric, subset), expected);
    }
    bench.users(checks, &server, Measure::new(Metric::Gauc, Subset::Cold), 73);
    let plain = bench.card(|_, c| stats.server_score_weighing(c.item, 0.0))?;
    bench.pair(checks, "server, log term 0", &plain, [0.205_569, 0.619_175]);
    let popular = bench.card(|_, c| f64::from(stats.popularity(c.item)))?;
    bench.pair(checks, "popularity", &popular, [0.218_461, 0.563_218]);
    let random = bench.card(by_tie)?;
    bench.pair(checks, "random", &random, [0.123_138, 0.516_617]);
    Ok(())
}

fn by_tie(visit: &Visit, candidate: &ListItem) -> f64 {
    -(tie(visit.user, candidate.item) as f64)
}

/// Scores simple methods, which need no feedback, on the test lists of one protocol.
struct Bench<'a> {
    protocol: Protocol,
    visits: &'a [Visit],
}

impl Bench<'_> {
    fn card(&self, method: impl Fn(&Visit, &ListItem) -> f64) -> Result<Scorecard> {
        let predictions = predict(self.visits, &[0], false, |visit, _, c| method(visit, c));
        let cards = score(self.protocol, self.visits, &predictions)?;
        Ok(cards.into_values().next().unwrap_or_default())
    }

    fn name(&self, method: &str, measure: Measure) -> String {
        format!("v{} test: {method} {measure}", self.protocol.number())
    }

    fn mean(&self, checks: &mut Checks, method: &str, card: &Scorecard, measure: Measure, expected: f64) {
        let actual = card.mean(measure.metric, measure.subset);
        checks.decimal(&self.name(method, measure), expected, actual);
    }

    /// NDCG@10 and GAUC on all candidates.
    fn pair(&self, checks: &mut Checks, method: &str, card: &Scorecard, expected: [f64; 2]) {
        for (metric, expected) in [Metric::Ndcg, Metric::Gauc].into_iter().zip(expected) {
            self.mean(checks, method, card, Measure::new(metric, Subset::All), expected);
        }
    }

    fn interval(
        &self,
        checks: &mut Checks,
        method: &str,
        card: &Scorecard,
        metric: Metric,
        expected: [f64; 2],
    ) {
        let measure = Measure::new(metric, Subset::All);
        let estimates = Bootstrap::new(self.visits.len()).estimates(card);
        let name = self.name(method, measure) + " interval";
        let show = |[lo, hi]: [f64; 2]| format!("{lo:.6} .. {hi:.6}");
        let actual = estimates.get(&measure).map(|&Estimate { lo, hi, .. }| show([lo, hi]));
        checks.add(&name, show(expected), actual.unwrap_or_default());
    }

    fn users(&self, checks: &mut Checks, card: &Scorecard, measure: Measure, expected: u32) {
        let users = card.columns.get(&measure).map_or(0.0, |column| column.weight());
        checks.add(&format!("v{} test: users in {measure}", self.protocol.number()), expected, users);
    }
}
