//! In: the items of a list. Out: their vectors by position, found in the cache or encoded when needed.
//! A vector that the server sent takes the place of the text's.

use super::loaded_model::LoadedModel;
use crate::error::Result;
use crate::item::{Items, place};
use crate::model::Manifest;

/// Item vectors of a list, found or computed when first needed.
#[derive(Debug, Default)]
pub struct Vectors {
    data: Vec<f32>,
    known: Vec<bool>,
    width: usize,
    /// What one step of a server vector stands for.
    scale: f32,
}

impl Vectors {
    /// None known yet.
    pub fn of(items: usize, manifest: &Manifest) -> Vectors {
        let width = manifest.vector;
        let scale = manifest.vectors.as_ref().map_or(0.0, |vectors| vectors.scale);
        Vectors { data: vec![0.0; items * width], known: vec![false; items], width, scale }
    }

    /// The vector at a position; empty if the model has none.
    pub fn get(&self, position: usize) -> &[f32] {
        self.data.get(position * self.width..(position + 1) * self.width).unwrap_or_default()
    }

    /// All vectors, one row a position, and their width; a row that is not computed is zero.
    pub fn rows(&self) -> (&[f32], usize) {
        (&self.data, self.width)
    }

    fn set(&mut self, position: usize, vector: &[f32], items: &Items) {
        let row = position * self.width..(position + 1) * self.width;
        if let (Some(to), Some(known)) = (self.data.get_mut(row), self.known.get_mut(position)) {
            to.copy_from_slice(vector);
            if let Some(server) = items.server_vector(position) {
                place(to, server, self.scale);
            }
            *known = true;
        }
    }

    /// Takes from the cache what it has; gives the positions that must be encoded.
    pub fn fetch(&mut self, model: &LoadedModel, items: &Items, positions: &[u32]) -> Vec<u32> {
        if !model.plan.encodes() {
            return Vec::new();
        }
        let unknown = |position: &u32| self.known.get(*position as usize) == Some(&false);
        let mut missing: Vec<u32> = positions.iter().copied().filter(unknown).collect();
        missing.retain(|&position| match model.cache.get(items.tokens(position as usize)) {
            Some(vector) => {
                self.set(position as usize, vector, items);
                false
            }
            None => true,
        });
        missing
    }

    /// Encodes the items at some positions.
    ///
    /// # Errors
    /// [`crate::Kind::ModelRun`].
    pub fn encode(&mut self, model: &mut LoadedModel, items: &Items, positions: &[u32]) -> Result<()> {
        let rows: Vec<&[u32]> = positions.iter().map(|&p| items.tokens(p as usize)).collect();
        model.encode(&rows, |row, vector| {
            if let Some(&position) = positions.get(row) {
                self.set(position as usize, vector, items);
            }
        })
    }

    /// Makes those of `positions` known.
    ///
    /// # Errors
    /// [`crate::Kind::ModelRun`].
    pub fn ensure(&mut self, model: &mut LoadedModel, items: &Items, positions: &[u32]) -> Result<()> {
        let missing = self.fetch(model, items, positions);
        self.encode(model, items, &missing)
    }
}
