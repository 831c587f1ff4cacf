//! In: ratings, a catalogue, settings. Out: [`Course`]: knowledge, a teacher, a student.
//! The order of work: learn what a server knows → cut lists → examples → teacher → student.
//! Must never use a test user, nor a validation user for anything but looking.

use super::Outcome;
use super::examples::{Lesson, Maker, Variation};
use super::fit::{Plan, Sheet, Trained, fit, tune};
use super::knowledge::Learnt;
use super::model::Model;
use super::net::{EVIDENCE, EVIDENCE_NAMES};
use super::plans;
use super::prune;
use super::recipe::{self, ListMoments};
use super::restore;
use super::sheets::{Moments, Page, varied};
use super::teacher::{self, Plans, Teacher};
use super::trees::Growth;
use crate::catalogue::Catalogue;
use crate::replay::stats::Stats;
use crate::replay::{Histories, Visit, v1, v2};
use candle_core::{Device, Tensor};
use indicatif::{ProgressBar, ProgressStyle};
use ranklet::model::Manifest;

/// Windows into a train user's history from which lists are cut.
const OFFSETS: [usize; 3] = [0, 20, 60];
/// Draws of sampled negatives, so that no list is learnt by heart.
const SALTS: [&str; 4] = ["train-a:", "train-b:", "train-c:", "train-d:"];

/// A pruned student trains on for this part of the steps, at this part of the rate.
const TUNING: usize = 4;
/// Lists that units are judged on when some must go.
const SAMPLE: usize = 60;

/// How to train.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Seed of everything random.
    pub seed: u64,
    /// The model's name.
    pub name: String,
    /// Share of each plan's steps to take; 1 is the recipe.
    pub effort: f64,
    /// Whether to distil from a teacher.
    pub distil: bool,
    /// How examples are varied.
    pub variation: Variation,
    /// Numbers of a collaborative vector.
    pub width: usize,
    /// Rows of history.
    pub history: usize,
    /// The student's heads.
    pub engage: Plan,
    /// As `engage`.
    pub like: Plan,
    /// Share of the hidden units that go after training, from 0 to below 1; what is left trains on for a
    /// quarter of the steps.
    pub prune: f64,
    /// Beginnings of the names of columns that the student does not get to see, in ablations.
    pub hidden: &'static [&'static str],
}

/// What training gives.
pub struct Course {
    /// What is known of items.
    pub learnt: Learnt,
    /// A manifest without golden vectors, calibration, hash and card.
    pub manifest: Manifest,
    /// Standardising constants.
    pub moments: Moments,
    /// The teacher, if there was one.
    pub teacher: Option<Teacher>,
    /// The training lists as columns.
    pub pages: Vec<Page>,
    /// Number of training lists.
    pub lists: usize,
}

/// A progress bar for people; none where nobody looks.
pub fn bar(name: &str, length: u64) -> ProgressBar {
    let style = ProgressStyle::with_template(&format!("{name:<12} {{bar:32}} {{pos}}/{{len}}, {{eta}} left"));
    let bar = ProgressBar::new(length);
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar
}

impl Settings {
    /// A plan with the settings' effort.
    fn paced(&self, plan: &Plan) -> Plan {
        Plan { steps: ((plan.steps as f64 * self.effort) as usize).max(1), ..plan.clone() }
    }

    fn teacher_plans(&self, lesson: Lesson) -> Plans {
        let (tower, forest) = match lesson {
            Lesson::Engage => (plans::teacher_engage(), plans::forest_engage()),
            Lesson::Like => (plans::teacher_like(), plans::forest_like()),
        };
        let rounds = ((forest.rounds as f64 * self.effort) as usize).max(1);
        Plans { tower: self.paced(&tower), forest: Growth { rounds, ..forest } }
    }
}

impl Course {
    /// Learns, cuts lists, trains the teacher. `crossed`: a student will follow.
    ///
    /// # Errors
    /// Too few ratings, or as candle and the ranker's own.
    pub fn prepare(
        histories: &Histories,
        catalogue: &Catalogue,
        settings: &Settings,
        crossed: bool,
    ) -> Outcome<Course> {
        let visits = visits(histories);
        let taught = |lesson| visits.iter().any(|(own, _)| *own == lesson);
        if !taught(Lesson::Engage) || !taught(Lesson::Like) {
            let what = "too few opinions: no train user has a list; it takes users with 50 and more, and some 400 items";
            return Err(what.into());
        }
        let text = recipe::text();
        let progress = bar("learning", 1 + crate::replay::split::FOLDS);
        let learnt = Learnt::of(histories, catalogue, &text, settings.width, || progress.inc(1))?;
        progress.finish_and_clear();
        let moments = list_moments(catalogue, &visits, &learnt.all.served.stats);
        let mut manifest = recipe::manifest(&settings.name, env!("CARGO_PKG_VERSION"), &moments);
        recipe::shape(&mut manifest, &learnt, settings.history);
        let maker = Maker { catalogue, manifest: &manifest, learnt: &learnt, variation: settings.variation };
        let again = |lesson| if lesson == Lesson::Engage { 2 } else { 4 };
        let count: usize = visits.iter().map(|(lesson, _)| again(*lesson)).sum();
        let progress = bar("examples", count as u64);
        let examples = varied(&maker, &visits, again, settings.seed, || progress.inc(1))?;
        progress.finish_and_clear();
        let only: Vec<_> = examples.iter().map(|(_, example)| example.clone()).collect();
        let moments = Moments::of(&only, settings.width)?;
        drop(only);
        let attended = settings.engage.attention.is_some();
        let mut pages = Vec::with_capacity(examples.len());
        for (lesson, example) in &examples {
            pages.push(moments.page(*lesson, example, attended && *lesson == Lesson::Engage)?);
        }
        drop(examples);
        let mut course = Course { learnt, manifest, moments, teacher: None, pages, lists: visits.len() };
        if settings.distil {
            course.teach(settings, crossed)?;
        }
        Ok(course)
    }

    fn teach(&mut self, settings: &Settings, crossed: bool) -> Outcome {
        let members = if crossed { teacher::PARTS * teacher::CROSSED } else { teacher::MEMBERS };
        let plans = |lesson| settings.teacher_plans(lesson);
        let steps = plans(Lesson::Engage).steps() + plans(Lesson::Like).steps();
        let progress = bar("teacher", members * steps as u64);
        let teacher = Teacher::train(&self.pages, &plans, settings.seed, crossed, || progress.inc(1))?;
        progress.finish_and_clear();
        if crossed {
            for page in &mut self.pages {
                page.sheet.teacher = Some(teacher.crossed(page)?);
            }
        }
        self.teacher = Some(teacher);
        Ok(())
    }

    /// `[1, columns]`: 0 for the columns whose names begin so, 1 for the others; `None` if all are shown.
    ///
    /// # Errors
    /// As candle.
    pub fn shown(&self, hidden: &[&str]) -> candle_core::Result<Option<Tensor>> {
        if hidden.is_empty() {
            return Ok(None);
        }
        let features = self.manifest.features.iter().map(|feature| feature.name.as_str());
        let names = features.chain(EVIDENCE_NAMES);
        let shown = names.map(|name| f32::from(!hidden.iter().any(|start| name.starts_with(start))));
        let shown: Vec<f32> = shown.collect();
        Tensor::from_vec(shown.clone(), (1, shown.len()), &Device::Cpu).map(Some)
    }

    /// A student that was trained before, from its model file before rounding.
    ///
    /// # Errors
    /// As [`restore::towers`].
    pub fn restored(&self, settings: &Settings, file: &[u8]) -> Outcome<Model> {
        let plans = [&settings.engage, &settings.like].map(|plan| (plan.name, plan.gate.clone()));
        let towers = restore::towers(file, &plans, self.manifest.features.len() + EVIDENCE)?;
        Ok(Model { evidence: self.moments.evidence.clone(), attention: None, towers })
    }

    /// Trains a student.
    ///
    /// # Errors
    /// As candle.
    pub fn student(&self, settings: &Settings) -> Outcome<Model> {
        let jobs = [
            (Lesson::Engage, settings.paced(&settings.engage)),
            (Lesson::Like, settings.paced(&settings.like)),
        ];
        let shown = self.shown(settings.hidden)?;
        let again = |plan: &Plan| if settings.prune > 0.0 { plan.steps / TUNING } else { 0 };
        let steps: usize = jobs.iter().map(|(_, plan)| plan.steps + again(plan)).sum();
        let progress = bar("student", steps as u64);
        let taught = |plan: &Plan, sheets: &[&Sheet]| {
            let trained = fit(plan, sheets, settings.seed, || progress.inc(1))?;
            if settings.prune <= 0.0 {
                return Ok(trained);
            }
            let sample: Vec<&Tensor> =
                sheets.iter().step_by((sheets.len() / SAMPLE).max(1)).map(|sheet| &sheet.columns).collect();
            let cut = prune::pruned(&trained.tower, &Tensor::cat(&sample, 0)?, settings.prune)?;
            let plan = Plan { steps: again(plan).max(1), rate: plan.rate / TUNING as f64, ..plan.clone() };
            let tower = tune(&plan, sheets, &cut, settings.seed, || progress.inc(1))?;
            Ok(Trained { tower, attention: None })
        };
        let trained = teacher::parallel(&jobs, |(lesson, plan)| {
            let own = self.pages.iter().filter(|page| page.lesson == *lesson).map(|page| &page.sheet);
            let Some(shown) = &shown else {
                return taught(plan, &own.collect::<Vec<_>>());
            };
            let masked =
                own.map(|sheet| Ok(Sheet { columns: sheet.columns.broadcast_mul(shown)?, ..sheet.clone() }));
            let masked = masked.collect::<candle_core::Result<Vec<Sheet>>>()?;
            taught(plan, &masked.iter().collect::<Vec<_>>())
        })?;
        progress.finish_and_clear();
        let mut attention = None;
        let mut towers = Vec::new();
        for head in trained {
            attention = attention.or(head.attention);
            towers.push(head.tower);
        }
        Ok(Model { evidence: self.moments.evidence.clone(), attention, towers })
    }
}

/// Lists of train users, by lesson.
pub fn visits(histories: &Histories) -> Vec<(Lesson, Visit)> {
    let mut visits = Vec::new();
    for salt in SALTS {
        let own = v2::training_visits(histories, &OFFSETS, salt);
        visits.extend(own.into_iter().map(|visit| (Lesson::Engage, visit)));
    }
    let own = v1::training_visits(histories, &OFFSETS);
    visits.extend(own.into_iter().map(|visit| (Lesson::Like, visit)));
    visits
}

fn list_moments(catalogue: &Catalogue, visits: &[(Lesson, Visit)], stats: &Stats) -> ListMoments {
    let items = || {
        let engage = visits.iter().filter(|(lesson, _)| *lesson == Lesson::Engage);
        engage.flat_map(|(_, visit)| &visit.candidates).map(|candidate| candidate.item)
    };
    ListMoments {
        score: recipe::Moments::of(items().map(|item| stats.server_score(item) as f32)),
        log_popularity: recipe::Moments::of(items().map(|item| (stats.popularity(item) as f32).ln_1p())),
        year: recipe::Moments::of(
            items().map(|item| catalogue.get(item).map_or(f32::NAN, |facts| facts.year)),
        ),
        unrated_score: stats.mean() as f32,
    }
}
