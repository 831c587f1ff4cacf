//! In: a log's visits, click models of the page. Out: [`Student`]: how likely a visitor who did this before
//! clicks what is shown, with the page's own estimate as the residual.
//! Must never be asked to learn from what a page model says of those whom it learnt from.
//!
//! Wide and deep (Cheng et al. 2016, arXiv 1606.07792) across the wire: the wide part, hashed features
//! of the page and their crosses, is the server's score; the deep part, the session's features, is what
//! a device adds. Features, session and rounding are those of every other model.

use super::Outcome;
use super::engine::Compute;
use super::fit::{Plan, Sheet, fit};
use super::net::Tower;
use super::plans;
use super::recipe;
use super::rounding;
use crate::baseline::ctr::{ClickModel, Task};
use crate::baseline::logistic::Logistic;
use crate::logs::facts::Facts;
use crate::logs::kinds::{Kind, Kinds};
use crate::logs::visits::EXPOSURES;
use crate::logs::{LoggedVisit, VisitLog};
use crate::replay::hash::{fnv, mix};
use crate::replay::{LIST, Split, calibrate};
use candle_core::{Device, Tensor};
use ndarray::Array2;
use ranklet::event::{Action, Event};
use ranklet::features::{self, Channel, Feature, Pool, Source};
use ranklet::item::{Items, Packer};
use ranklet::model::Platt;
use ranklet::session::{ItemFacts, Session, View};
use ranklet::text::tag_id;
use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::rc::Rc;

/// Milliseconds in which what somebody did halves: a day.
const HALF_LIFE_MS: f64 = 86_400_000.0;
/// Bound of the page's logit.
const LOGIT: f64 = 12.0;

/// The half of the train visitors that a visitor belongs to.
#[must_use]
pub fn half(user: &str) -> bool {
    mix(fnv(format_args!("half:{user}"))).is_multiple_of(2)
}

/// Click models of the page alone: one for those who are met, and one of each half of the train visitors,
/// to be asked of the other half.
pub struct Pages {
    /// Of all train visitors.
    pub all: Logistic,
    /// Of those of whom [`half`] is true.
    pub one: Logistic,
    /// Of the others.
    pub other: Logistic,
}

/// A click model that knows what the visitor did.
pub struct Student<'a> {
    name: &'static str,
    page: Logistic,
    reader: Reader<'a>,
    tower: Tower,
    calibration: Platt,
}

/// Makes columns of visits.
struct Reader<'a> {
    log: &'a VisitLog,
    features: Vec<Feature>,
    actions: BTreeMap<String, Action>,
    /// Kinds of events that are not looked at.
    ignored: Kinds,
    /// By item and, since facts change, by the version of them that was known.
    known: HashMap<(u32, Option<*const Facts>), Rc<ItemFacts>>,
}

/// The page's logit, and what the session says.
fn columns(scores: recipe::Moments) -> Vec<Feature> {
    let mut server = recipe::features(&recipe::ListMoments {
        score: scores,
        log_popularity: scores,
        year: scores,
        unrated_score: scores.mean,
    });
    server.truncate(1);
    server.extend(recipe::session_features());
    // In films nobody is shown anything; here what was passed over on one tag alone counts.
    let peak = Source::TagAffinity { channel: Channel::Exposed, pool: Pool::Peak };
    let like = server.iter().find(|f| f.name == "tags_positive_peak").map(|f| f.transform.clone());
    server.push(Feature {
        name: "tags_exposed_peak".into(),
        source: peak,
        transform: like.unwrap_or_default(),
        missing: 0.0,
    });
    server
}

impl Reader<'_> {
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

    /// `[candidates, columns]`, of every candidate.
    fn read(&mut self, visit: &LoggedVisit<'_>, page: &[f64]) -> ranklet::Result<Array2<f32>> {
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

    /// What an event says; `None` of a type that the model does not know.
    fn strength(&self, kind: Kind, value: f32) -> Option<[f32; 3]> {
        let kind = self.log.kinds().name(kind);
        Event { kind, id: "", at_ms: 0.0, value: f64::from(value) }.strength(&self.actions).ok()
    }
}

fn logit(probability: f64) -> f32 {
    (probability / (1.0 - probability)).ln().clamp(-LOGIT, LOGIT) as f32
}

/// How it is trained: rows of any visits together, pointwise.
fn plan() -> Plan {
    Plan {
        hidden: vec![32],
        steps: 2_000,
        batch: 16,
        decay: 0.05,
        listwise: 0.0,
        distil: 0.0,
        ..plans::engage()
    }
}

impl<'a> Student<'a> {
    /// Steps of a training at some effort.
    #[must_use]
    pub fn steps(effort: f64) -> usize {
        ((plan().steps as f64 * effort) as usize).max(1)
    }

    /// Trains it on the seen items of train visits; with `exposures` false it never hears of
    /// impressions and skips. `effort` is a share of its steps.
    ///
    /// # Errors
    /// Nothing was seen, or as candle and the ranker's own.
    pub fn train(
        name: &'static str,
        task: &Task<'a>,
        pages: &Pages,
        exposures: bool,
        effort: f64,
        tell: impl FnMut(),
    ) -> Outcome<Student<'a>> {
        let ignored = if exposures { Kinds::default() } else { task.log.kinds().set(&EXPOSURES) };
        let actions = recipe::actions();
        let mut page = pages.all.clone();
        let (mut one, mut other) = (pages.one.clone(), pages.other.clone());
        // What models say of train visits that they never saw.
        let mut said = Vec::new();
        for visit in task.log.visits_of(task.by, Split::Train) {
            let crossed = if half(visit.user) { &mut other } else { &mut one };
            said.push(crossed.predict(task.log, &visit)?);
        }
        let logits = said.iter().flatten().map(|&probability| logit(probability));
        let features = columns(recipe::Moments::of(logits));
        let mut reader = Reader { log: task.log, features, actions, ignored, known: HashMap::new() };
        let mut rows = Rows::default();
        for (visit, page) in task.log.visits_of(task.by, Split::Train).zip(&said) {
            rows.take(task, &visit, &reader.read(&visit, page)?);
        }
        let sheets = rows.sheets(reader.features.len())?;
        if sheets.is_empty() {
            return Err("nothing was seen in the train split".into());
        }
        let plan = Plan { steps: Self::steps(effort), ..plan() };
        let tower = fit(&plan, &sheets.iter().collect::<Vec<_>>(), 1, tell)?.tower;
        let watch = |towers: &[Tower]| {
            let mut watching = Compute::watching();
            for sheet in sheets.iter().step_by((sheets.len() / 100).max(1)) {
                towers.iter().try_for_each(|tower| tower.of(&mut watching, &sheet.columns).map(drop))?;
            }
            Ok(watching.seen.unwrap_or_default())
        };
        let tower = rounding::in_8_bits(vec![tower], watch)?.pop().ok_or("no tower")?;
        let calibration = Platt { slope: 1.0, intercept: 0.0 };
        let mut student = Student { name, page: page.clone(), reader, tower, calibration };
        let mut outputs = Vec::new();
        for visit in task.log.visits_of(task.by, Split::Validation) {
            let said = page.predict(task.log, &visit)?;
            let scores = student.scores(&visit, &said)?;
            let seen = visit.candidates.iter().zip(scores).filter(|(candidate, _)| candidate.seen);
            outputs.extend(seen.map(|(candidate, score)| (score, task.clicked(candidate))));
        }
        student.calibration = calibrate::platt(&outputs);
        Ok(student)
    }

    fn scores(&mut self, visit: &LoggedVisit<'_>, page: &[f64]) -> Outcome<Vec<f32>> {
        let dense = self.reader.read(visit, page)?;
        let shape = (dense.nrows(), dense.ncols());
        if shape.0 == 0 {
            return Ok(Vec::new());
        }
        let columns = Tensor::from_vec(dense.into_iter().collect::<Vec<f32>>(), shape, &Device::Cpu)?;
        Ok(self.tower.of(&mut Compute::default(), &columns)?.flatten_all()?.to_vec1()?)
    }
}

impl ClickModel for Student<'_> {
    fn name(&self) -> String {
        self.name.into()
    }

    fn predict(&mut self, log: &VisitLog, visit: &LoggedVisit<'_>) -> Result<Vec<f64>, Box<dyn Error>> {
        let page = self.page.predict(log, visit)?;
        let scores = self.scores(visit, &page)?;
        Ok(scores.into_iter().map(|score| f64::from(self.calibration.probability(score))).collect())
    }
}

/// Seen items of any visits.
#[derive(Default)]
struct Rows {
    columns: Vec<f32>,
    labels: Vec<f32>,
}

impl Rows {
    fn take(&mut self, task: &Task<'_>, visit: &LoggedVisit<'_>, dense: &Array2<f32>) {
        for (row, candidate) in dense.outer_iter().zip(visit.candidates).filter(|(_, c)| c.seen) {
            self.columns.extend(row.iter());
            self.labels.push(f32::from(task.clicked(candidate)));
        }
    }

    /// [`LIST`] rows a sheet, the last one padded.
    fn sheets(mut self, width: usize) -> candle_core::Result<Vec<Sheet>> {
        let count = self.labels.len();
        let padded = count.next_multiple_of(LIST);
        self.columns.resize(padded * width, 0.0);
        self.labels.resize(padded, 0.0);
        let rows = self.columns.chunks_exact((LIST * width).max(1)).zip(self.labels.chunks_exact(LIST));
        rows.enumerate()
            .map(|(index, (columns, labels))| {
                let mask = (0..LIST).map(|row| f32::from(index * LIST + row < count)).collect();
                let columns = Tensor::from_slice(columns, (LIST, width), &Device::Cpu)?;
                let labels = labels.to_vec();
                Ok(Sheet { columns, gains: labels.clone(), labels, mask, teacher: None, list: None })
            })
            .collect()
    }
}
