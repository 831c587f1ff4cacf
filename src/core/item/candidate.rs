//! One candidate as a program in Rust has it: the tool, programs for WASI, the examples.
//! [`super::Packer`] turns candidates into the columns that the ranker reads.

use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;

/// One entry of a server's list. Everything but the id may be absent.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub struct Candidate {
    /// Names the item across lists and events: 1 to [`crate::limits::ID_BYTES`] bytes.
    pub id: String,
    /// Shown to people; the text encoder reads it. Cut at [`crate::limits::TITLE_BYTES`].
    #[serde(default, deserialize_with = "null_is_default")]
    pub title: String,
    /// Genres, brands, topics, or `prefix:value`; the first [`crate::limits::TAGS`] count.
    #[serde(default, deserialize_with = "null_is_default")]
    pub tags: Vec<String>,
    /// The server's score in any unit, larger is better.
    pub score: Option<f32>,
    /// Numbers by name. Names that the model does not read are passed over; `None` is absent.
    #[serde(default, deserialize_with = "null_is_default")]
    pub fields: BTreeMap<String, Option<f32>>,
    /// A vector that the server computed: as many numbers as the manifest's `vectors.width`, or none.
    #[serde(default, deserialize_with = "null_is_default")]
    pub vector: Vec<i8>,
    /// The space that `vector` lies in. One of another space than the manifest's `vectors.basis`, or of
    /// another width, is passed over: the text encoder stands in.
    #[serde(default, deserialize_with = "null_is_default")]
    pub basis: String,
}

impl Candidate {
    /// A candidate with an id alone.
    pub fn new(id: impl Into<String>) -> Candidate {
        Candidate { id: id.into(), ..Candidate::default() }
    }

    /// With a title.
    pub fn title(self, title: impl Into<String>) -> Candidate {
        Candidate { title: title.into(), ..self }
    }

    /// With tags.
    pub fn tags<T: Into<String>>(self, tags: impl IntoIterator<Item = T>) -> Candidate {
        Candidate { tags: tags.into_iter().map(Into::into).collect(), ..self }
    }

    /// With the server's score.
    pub fn score(self, score: f32) -> Candidate {
        Candidate { score: Some(score), ..self }
    }

    /// With one more field.
    pub fn field(mut self, name: impl Into<String>, value: f32) -> Candidate {
        self.fields.insert(name.into(), Some(value));
        self
    }
}

/// `null` in JSON says the same as a key that is not there.
fn null_is_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(from: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}
