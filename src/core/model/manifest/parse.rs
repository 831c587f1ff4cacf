//! Parses a manifest and checks it: every number lies within its limits, and every name refers to something.
//! What is wrong is said with the manifest's key and the value that was found.
#![deny(clippy::indexing_slicing)]

use super::schema::{Manifest, Role, SCHEMA, Stage};
use crate::error::{Error, Kind, Result};
use crate::json::Json;
use crate::limits;

/// Bytes of a message about a manifest: names in it may be as long as the manifest.
const MESSAGE_BYTES: usize = 512;

fn wrong(place: impl Into<String>, what: impl Into<String>) -> Error {
    let cut = |mut text: String| {
        text.truncate(text.floor_char_boundary(MESSAGE_BYTES));
        text
    };
    Error::new(Kind::ModelManifest, cut(format!("manifest.{}", place.into())), cut(what.into()))
}

fn within(place: &str, value: usize, low: usize, high: usize) -> Result<()> {
    if (low..=high).contains(&value) {
        return Ok(());
    }
    Err(wrong(place, format!("is {value}, must be {low} to {high}")))
}

impl Manifest {
    /// Parses and checks a manifest.
    ///
    /// # Errors
    /// [`Kind::ModelManifest`] with the field's path.
    pub fn parse(json: &str) -> Result<Manifest> {
        if json.len() > limits::MANIFEST_BYTES {
            return Err(wrong("", format!("has {} bytes, at most {}", json.len(), limits::MANIFEST_BYTES)));
        }
        let read = Json::parse(json).and_then(|tree| tree.read::<Manifest>());
        let manifest = read.map_err(|error| wrong("", error.to_string()))?;
        manifest.check()?;
        Ok(manifest)
    }

    fn check(&self) -> Result<()> {
        if self.schema != SCHEMA {
            return Err(wrong("schema", format!("is {}, this build reads {SCHEMA}", self.schema)));
        }
        self.check_sizes()?;
        self.check_settings()?;
        self.check_stages()
    }

    fn check_sizes(&self) -> Result<()> {
        within("block", self.block, 1, limits::BLOCK)?;
        within("vector", self.vector, 0, limits::VECTOR)?;
        within("history", self.history, 0, limits::HISTORY)?;
        within("fields", self.fields.len(), 0, limits::FIELDS)?;
        within("features", self.features.len(), 0, limits::FEATURES)?;
        within("actions", self.actions.len(), 0, limits::ACTIONS)?;
        within("heads", self.heads.len(), 1, limits::HEADS)?;
        if let Some(text) = &self.text {
            within("text.table", text.table as usize, 2, limits::TEXT_TABLE)?;
            within("text.max_tokens", text.max_tokens, 1, limits::TOKENS)?;
        }
        if let Some(vectors) = &self.vectors {
            within("vectors.basis", vectors.basis.len(), 1, limits::BASIS_BYTES)?;
            within("vectors.width", vectors.width, 1, self.vector)?;
            if !(vectors.scale.is_normal() && vectors.scale > 0.0) {
                return Err(wrong("vectors.scale", format!("is {}", vectors.scale)));
            }
        }
        Ok(())
    }

    fn check_settings(&self) -> Result<()> {
        if let Some(hours) = self.session.half_life_hours.filter(|h| !limits::HALF_LIFE_HOURS.contains(h)) {
            return Err(wrong("session.half_life_hours", format!("is {hours}")));
        }
        if let Some(field) = self.prior.as_ref().filter(|field| !self.fields.contains(field)) {
            return Err(wrong("prior", format!("no field `{field}` in `fields`")));
        }
        for (index, feature) in self.features.iter().enumerate() {
            feature.check(&self.fields).map_err(|what| wrong(format!("features[{index}]"), what))?;
        }
        for (name, action) in &self.actions {
            action.check().map_err(|what| wrong(format!("actions.{name}"), what))?;
        }
        for (index, head) in self.heads.iter().enumerate() {
            if !head.weight.is_finite() || head.weight.abs() > limits::WEIGHT {
                return Err(wrong(format!("heads[{index}].weight"), format!("is {}", head.weight)));
            }
            if head.calibration.is_some_and(|platt| !platt.slope.is_finite() || !platt.intercept.is_finite())
            {
                return Err(wrong(format!("heads[{index}].calibration"), "is not finite"));
            }
        }
        for (name, array) in self.golden.inputs.iter().chain(&self.golden.outputs) {
            if !array.data.iter().all(|value| value.is_finite()) {
                return Err(wrong(format!("golden.{name}"), "is not finite"));
            }
        }
        Ok(())
    }

    fn check_stages(&self) -> Result<()> {
        if let Some(encode) = &self.stages.encode {
            if let Some(&role) = encode.inputs.keys().find(|&&role| role != Role::Tokens) {
                return Err(refused("encode", role, "is not an input of this stage"));
            }
            if self.text.is_none() || self.vector == 0 {
                return Err(wrong("stages.encode", "needs `text` and a `vector` width"));
            }
            check_names("encode", encode)?;
        }
        check_names("score", &self.stages.score)?;
        for &role in self.stages.score.inputs.keys() {
            let missing = match role {
                Role::Tokens => "is not an input of this stage",
                Role::Item if self.stages.encode.is_none() => "needs an `encode` stage",
                Role::History if self.history == 0 || self.stages.encode.is_none() => {
                    "needs `history` above 0 and an `encode` stage"
                }
                Role::HistoryAction if self.history == 0 => "needs `history` above 0",
                Role::Dense if self.features.is_empty() => "needs `features`",
                _ => continue,
            };
            return Err(refused("score", role, missing));
        }
        Ok(())
    }
}

fn refused(stage: &str, role: Role, what: &str) -> Error {
    wrong(format!("stages.{stage}.inputs.{}", role.name()), what)
}

/// Each input of a stage is another value.
fn check_names(label: &str, stage: &Stage) -> Result<()> {
    let mut names: Vec<&String> = stage.inputs.values().collect();
    names.sort_unstable();
    if !names.is_sorted_by(|a, b| a < b) {
        return Err(wrong(format!("stages.{label}.inputs"), "two roles name one value"));
    }
    Ok(())
}
