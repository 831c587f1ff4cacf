//! What a model file says about itself: the JSON of `metadata_props["ranklet"]`, as types.
//! It says what the graph's inputs mean: text, fields, features, actions, heads, golden vectors. Unknown fields
//! are errors, so that a misspelt setting is noticed.

use crate::event::{Action, CHANNELS};
use crate::features::Feature;
#[cfg(doc)]
use crate::limits;
use crate::text::TextSpec;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The manifest's version that this build reads.
pub const SCHEMA: u32 = 1;
/// The key in `metadata_props`.
pub const KEY: &str = "ranklet";

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

/// Collaborative vectors: what a server learnt about an item from what people did, in place of what its text
/// predicts. They are the first `width` numbers of an item vector.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VectorSpec {
    /// Name of the vector space, 1 to 64 bytes: vectors of another one cannot be compared.
    pub basis: String,
    /// Numbers of a vector, 1 to the manifest's `vector`.
    pub width: usize,
    /// Factor that makes numbers of the int8.
    pub scale: f32,
}

/// How a session ages.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionSpec {
    /// Hours in which the weight of an event halves, within [`limits::HALF_LIFE_HOURS`]; without it events
    /// keep their weight.
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
    /// Whether the input has a row for each item; the others belong to the session.
    pub fn has_row_per_item(self) -> bool {
        matches!(self, Role::Item | Role::Dense | Role::Tokens)
    }

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
    /// Factor of the output.
    pub slope: f32,
    /// What is added to it.
    pub intercept: f32,
}

impl Platt {
    /// The calibrated probability of an output, 0 to 1.
    pub fn probability(self, output: f32) -> f32 {
        1.0 / (1.0 + libm::expf(-(self.slope * output + self.intercept)))
    }
}

/// Inputs and the outputs that the stages must give for them.
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

impl Manifest {
    /// Token ids lie below this; 0 for a model without text.
    pub(in crate::model) fn token_bound(&self) -> i64 {
        self.text.as_ref().map_or(0, |text| i64::from(text.table))
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
