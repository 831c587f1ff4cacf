//! In: a model and a list. Out: [`Ranker`], which holds both and the session of one visitor.
//! Feedback, rankings, explanations and snapshots are added to it by the other files of this folder.

use super::candidate_list::CandidateList;
use super::report::Ranking;
use super::scores::combine;
use crate::error::{Error, Kind, Result};
use crate::item::{Candidate, Items, Packed, Packer};
#[cfg(doc)]
use crate::limits;
use crate::model::Manifest;
use crate::rules::ExtraFields;
use crate::score::{LoadedModel, score_rows};
use crate::session::{ItemFacts, Session};
use std::borrow::Borrow;
use std::collections::VecDeque;
use std::rc::Rc;

/// Orders one list at a time for one visitor.
#[derive(Debug)]
pub struct Ranker {
    pub(super) model: LoadedModel,
    pub(super) list: CandidateList,
    pub(super) session: Session,
    /// Items that events may be about although they are in no list, the newest last.
    pub(super) remembered: VecDeque<Rc<ItemFacts>>,
}

impl Ranker {
    /// Loads a model: verifies its hash, vets it, compiles it, runs its golden vectors.
    ///
    /// # Errors
    /// Any of the `model/…` kinds.
    pub fn load(model: &[u8]) -> Result<Ranker> {
        let model = LoadedModel::load(model)?;
        let list = CandidateList::new(Items::default(), model.manifest());
        Ok(Ranker { model, list, session: Session::default(), remembered: VecDeque::new() })
    }

    /// What the model says about itself.
    pub fn manifest(&self) -> &Manifest {
        self.model.manifest()
    }

    /// The session.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// The list.
    pub fn items(&self) -> &Items {
        self.list.items()
    }

    /// Work units of one block whose items are new, as [`crate::model::Plan::units`] counts them.
    pub fn block_units(&self) -> u64 {
        self.model.plan.units(1, self.manifest().block)
    }

    /// The same of one block whose items were encoded before: what a re-rank costs after an event.
    pub fn known_block_units(&self) -> u64 {
        self.model.plan.units(1, 0)
    }

    /// Columns of candidates, with the fields that the model reads, and vectors of its space.
    pub fn pack<C: Borrow<Candidate>>(&self, candidates: &[C]) -> Packer {
        let manifest = self.manifest();
        let vectors = manifest.vectors.as_ref().map(|spec| (spec.basis.as_str(), spec.width));
        Packer::pack(candidates, &manifest.fields, vectors)
    }

    /// Reads and checks packed items.
    pub(super) fn read(&self, packed: &Packed) -> Result<Items> {
        let manifest = self.manifest();
        let items = Items::read(packed, manifest.text.as_ref(), manifest.fields.len())?;
        let width = manifest.vectors.as_ref().map_or(0, |vectors| vectors.width);
        match items.server_width() {
            0 => Ok(items),
            own if own == width => Ok(items),
            own => {
                let what = format!("have {own} numbers an item, the model reads {width}");
                Err(Error::new(Kind::CandidatesMalformed, "vectors", what))
            }
        }
    }

    /// Takes the list to rank from now on.
    ///
    /// # Errors
    /// [`Kind::CandidatesMalformed`] for more than [`limits::CANDIDATES`], [`Kind::CandidateId`] for an
    /// empty or overlong id; the list before stays.
    pub fn set_candidates<C: Borrow<Candidate>>(&mut self, candidates: &[C]) -> Result<()> {
        let packer = self.pack(candidates);
        self.set_packed(&packer.packed())
    }

    /// [`Ranker::set_candidates`] for a list in columns.
    ///
    /// # Errors
    /// As there, and [`Kind::CandidatesMalformed`] for columns that do not fit each other.
    pub fn set_packed(&mut self, packed: &Packed) -> Result<()> {
        self.list = CandidateList::new(self.read(packed)?, self.model.manifest());
        Ok(())
    }

    /// Takes numeric fields of the current list that rules read and the model does not; the next
    /// list comes without.
    ///
    /// # Errors
    /// [`Kind::CandidatesMalformed`] if the values are not one row of the names an item.
    pub fn set_rule_fields(&mut self, names: Vec<String>, values: Vec<f32>) -> Result<()> {
        let items = self.items().len();
        if values.len() != names.len() * items {
            let what = format!("{} values of {} fields for {items} items", values.len(), names.len());
            return Err(Error::new(Kind::CandidatesMalformed, "ruleFields", what));
        }
        self.list.rule_fields = ExtraFields { names, values };
        Ok(())
    }

    /// The score of each row of a feature matrix `[n,F]`, as the graph reads it, row-major.
    ///
    /// For models whose score stage reads nothing else; neither list nor session has a say.
    ///
    /// # Errors
    /// [`Kind::CandidatesMalformed`] for another model, or another length than whole rows of at
    /// most [`limits::CANDIDATES`]; [`Kind::ModelRun`].
    pub fn score_batch(&mut self, rows: &[f32]) -> Result<Vec<f32>> {
        let heads = score_rows(&mut self.model.plan, rows)?;
        let weights: Vec<f32> = self.manifest().heads.iter().map(|head| head.weight).collect();
        Ok(combine(&heads, &weights))
    }

    /// Calibrated probabilities of one head by input position; NaN where the model gave none or
    /// the head has no calibration.
    pub fn probabilities(&self, ranking: &Ranking, head: usize) -> Vec<f32> {
        let platt = self.manifest().heads.get(head).and_then(|head| head.calibration);
        let probability = |row: ndarray::ArrayView1<f32>| match (row.get(head), platt) {
            (Some(output), Some(platt)) if output.is_finite() => platt.probability(*output),
            _ => f32::NAN,
        };
        ranking.heads.rows().into_iter().map(probability).collect()
    }

    /// As it was when it was loaded: laws compare with a ranker that has done nothing yet.
    #[cfg(test)]
    pub(crate) fn start_anew(&mut self) {
        self.model.clear_cache();
        self.list = CandidateList::new(Items::default(), self.model.manifest());
        self.session = Session::default();
        self.remembered.clear();
    }
}
