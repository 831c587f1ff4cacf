//! In: scorecards of all methods. Out: a table for people and a JSON document of one protocol.
//! Intervals are bootstraps over users; differences are paired by user.

use crate::data::error::Result;
use crate::data::split::Split;
use crate::data::visit::{POOL, Visit};
use crate::evaluate::answers::Cards;
use crate::evaluate::bootstrap::{Bootstrap, Difference};
use crate::evaluate::controls::Controls;
use crate::evaluate::methods::{Method, SERVER, STUDENT, STUDENT_F32, TEACHER};
use crate::evaluate::protocol::{Protocol, digest};
use crate::evaluate::published::{SOURCE, published};
use crate::evaluate::score::{Measure, Metric, Scorecard, Subset};
use serde_json::{Value, json};

pub const NDCG: Measure = Measure { metric: Metric::Ndcg, subset: Subset::All };
pub const GAUC: Measure = Measure { metric: Metric::Gauc, subset: Subset::All };
const LOSS: Measure = Measure { metric: Metric::LogLoss, subset: Subset::All };
/// Feedback sizes at which the share of the teacher's gain is told.
const KEPT: [usize; 2] = [10, 20];

/// A rival, a feedback size, and the student's differences by metric.
type Pair = (String, usize, Vec<(&'static str, Difference)>);

/// All that is known of one protocol.
pub struct Report {
    pub protocol: Protocol,
    pub split: Split,
    pub bootstrap: Bootstrap,
    /// Name, whether it ignores feedback, scorecards.
    pub methods: Vec<(&'static str, bool, Cards)>,
    users: usize,
    candidates: usize,
    digest: String,
    controls: Controls,
}

impl Report {
    /// Scores all methods.
    pub fn of(
        protocol: Protocol,
        split: Split,
        visits: &[Visit],
        methods: &[Method],
        controls: Controls,
    ) -> Result<Report> {
        let cards = methods
            .iter()
            .map(|method| Ok((method.name, method.fixed, method.answers.cards(protocol, visits)?)))
            .collect::<Result<Vec<_>>>()?;
        Ok(Report {
            protocol,
            split,
            bootstrap: Bootstrap::new(visits.len()),
            methods: cards,
            users: visits.len(),
            candidates: visits.iter().map(|visit| visit.candidates.len()).sum(),
            digest: digest(visits),
            controls,
        })
    }

    fn card(&self, method: &str, k: usize) -> Option<&Scorecard> {
        self.methods.iter().find(|(name, ..)| *name == method)?.2.get(&k)
    }

    fn gauc(&self, method: &str, k: usize) -> Option<f64> {
        self.card(method, k)?.mean(Metric::Gauc, Subset::All)
    }

    pub fn print(&self) {
        println!(
            "\nprotocol {} ({}): {} users, {} candidates; the student's head is `{}`; 95 % intervals over users",
            self.protocol.number(),
            self.split,
            self.users,
            self.candidates,
            self.protocol.head()
        );
        println!(
            "{:<18}{:>3}  {:<24}{:<24}{:<7}{:<7}{:<24}{:<6}",
            "method", "k", "NDCG@10", "GAUC", "warm", "cold", "LogLoss", "ECE"
        );
        for (name, fixed, cards) in &self.methods {
            // A method that ignores feedback is the same at every k: one line is enough.
            for (&k, card) in cards.iter().filter(|(k, _)| !fixed || **k == 0) {
                let k = if *fixed { "any".to_string() } else { k.to_string() };
                println!("{}", self.line(name, &k, card));
            }
        }
        let others = published(&self.digest);
        for row in &others {
            println!("{:<18}{:>3}  {:<24.3}{:<24.3}", row.method, row.k, row.ndcg10, row.gauc);
        }
        if !others.is_empty() {
            println!("(lightgbm_counters: {SOURCE})");
        }
        self.print_pairs();
        self.print_controls();
    }

    fn line(&self, method: &str, k: &str, card: &Scorecard) -> String {
        let cell = |measure: Measure| {
            let estimate = card.columns.get(&measure).and_then(|column| self.bootstrap.estimate(column));
            estimate.map_or("–".into(), |e| format!("{:.4} [{:.4}, {:.4}]", e.mean, e.lo, e.hi))
        };
        let short = |value: Option<f64>| value.map_or("–".into(), |value| format!("{value:.3}"));
        let mean = |subset| short(card.mean(Metric::Gauc, subset));
        format!(
            "{method:<18}{k:>3}  {:<24}{:<24}{:<7}{:<7}{:<24}{:<6}",
            cell(NDCG),
            cell(GAUC),
            mean(Subset::Warm),
            mean(Subset::Cold),
            cell(LOSS),
            short(card.ece)
        )
    }

    fn print_pairs(&self) {
        println!("\n{STUDENT} minus …      k  NDCG@10                     GAUC");
        for (rival, k, differences) in self.pairs() {
            let cells = differences.iter().map(|(_, d)| {
                let mark = if d.significant() { "*" } else { " " };
                format!("{:+.4} [{:+.4}, {:+.4}]{mark}", d.diff, d.lo, d.hi)
            });
            println!("{rival:<22}{k:>4}  {}", cells.collect::<Vec<_>>().join("  "));
        }
        println!("(* the interval excludes 0)");
    }

    fn print_controls(&self) {
        let share = |name: &str| {
            let share = self.swap(name);
            share.map_or("no gain to share".into(), |share| format!("{:.0} %", 100.0 * share))
        };
        println!(
            "another visitor's {POOL} events in place of the own: {} of the GAUC gain remains, {} of the NDCG@10 gain",
            share("gauc"),
            share("ndcg10")
        );
        if let Some(card) = self.controls.stated.get(&0) {
            println!("three stated genres, no events:\n{}", self.line(STUDENT, "0", card));
        }
        for (k, share) in self.kept() {
            println!(
                "of the teacher's GAUC gain over the server's order at k = {k} the student keeps {:.0} %",
                100.0 * share
            );
        }
    }

    /// The student against others and against itself before any feedback: rival, k, differences.
    fn pairs(&self) -> Vec<Pair> {
        let mut pairs = Vec::new();
        let Some((.., own)) = self.methods.iter().find(|(name, ..)| *name == STUDENT) else { return pairs };
        for (&k, card) in own {
            let earlier = own.get(&0).filter(|_| k > 0).map(|card| (format!("{STUDENT}@0"), card));
            let others = [SERVER, STUDENT_F32, TEACHER];
            let others = others.iter().filter_map(|name| Some(((*name).to_string(), self.card(name, k)?)));
            for (rival, other) in others.chain(earlier) {
                let differences =
                    [("ndcg10", NDCG), ("gauc", GAUC)].into_iter().filter_map(|(label, measure)| {
                        let columns = card.columns.get(&measure).zip(other.columns.get(&measure))?;
                        Some((label, self.bootstrap.difference(columns.0, columns.1)?))
                    });
                pairs.push((rival, k, differences.collect()));
            }
        }
        pairs
    }

    /// The share of the gain of [`POOL`] events that another visitor's events give as well.
    fn swap(&self, metric: &str) -> Option<f64> {
        let metric = if metric == "gauc" { Metric::Gauc } else { Metric::Ndcg };
        let mean = |card: &Scorecard| card.mean(metric, Subset::All);
        let none = mean(self.card(STUDENT, 0)?)?;
        let own = mean(self.card(STUDENT, POOL)?)? - none;
        let swapped = mean(self.controls.swapped.get(&POOL)?)? - none;
        (own > 0.0).then(|| swapped / own)
    }

    /// The student's share of the teacher's gain over the server's order, where the teacher gains.
    fn kept(&self) -> Vec<(usize, f64)> {
        let share = |k: usize| {
            let (server, teacher) = (self.gauc(SERVER, k)?, self.gauc(TEACHER, k)?);
            let gain = teacher - server;
            (gain > 0.0).then_some((k, (self.gauc(STUDENT, k)? - server) / gain))
        };
        KEPT.into_iter().filter_map(share).collect()
    }

    /// The layout that scripts read.
    pub fn document(&self, dataset: &str) -> Value {
        let mut rows = Vec::new();
        for (method, _, cards) in &self.methods {
            rows.extend(cards.iter().map(|(&k, card)| self.row(method, k, card)));
        }
        rows.extend(published(&self.digest).iter().map(|row| {
            json!({"method": row.method, "k": row.k, "source": SOURCE,
                "ndcg10": {"mean": row.ndcg10}, "gauc": {"mean": row.gauc}})
        }));
        let mut paired = Vec::new();
        for (rival, k, differences) in self.pairs() {
            paired.extend(differences.iter().map(|(metric, d)| {
                json!({"a": STUDENT, "b": rival, "k": k, "metric": metric, "diff": d.diff, "lo": d.lo, "hi": d.hi})
            }));
        }
        let stated = self.controls.stated.get(&0).map(|card| self.row(STUDENT, 0, card));
        let mean = |metric: &str| stated.as_ref().map(|row| row[metric]["mean"].clone());
        json!({
            "dataset": dataset, "protocol": self.protocol.number(), "split": self.split.to_string(),
            "users": self.users, "candidates": self.candidates, "lists": self.digest,
            "rows": rows, "paired": paired,
            "swap": {"k": POOL, "remaining_share_of_gain": self.swap("gauc"), "remaining_share_of_gain_ndcg10": self.swap("ndcg10")},
            "preferences": {"ndcg10": mean("ndcg10"), "gauc": mean("gauc"), "row": stated},
            "kept_of_teachers_gain": self.kept().iter().map(|(k, share)| json!({"k": k, "metric": "gauc", "share": share})).collect::<Vec<_>>(),
        })
    }

    fn row(&self, method: &str, k: usize, card: &Scorecard) -> Value {
        let estimate = |measure: Measure| {
            let estimate = card.columns.get(&measure).and_then(|column| self.bootstrap.estimate(column));
            estimate.map_or(Value::Null, |e| json!({"mean": e.mean, "lo": e.lo, "hi": e.hi}))
        };
        json!({
            "method": method, "k": k,
            "ndcg10": estimate(NDCG), "gauc": estimate(GAUC), "logloss": estimate(LOSS),
            "gauc_warm": card.mean(Metric::Gauc, Subset::Warm), "gauc_cold": card.mean(Metric::Gauc, Subset::Cold),
            "ece": card.ece,
        })
    }
}
