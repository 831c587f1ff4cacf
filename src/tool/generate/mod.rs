//! In: sizes and a seed. Out: an invented log in the four-event format, in order of time, one record at a time
//! ([`mod@ads`]), or a MovieLens-shaped folder ([`ratings`]). The same seed gives the same bytes on every machine.
//!
//! # The world of `ads`
//!
//! A visitor opens a page; a server picks advertisements by its own score, best first. What happens
//! follows the **position-based model**: an item is clicked if it is *examined* and *attractive*,
//! independently of the others (Richardson, Dominowska and Ragno, WWW 2007; Craswell et al., WSDM
//! 2008; Chuklin, Markov and de Rijke, *Click Models for Web Search*, 2015, section 3.3):
//!
//! ```text
//! P(click | seen) = γ(position) · α(visitor, item, context)
//! γ(p)  = (1 / (1 + p))^0.6                                   the position bias
//! logit α = -1.3 + quality + interest[category] + taste[format] + affinity[advertiser]
//!           - 0.35 |price band - the visitor's| + device × format + daypart × category - fatigue
//! fatigue = 0.8 ln(1 + n(item)) + 0.3 ln(1 + n(advertiser)) + 0.15 ln(1 + n(category))
//! ```
//!
//! `n` counts what the visitor has seen without clicking, with a half-life of a day; a click halves
//! the counts of its advertiser and category. So **exposure matters**: a model that is not told what
//! was seen cannot know it. Interests, tastes and affinities are the visitor's own and never logged;
//! a model has to read them from what was clicked.
//!
//! How far a visitor scrolls is drawn apart from clicks and is known: what came into view is logged
//! as `impression`, what was scrolled past without a click as `skip` as well. Whether something in
//! view was examined is not known; that is what makes position a bias. A click is followed by
//! `dwell`, in seconds, longer the greater the interest.
//!
//! Each shown item carries γ·α in the field [`crate::data::logs::visit::TRUTH`], so that the best possible
//! LogLoss and AUC can be printed. Readers of visits keep it apart from features.

pub mod ads;
mod clicks;
pub mod ratings;
mod records;
mod rng;
mod world;

#[cfg(test)]
#[path = "../../../tests/tool/generate.rs"]
mod tests;
