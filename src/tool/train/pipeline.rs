//! In: ratings, a catalogue, settings. Out: [`Pipeline`]: item representations, a teacher, a student.
//! The order of work: representations → lists → examples → tensors → teacher → student. Weights come from train users
//! alone; validation users are looked at by others, for calibration and choices.

use crate::data::catalogue::Catalogue;
use crate::data::history::Histories;
use crate::data::split::FOLDS;
use crate::data::stats::Stats;
use crate::data::visit::Visit;
use crate::error::Result;
use crate::progress;
use crate::train::batches::{ListScaler, ListTensors, TrainingList};
use crate::train::distil::{self, MemberParams, Teacher};
use crate::train::examples::{Augmentation, ExampleBuilder};
use crate::train::fit::{Trained, fine_tune, fit};
use crate::train::hyperparameters::{self, BoostingParams, TowerParams};
use crate::train::item_representations::CrossFit;
use crate::train::manifest::{self, FLOOR, ListScalers};
use crate::train::model::evidence::{EVIDENCE, EVIDENCE_NAMES};
use crate::train::model::heads::Model;
use crate::train::parallel::parallel;
use crate::train::prune;
use crate::train::restore;
use crate::train::scaler::Scaler;
use crate::train::task::Task;
use crate::train::training_lists::training_lists;
use candle_core::{Device, Tensor};
use ranklet::internals::model::Manifest;

/// A pruned student trains on for this part of the steps, at this part of the rate.
const TUNING: usize = 4;
/// Lists that units are judged on when some must go.
const SAMPLE: usize = 60;

/// How to train.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Seed of everything random.
    pub seed: u64,
    pub name: String,
    /// Share of the steps to take, above 0; 1 is the whole training.
    pub effort: f64,
    /// Whether to distil from a teacher.
    pub distil: bool,
    /// How examples are varied.
    pub augmentation: Augmentation,
    /// Numbers of a collaborative vector.
    pub width: usize,
    /// Rows of history.
    pub history: usize,
    /// The student's first head.
    pub engage: TowerParams,
    /// The student's second head.
    pub like: TowerParams,
    /// Share of the hidden units that go after training, from 0 to below 1; what is left trains on for a
    /// quarter of the steps.
    pub prune: f64,
    /// Beginnings of the names of columns that the student does not get to see, in ablations.
    pub hidden: &'static [&'static str],
}

impl Settings {
    /// The recommended ones.
    #[must_use]
    pub fn new(name: &str, seed: u64, effort: f64, distil: bool) -> Settings {
        Settings {
            seed,
            name: name.to_string(),
            effort,
            distil,
            augmentation: Augmentation::default(),
            width: manifest::VECTOR,
            history: manifest::HISTORY,
            engage: hyperparameters::engage(),
            like: hyperparameters::like(),
            prune: 0.0,
            hidden: &[],
        }
    }

    /// The share of some steps that the effort leaves, at least one.
    fn paced(&self, steps: usize) -> usize {
        ((steps as f64 * self.effort) as usize).max(1)
    }

    fn head(&self, task: Task) -> TowerParams {
        let params = match task {
            Task::Engage => &self.engage,
            Task::Like => &self.like,
        };
        TowerParams { steps: self.paced(params.steps), ..params.clone() }
    }

    /// Parameters of the teacher's members, by task.
    fn members(&self) -> [MemberParams; 2] {
        Task::ALL.map(|task| {
            let (tower, forest) = match task {
                Task::Engage => (hyperparameters::teacher_engage(), hyperparameters::forest_engage()),
                Task::Like => (hyperparameters::teacher_like(), hyperparameters::forest_like()),
            };
            MemberParams {
                tower: TowerParams { steps: self.paced(tower.steps), ..tower },
                forest: BoostingParams { rounds: self.paced(forest.rounds), ..forest },
            }
        })
    }

    /// Whether lists of a task keep what attention reads.
    pub fn attends(&self, task: Task) -> bool {
        self.engage.attention.is_some() && task == Task::Engage
    }
}

/// What training gives.
pub struct Pipeline {
    /// What is known of items.
    pub cross_fit: CrossFit,
    /// A manifest without golden vectors, calibration, hash and card.
    pub manifest: Manifest,
    /// Turns examples into tensors.
    pub scaler: ListScaler,
    /// The teacher, if there was one.
    pub teacher: Option<Teacher>,
    /// The training lists as tensors, several times varied.
    pub lists: Vec<TrainingList>,
    /// Number of training lists before they were varied.
    pub list_count: usize,
}

impl Pipeline {
    /// Learns representations, cuts lists, trains the teacher. `crossed`: a student will follow.
    ///
    /// # Errors
    /// Too few ratings, or as candle and the ranker's own.
    pub fn prepare(
        histories: &Histories,
        catalogue: &Catalogue,
        settings: &Settings,
        crossed: bool,
    ) -> Result<Pipeline> {
        let visits = training_lists(histories);
        if !Task::ALL.iter().all(|task| visits.iter().any(|(own, _)| own == task)) {
            let what = "too few opinions: no train user has a list; it takes users with 50 and more, and some 400 items";
            return Err(what.into());
        }
        let bar = progress::steps("learning", 1 + FOLDS);
        let text = manifest::text();
        let cross_fit = CrossFit::of(histories, catalogue, &text, settings.width, || bar.inc(1))?;
        bar.finish_and_clear();
        let scalers = list_scalers(catalogue, &visits, &cross_fit.all.served.stats);
        let mut manifest = manifest::manifest(&settings.name, env!("CARGO_PKG_VERSION"), &scalers);
        manifest::shape(&mut manifest, &cross_fit, settings.history);
        let augmentation = settings.augmentation;
        let builder = ExampleBuilder { catalogue, manifest: &manifest, cross_fit: &cross_fit, augmentation };
        let (scaler, lists) = tensors(&builder, &visits, settings)?;
        let list_count = visits.len();
        let mut pipeline = Pipeline { cross_fit, manifest, scaler, teacher: None, lists, list_count };
        if settings.distil {
            pipeline.teach(settings, crossed)?;
        }
        Ok(pipeline)
    }

    fn teach(&mut self, settings: &Settings, crossed: bool) -> Result {
        let params = settings.members();
        let bar = progress::steps("teacher", distil::steps(&params, crossed));
        let teacher = Teacher::train(&self.lists, &params, settings.seed, crossed, || bar.inc(1))?;
        bar.finish_and_clear();
        if crossed {
            for list in &mut self.lists {
                list.tensors.teacher = Some(teacher.crossed(list)?);
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
        let columns = shown.len();
        Tensor::from_vec(shown, (1, columns), &Device::Cpu).map(Some)
    }

    /// A student that was trained before, from its model file before rounding.
    ///
    /// # Errors
    /// As [`restore::towers`].
    pub fn restored(&self, settings: &Settings, file: &[u8]) -> Result<Model> {
        let heads = [&settings.engage, &settings.like].map(|params| (params.name, params.gate.clone()));
        let towers = restore::towers(file, &heads, self.manifest.features.len() + EVIDENCE)?;
        Ok(Model { evidence: self.scaler.evidence.clone(), attention: None, towers })
    }

    /// Trains a student.
    ///
    /// # Errors
    /// As candle.
    pub fn student(&self, settings: &Settings) -> Result<Model> {
        let jobs = Task::ALL.map(|task| (task, settings.head(task)));
        let shown = self.shown(settings.hidden)?;
        let again = |params: &TowerParams| if settings.prune > 0.0 { params.steps / TUNING } else { 0 };
        let steps: usize = jobs.iter().map(|(_, params)| params.steps + again(params)).sum();
        let bar = progress::steps("student", steps as u64);
        let trained = parallel(&jobs, |(task, params)| {
            let own = self.lists.iter().filter(|list| list.task == *task).map(|list| &list.tensors);
            let Some(shown) = &shown else {
                return head(params, &own.collect::<Vec<_>>(), settings, || bar.inc(1));
            };
            let masked = own
                .map(|list| Ok(ListTensors { columns: list.columns.broadcast_mul(shown)?, ..list.clone() }));
            let masked = masked.collect::<candle_core::Result<Vec<ListTensors>>>()?;
            head(params, &masked.iter().collect::<Vec<_>>(), settings, || bar.inc(1))
        })?;
        bar.finish_and_clear();
        let mut attention = None;
        let mut towers = Vec::new();
        for head in trained {
            attention = attention.or(head.attention);
            towers.push(head.tower);
        }
        Ok(Model { evidence: self.scaler.evidence.clone(), attention, towers })
    }
}

/// Varies the lists and turns them into tensors: those of the first task twice, the fewer of the second four
/// times.
fn tensors(
    builder: &ExampleBuilder,
    visits: &[(Task, Visit)],
    settings: &Settings,
) -> Result<(ListScaler, Vec<TrainingList>)> {
    let rounds = |task| if task == Task::Engage { 2 } else { 4 };
    let count: usize = visits.iter().map(|(task, _)| rounds(*task)).sum();
    let bar = progress::steps("examples", count as u64);
    let examples = builder.augmented_all(visits, rounds, settings.seed, || bar.inc(1))?;
    bar.finish_and_clear();
    let scaler = ListScaler::fit(examples.iter().map(|(_, example)| example), settings.width)?;
    let mut lists = Vec::with_capacity(examples.len());
    for (task, example) in &examples {
        lists.push(scaler.list(*task, example, settings.attends(*task))?);
    }
    Ok((scaler, lists))
}

/// Trains one head of the student; prunes it and trains it further if the settings say so.
fn head(
    params: &TowerParams,
    lists: &[&ListTensors],
    settings: &Settings,
    on_step: impl Fn(),
) -> candle_core::Result<Trained> {
    let trained = fit(params, lists, settings.seed, &on_step)?;
    if settings.prune <= 0.0 {
        return Ok(trained);
    }
    let sample: Vec<&Tensor> =
        lists.iter().step_by((lists.len() / SAMPLE).max(1)).map(|list| &list.columns).collect();
    let cut = prune::pruned(&trained.tower, &Tensor::cat(&sample, 0)?, settings.prune)?;
    let (steps, learning_rate) = ((params.steps / TUNING).max(1), params.learning_rate / TUNING as f64);
    let params = TowerParams { steps, learning_rate, ..params.clone() };
    let tower = fine_tune(&params, lists, &cut, settings.seed, &on_step)?;
    Ok(Trained { tower, attention: None })
}

fn list_scalers(catalogue: &Catalogue, visits: &[(Task, Visit)], stats: &Stats) -> ListScalers {
    let items = || {
        let engage = visits.iter().filter(|(task, _)| *task == Task::Engage);
        engage.flat_map(|(_, visit)| &visit.candidates).map(|candidate| candidate.item)
    };
    let year = |item| catalogue.get(item).map_or(f32::NAN, |known| known.year);
    ListScalers {
        score: Scaler::fit(items().map(|item| stats.server_score(item) as f32), FLOOR),
        log_popularity: Scaler::fit(items().map(|item| (stats.popularity(item) as f32).ln_1p()), FLOOR),
        year: Scaler::fit(items().map(year), FLOOR),
        unrated_score: stats.mean() as f32,
    }
}
