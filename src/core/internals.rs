//! The one door for this workspace's own crates, the tool and the Python wheel: training, evaluation and packing
//! compute features, tokens, vectors and metrics with the very code that ranks on the device.
//! Nothing here is stable; a program that only ranks needs none of it.

/// Features: their description in a manifest, and the matrix that a model reads.
pub mod features {
    pub use crate::features::{Channel, Feature, Pool, Source, Transform, fill};
}

/// Event types as a manifest maps them to strengths.
pub mod event {
    pub use crate::event::{Action, CHANNELS, Event, Strength};
}

/// Lists in columns.
pub mod item {
    pub use crate::item::{Items, Packer, place};
}

/// Ranking and calibration metrics.
pub mod metrics {
    pub use crate::metrics::*;
}

/// Model files: reading, checking and writing them.
pub mod model {
    pub use crate::model::bundle::graph_hash;
    pub use crate::model::{Bundle, Head, Manifest, Platt, Vetted, manifest, pb};
}

/// Sessions without a ranker, as the trainer replays them.
pub mod session {
    pub use crate::session::{ItemFacts, Profile, Session, View};
}

/// Tokens of titles and tags.
pub mod text {
    pub use crate::text::{TextSpec, tag_id};
}
