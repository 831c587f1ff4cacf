//! A compiled model with the vectors of the texts that it encoded before.
//! The two belong together: vectors of another model mean nothing to this one.

use super::cache::VectorCache;
use crate::error::Result;
use crate::model::{Manifest, Plan, Role};

/// A model in use.
#[derive(Debug)]
pub struct LoadedModel {
    pub(crate) plan: Plan,
    pub(super) cache: VectorCache,
}

impl LoadedModel {
    /// Loads a model, with nothing encoded yet.
    ///
    /// # Errors
    /// Any of the `model/…` kinds.
    pub fn load(model: &[u8]) -> Result<LoadedModel> {
        let plan = Plan::load(model)?;
        Ok(LoadedModel { cache: VectorCache::of(&plan), plan })
    }

    /// What the model says about itself.
    pub fn manifest(&self) -> &Manifest {
        self.plan.manifest()
    }

    /// Forgets the vectors: laws compare with a model that has done nothing yet.
    #[cfg(test)]
    pub(crate) fn clear_cache(&mut self) {
        self.cache = VectorCache::of(&self.plan);
    }

    /// The vectors of some rows of tokens, in order, each from the cache or the encode stage; `done`
    /// gets the row's number. Nothing if the model has no such stage.
    ///
    /// # Errors
    /// [`crate::Kind::ModelRun`]; `done` was told of those before.
    pub fn encode(&mut self, rows: &[&[u32]], mut done: impl FnMut(usize, &[f32])) -> Result<()> {
        if !self.plan.encodes() {
            return Ok(());
        }
        let mut missing = Vec::new();
        for (row, tokens) in rows.iter().enumerate() {
            match self.cache.get(tokens) {
                Some(vector) => done(row, vector),
                None => missing.push((row, *tokens)),
            }
        }
        let ([_, width], [most, _]) = (self.plan.manifest().shape_of(Role::Tokens), self.plan.most_rows());
        for chunk in missing.chunks(most.max(1)) {
            let mut ids = vec![0i64; chunk.len() * width];
            for (to, (_, tokens)) in ids.chunks_exact_mut(width).zip(chunk) {
                for (cell, &token) in to.iter_mut().zip(*tokens) {
                    *cell = i64::from(token);
                }
            }
            let vectors = self.plan.encode(&ids)?;
            for (vector, (row, tokens)) in vectors.chunks_exact(self.plan.manifest().vector).zip(chunk) {
                self.cache.insert(tokens, vector);
                done(*row, vector);
            }
        }
        Ok(())
    }
}
