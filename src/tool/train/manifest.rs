//! In: statistics of the training lists. Out: the manifest that the trained model will carry: what it reads (text
//! settings, features, actions), its stages and its heads.

use crate::data::catalogue::FIELDS;
use crate::train::item_representations::CrossFit;
use crate::train::model::evidence::EXTRAS;
use crate::train::scaler::Scaler;
use crate::train::task::Task;
use ranklet::internals::event::Action;
use ranklet::internals::features::{Channel, Feature, Pool, Source, Transform};
use ranklet::internals::model::manifest::{
    Golden, Manifest, Role, SCHEMA, SessionSpec, Stage, Stages, VectorSpec,
};
use ranklet::internals::model::{Head, Platt};
use ranklet::internals::text::TextSpec;
use std::collections::BTreeMap;

/// Numbers of a collaborative vector.
pub const VECTOR: usize = 32;
/// Rows of history.
pub const HISTORY: usize = 32;
/// Tokens of an item.
pub const TOKENS: usize = 16;
/// Rows of the text table.
pub const TABLE: u32 = 8192;
/// Heads in all.
pub const HEADS: usize = Task::ALL.len();

/// How what the features read of a list is standardised.
#[derive(Debug, Clone, Copy)]
pub struct ListScalers {
    /// Server scores.
    pub score: Scaler,
    /// `ln(1 + popularity)`.
    pub log_popularity: Scaler,
    /// Years.
    pub year: Scaler,
    /// The server score of an item without ratings.
    pub unrated_score: f32,
}

/// Least scale of a feature.
pub const FLOOR: f32 = 1e-3;

fn standardised(Scaler { mean, scale }: Scaler) -> Vec<Transform> {
    vec![Transform::Standardise { mean, scale }, Transform::Clip { low: -4.0, high: 4.0 }]
}

/// The text settings.
pub fn text() -> TextSpec {
    TextSpec { table: TABLE, max_tokens: TOKENS, seed: 0, tag_words: true, title_words: true }
}

fn feature(name: &str, source: Source, transform: Vec<Transform>) -> Feature {
    Feature { name: name.into(), source, transform, missing: 0.0 }
}

/// The features, in column order. `server_score` comes first: it is also the residual.
pub fn features(scalers: &ListScalers) -> Vec<Feature> {
    let field = |name: &str| name.to_string();
    let scale = |mean: f32, scale: f32| standardised(Scaler { mean, scale });
    let mut score = feature("server_score", Source::ServerScore, standardised(scalers.score));
    score.missing = ((scalers.unrated_score - scalers.score.mean) / scalers.score.scale).clamp(-4.0, 4.0);
    let mut popularity = vec![Transform::Log1p];
    popularity.extend(standardised(scalers.log_popularity));
    let gap = || Source::FieldGap { field: field("year") };
    let mut distance = vec![Transform::Abs];
    distance.extend(scale(10.0, 10.0));
    let mut features = vec![
        score,
        feature("server_rank", Source::ServerRank, scale(0.5, 0.3)),
        feature("server_absent", Source::ServerAbsent, vec![]),
        feature("popularity", Source::Field { field: field("popularity") }, popularity),
        feature("year", Source::Field { field: field("year") }, standardised(scalers.year)),
        feature("year_gap", gap(), scale(0.0, 12.0)),
        feature("year_distance", gap(), distance),
        feature("tag_count", Source::TagCount, scale(4.0, 3.0)),
    ];
    features.extend(session_features());
    features
}

/// What the session says of an item by its tags, in any domain.
pub fn session_features() -> Vec<Feature> {
    let scale = |mean: f32, scale: f32| standardised(Scaler { mean, scale });
    let affinity = |channel, pool| Source::TagAffinity { channel, pool };
    let mut features = Vec::new();
    for (name, channel) in [
        ("positive", Channel::Positive),
        ("negative", Channel::Negative),
        ("exposed", Channel::Exposed),
        ("net", Channel::Net),
    ] {
        features.push(feature(&format!("tags_{name}_mean"), affinity(channel, Pool::Mean), scale(0.0, 0.3)));
        if name != "exposed" {
            features.push(feature(
                &format!("tags_{name}_peak"),
                affinity(channel, Pool::Peak),
                scale(0.0, 0.5),
            ));
        }
        if name != "net" {
            let source = Source::SessionStrength { channel };
            let bounded = vec![Transform::Log1p, Transform::Clip { low: 0.0, high: 3.0 }];
            features.push(feature(&format!("session_{name}"), source, bounded));
        }
    }
    features
}

/// What each event type says.
///
/// A rating says that the item was picked, whatever the stars: a `neutral` or a `low_rating` is
/// still some interest. A `dislike` or a `hide` is a verdict on something that was merely shown.
pub fn actions() -> BTreeMap<String, Action> {
    let action = |positive, negative, exposed, full_at| Action { positive, negative, exposed, full_at };
    let rows = [
        ("impression", action(0.0, 0.0, 0.3, None)),
        ("click", action(0.5, 0.0, 0.0, None)),
        ("dwell", action(0.6, 0.0, 0.0, Some(60.0))),
        ("watch", action(0.8, 0.0, 0.0, Some(1.0))),
        ("like", action(1.0, 0.0, 0.0, None)),
        ("save", action(0.8, 0.0, 0.0, None)),
        ("share", action(1.0, 0.0, 0.0, None)),
        ("purchase", action(1.0, 0.0, 0.0, None)),
        ("neutral", action(0.4, 0.2, 0.0, None)),
        ("low_rating", action(0.3, 0.6, 0.0, None)),
        ("skip", action(0.0, 0.4, 0.3, None)),
        ("dislike", action(0.0, 1.0, 0.0, None)),
        ("hide", action(0.0, 1.0, 0.0, None)),
    ];
    rows.into_iter().map(|(name, action)| (name.to_string(), action)).collect()
}

/// Gives a manifest the space of the vectors that were learnt, and its sizes.
pub fn shape(manifest: &mut Manifest, cross_fit: &CrossFit, history: usize) {
    let basis = cross_fit.all.served.vectors.basis();
    manifest.vectors = Some(VectorSpec { basis, width: cross_fit.width, scale: cross_fit.scale });
    manifest.vector = cross_fit.width + EXTRAS;
    manifest.history = history;
}

/// Names of the graph's inputs and outputs.
pub mod names {
    /// `int64 [n,T]`.
    pub const TOKENS: &str = "tokens";
    /// `float [n,D]`, computed: what an item's text says.
    pub const TEXT_VECTOR: &str = "text_vector";
    /// `float [n,V]`: what the server sent, in the model's unit; zeros where it sent nothing.
    pub const SERVER_VECTOR: &str = "server_vector";
    /// `float [n,1]`: 1 where the server sent a vector, else 0.
    pub const SERVER_GIVEN: &str = "server_given";
    /// `float [n,D]`, computed: the server's numbers where there are any, else the text's. The cut
    /// between the stages; the ranker puts the server's numbers in place itself.
    pub const ITEM_VECTOR: &str = "item_vector";
    /// `float [n,F]`.
    pub const DENSE: &str = "dense";
    /// `float [L,D]`.
    pub const HISTORY: &str = "history";
    /// `float [L,3]`.
    pub const HISTORY_ACTION: &str = "history_action";
    /// `float [n,H]`.
    pub const HEADS: &str = "heads";
}

/// A manifest without golden vectors, calibration, hash and card.
pub fn manifest(name: &str, version: &str, scalers: &ListScalers) -> Manifest {
    let stage = |inputs: &[(Role, &str)], output: &str| Stage {
        inputs: inputs.iter().map(|&(role, name)| (role, name.to_string())).collect(),
        output: output.into(),
    };
    let head = |name: &str, objective: &str, weight| Head {
        name: name.into(),
        objective: objective.into(),
        weight,
        calibration: Some(Platt { slope: 1.0, intercept: 0.0 }),
    };
    Manifest {
        schema: SCHEMA,
        name: name.into(),
        version: version.into(),
        block: 128,
        vector: VECTOR + EXTRAS,
        history: HISTORY,
        vectors: None,
        text: Some(text()),
        stages: Stages {
            encode: Some(stage(&[(Role::Tokens, names::TOKENS)], names::TEXT_VECTOR)),
            score: stage(
                &[
                    (Role::Item, names::ITEM_VECTOR),
                    (Role::Dense, names::DENSE),
                    (Role::History, names::HISTORY),
                    (Role::HistoryAction, names::HISTORY_ACTION),
                ],
                names::HEADS,
            ),
        },
        fields: FIELDS.map(String::from).to_vec(),
        features: features(scalers),
        actions: actions(),
        session: SessionSpec::default(),
        prior: None,
        heads: vec![
            head("engage", "picks the item and rates it 4 stars or more, out of a list of 100", 1.0),
            // Half a vote: a list should be picked from, and what is picked should please.
            head("like", "rates an item 4 stars or more, given that it was picked", 0.5),
        ],
        golden: Golden::default(),
        graph_sha256: String::new(),
        card: serde_json::Value::Null,
    }
}
