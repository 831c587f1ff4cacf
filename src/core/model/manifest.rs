//! In: the JSON of `metadata_props["ranklet"]`. Out: [`Manifest`], every number bounded.
//! Says what the graph's inputs mean: text, fields, features, actions, heads, golden vectors.
//! Must never accept a field that it does not know: a misspelt setting is an error.

use crate::error::{Error, Kind, Result};
use crate::event::Action;
pub use crate::event::CHANNELS;
use crate::features::Feature;
use crate::limits;
use crate::text::TextSpec;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The manifest's version that this build reads.
pub const SCHEMA: u32 = 1;
/// The key in `metadata_props`.
pub const KEY: &str = "ranklet";
/// Bytes of a message about a manifest: names in it may be as long as the manifest.
const MESSAGE_BYTES: usize = 512;

/// What a model file says about itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Version of this layout; see [`SCHEMA`].
    pub schema: u32,
    /// The model's name.
    pub name: String,
    /// The model's own version.
    pub version: String,
    /// Rows that one run of a stage takes (`n` in the graph): 1 to [`limits::BLOCK`].
    pub block: usize,
    /// Width `D` of an item vector; 0 if the model has none.
    #[serde(default)]
    pub vector: usize,
    /// Rows `L` of history that the score stage reads; 0 if it reads none.
    #[serde(default)]
    pub history: usize,
    /// The vectors that a server may send with an item; without it the model reads none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vectors: Option<VectorSpec>,
    /// How text becomes tokens; needed by a model with an `encode` stage.
    #[serde(default)]
    pub text: Option<TextSpec>,
    /// The stages and the graph values that they read and give.
    pub stages: Stages,
    /// Names of the candidates' numeric fields, in the order of packed rows.
    #[serde(default)]
    pub fields: Vec<String>,
    /// The columns of `dense`, in order.
    pub features: Vec<Feature>,
    /// What each event type says about an item.
    #[serde(default)]
    pub actions: BTreeMap<String, Action>,
    /// How a session ages.
    #[serde(default, skip_serializing_if = "SessionSpec::is_default")]
    pub session: SessionSpec,
    /// The field that orders a list without server scores, highest first: popularity, say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prior: Option<String>,
    /// The columns of the score stage's output, in order.
    pub heads: Vec<Head>,
    /// Inputs with the outputs that they must give; the loader runs them as a self-test.
    pub golden: Golden,
    /// SHA-256, in hex, over the raw bytes of the `ModelProto`'s `graph` field.
    pub graph_sha256: String,
    /// Model card: data, date, seed, figures, licence. Free-form; shown, never interpreted.
    #[serde(default)]
    pub card: serde_json::Value,
}

/// Collaborative vectors: what a server learnt of an item from people, in place of what its text
/// lets guess. They are the first `width` numbers of an item vector.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VectorSpec {
    /// Names the space: vectors of another one mean nothing here. 1 to 64 bytes.
    pub basis: String,
    /// Numbers of a vector, 1 to the manifest's `vector`.
    pub width: usize,
    /// What one step of an int8 stands for.
    pub scale: f32,
}

/// How a session ages.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionSpec {
    /// Hours in which what an event says halves, within [`limits::HALF_LIFE_HOURS`]; without it
    /// nothing fades.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub half_life_hours: Option<f64>,
}

impl SessionSpec {
    fn is_default(&self) -> bool {
        *self == SessionSpec::default()
    }
}

/// The stages of a model. Only `score` is required.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stages {
    /// `tokens [n,T]` → `item_vector [n,D]`. Once per item.
    #[serde(default)]
    pub encode: Option<Stage>,
    /// Everything that depends on the session → `heads [n,H]`. After every event.
    pub score: Stage,
}

/// One stage: graph values by role. A value may be a graph input or one computed by another stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// Role → name of the value in the graph.
    pub inputs: BTreeMap<Role, String>,
    /// Name of the value that the stage gives.
    pub output: String,
}

/// What a stage's input holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// `int64 [n,T]`: token ids, 0 is padding.
    Tokens,
    /// `float [n,D]`: item vectors, as `encode` gives them.
    Item,
    /// `float [n,F]`: the manifest's features.
    Dense,
    /// `float [L,D]`: vectors of the items of the session, newest first, zero rows at the end.
    History,
    /// `float [L,3]`: their strengths: positive, negative, exposed, each 0 to 1.
    HistoryAction,
}

impl Role {
    /// The role's name in the manifest.
    pub fn name(self) -> &'static str {
        match self {
            Role::Tokens => "tokens",
            Role::Item => "item",
            Role::Dense => "dense",
            Role::History => "history",
            Role::HistoryAction => "history_action",
        }
    }
}

/// One output column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// Its name, e.g. `engage`.
    pub name: String,
    /// What it was trained for, for people.
    #[serde(default)]
    pub objective: String,
    /// Its weight in the score unless the caller gives one.
    pub weight: f32,
    /// Platt scaling: probability = sigmoid(`slope` · output + `intercept`).
    #[serde(default)]
    pub calibration: Option<Platt>,
}

/// Platt scaling (Platt 1999): a logistic regression on one head's output.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Platt {
    /// Slope.
    pub slope: f32,
    /// Intercept.
    pub intercept: f32,
}

impl Platt {
    /// The calibrated probability of an output, 0 to 1.
    pub fn probability(self, output: f32) -> f32 {
        1.0 / (1.0 + libm::expf(-(self.slope * output + self.intercept)))
    }
}

/// Known answers.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Golden {
    /// Graph inputs by name.
    pub inputs: BTreeMap<String, Array>,
    /// Stage outputs by name, as the trainer computed them.
    pub outputs: BTreeMap<String, Array>,
}

/// A small tensor in JSON.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Array {
    /// Its shape.
    pub shape: Vec<usize>,
    /// Its values, row-major.
    pub data: Vec<f32>,
}

fn wrong(place: impl Into<String>, what: impl Into<String>) -> Error {
    let cut = |text: String| text[..text.floor_char_boundary(MESSAGE_BYTES)].to_string();
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
        let manifest: Manifest = serde_json::from_str(json).map_err(|e| wrong("", e.to_string()))?;
        manifest.check()?;
        Ok(manifest)
    }

    fn check(&self) -> Result<()> {
        if self.schema != SCHEMA {
            return Err(wrong("schema", format!("is {}, this build reads {SCHEMA}", self.schema)));
        }
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
        self.check_stages()
    }

    fn check_stages(&self) -> Result<()> {
        let refuse = |stage: &str, role: Role, what: &str| {
            Err(wrong(format!("stages.{stage}.inputs.{}", role.name()), what))
        };
        if let Some(encode) = &self.stages.encode {
            if let Some(&role) = encode.inputs.keys().find(|&&role| role != Role::Tokens) {
                return refuse("encode", role, "is not an input of this stage");
            }
            if self.text.is_none() || self.vector == 0 {
                return Err(wrong("stages.encode", "needs `text` and a `vector` width"));
            }
        }
        for (label, stage) in
            self.stages.encode.iter().map(|s| ("encode", s)).chain([("score", &self.stages.score)])
        {
            let mut names: Vec<&String> = stage.inputs.values().collect();
            names.sort_unstable();
            if names.windows(2).any(|pair| pair[0] == pair[1]) {
                return Err(wrong(format!("stages.{label}.inputs"), "two roles name one value"));
            }
        }
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
            return refuse("score", role, missing);
        }
        Ok(())
    }

    /// The shape of an input of a stage, with `n` = `block`.
    pub fn shape_of(&self, role: Role) -> [usize; 2] {
        match role {
            Role::Tokens => [self.block, self.text.as_ref().map_or(0, |text| text.max_tokens)],
            Role::Item => [self.block, self.vector],
            Role::Dense => [self.block, self.features.len()],
            Role::History => [self.history, self.vector],
            Role::HistoryAction => [self.history, CHANNELS],
        }
    }
}
