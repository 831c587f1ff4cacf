//! In: a logged visit, a page model's click probabilities. Out: the columns that the click model's tower reads: the
//! page's own estimate, and what the session says of each candidate. Session and features are the ranker's own.

use crate::data::logs::facts::LoggedItem;
use crate::data::logs::kinds::{Kind, Kinds};
use crate::data::logs::visit::LoggedVisit;
use crate::data::logs::visits::VisitLog;
use crate::train::manifest::{self, FLOOR, ListScalers};
use crate::train::scaler::Scaler;
use ndarray::Array2;
use ranklet::internals::event::{Action, Event};
use ranklet::internals::features::{self, Channel, Feature, Pool, Source};
use ranklet::internals::item::{Items, Packer};
use ranklet::internals::session::{ItemFacts, Session, View};
use ranklet::internals::text::tag_id;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

/// Milliseconds in which what somebody did halves: a day.
const HALF_LIFE_MS: f64 = 86_400_000.0;
/// Bound of the page's logit.
const LOGIT: f64 = 12.0;

/// Makes columns of visits.
pub struct ClickFeatures<'a> {
    log: &'a VisitLog,
    features: Vec<Feature>,
    actions: BTreeMap<String, Action>,
    /// Kinds of events that are not looked at.
    ignored: Kinds,
    /// By item and, since facts change, by the version of them that was known.
    known: HashMap<(u32, Option<*const LoggedItem>), Rc<ItemFacts>>,
}

/// The page's logit, and what the session says.
fn columns(page: Scaler) -> Vec<Feature> {
    let mut columns = manifest::features(&ListScalers {
        score: page,
        log_popularity: page,
        year: page,
        unrated_score: page.mean,
    });
    columns.truncate(1);
    columns.extend(manifest::session_features());
    // In films nobody is shown anything; here what was passed over on one tag alone counts.
    let peak = Source::TagAffinity { channel: Channel::Exposed, pool: Pool::Peak };
    let like = columns.iter().find(|f| f.name == "tags_positive_peak").map(|f| f.transform.clone());
    columns.push(Feature {
        name: "tags_exposed_peak".into(),
        source: peak,
        transform: like.unwrap_or_default(),
        missing: 0.0,
    });
    columns
}

impl<'a> ClickFeatures<'a> {
    /// `page` are the page's probabilities on the train visits, which its logit is standardised by; events of
    /// the kinds `ignored` are not looked at.
    pub fn new<'p>(
        log: &'a VisitLog,
        ignored: Kinds,
        page: impl Iterator<Item = &'p f64>,
    ) -> ClickFeatures<'a> {
        let scaler = Scaler::fit(page.map(|&probability| logit(probability)), FLOOR);
        let (features, actions) = (columns(scaler), manifest::actions());
        ClickFeatures { log, features, actions, ignored, known: HashMap::new() }
    }

    /// Number of columns.
    pub fn width(&self) -> usize {
        self.features.len()
    }

    /// `[candidates, columns]`, of every candidate of a visit.
    ///
    /// # Errors
    /// As the ranker's own.
    pub fn read(&mut self, visit: &LoggedVisit<'_>, page: &[f64]) -> ranklet::Result<Array2<f32>> {
        let log = self.log;
        let mut packer = Packer::default();
        for (candidate, probability) in visit.candidates.iter().zip(page) {
            let own = format!("item:{}", log.item_id(candidate.item));
            let tags = log.facts(candidate.item, visit.at).map_or(&[][..], |facts| &facts.tags);
            let tags: Vec<&str> = tags.iter().map(String::as_str).chain([own.as_str()]).collect();
            packer.push(log.item_id(candidate.item), "", &tags, logit(*probability), &[]);
        }
        let items = Items::read(&packer.packed(), None, 0)?;
        let mut session = Session::default();
        for event in visit.past {
            if self.ignored.has(event.kind) {
                continue;
            }
            let Some(strength) = self.strength(event.kind, event.value) else { continue };
            let known = self.known(event.item, visit.at);
            session.observe("", event.at as f64, known, strength);
        }
        let view = View { now_ms: Some(visit.at), half_life_ms: Some(HALF_LIFE_MS), ..View::default() };
        let mut dense = Array2::zeros((items.len(), self.features.len()));
        features::fill(&mut dense, &self.features, &[], &items, session.profile_as(&view), |_| true);
        Ok(dense)
    }

    fn known(&mut self, item: u32, at: i64) -> Rc<ItemFacts> {
        let log = self.log;
        let facts = log.facts(item, at);
        let make = || {
            let (id, own) = (log.item_id(item), format!("item:{}", log.item_id(item)));
            let tags = facts.map_or(&[][..], |facts| &facts.tags);
            let tags = tags.iter().map(String::as_str).chain([own.as_str()]);
            Rc::new(ItemFacts {
                id: id.into(),
                tags: tags.filter_map(tag_id).collect(),
                ..ItemFacts::default()
            })
        };
        Rc::clone(self.known.entry((item, facts.map(std::ptr::from_ref))).or_insert_with(make))
    }

    /// What an event says; `None` of a type that the model does not know.
    fn strength(&self, kind: Kind, value: f32) -> Option<[f32; 3]> {
        let kind = self.log.kinds().name(kind);
        Event { kind, id: "", at_ms: 0.0, value: f64::from(value) }.strength(&self.actions).ok()
    }
}

fn logit(probability: f64) -> f32 {
    (probability / (1.0 - probability)).ln().clamp(-LOGIT, LOGIT) as f32
}
