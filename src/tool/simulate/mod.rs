//! In: a model, films, rules, a seed. Out: how the topics that visitors are shown concentrate over time.
//! Visitors like what they were shown and clicked (Jiang et al. 2019, arXiv 1902.10730), the ranker shows what they
//! click: the loop that guardrails are for. [`simulation`] runs it, [`visitor`] clicks, [`concentration`] measures.

pub mod concentration;
pub mod simulation;
mod visitor;

#[cfg(test)]
#[path = "../../../tests/tool/simulate.rs"]
mod tests;
