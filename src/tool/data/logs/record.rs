//! The types of the four events, as they stand in a log: serialisable to one line of JSON each. What a field's name
//! means is the reader's business.
//!
//! As in Metarank's format, ids are strings, times milliseconds since 1970-01-01 UTC, and `fields` a
//! list of `{name, value}`. `tenant` is read over; everything else that Metarank writes is kept.

use crate::data::logs::time;
use serde::Serialize;

/// What a field may hold.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Value {
    /// `true` or `false`.
    Flag(bool),
    /// A finite number.
    Number(f64),
    /// A string.
    Text(String),
    /// A list of strings, such as genres. An empty list is one of these.
    Texts(Vec<String>),
    /// A list of numbers, such as an embedding.
    Numbers(Vec<f64>),
}

/// A named value.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Field {
    /// Its name; not empty.
    pub name: String,
    /// Its value.
    pub value: Value,
}

impl Field {
    /// A field with a text, number, flag or list.
    pub fn new(name: &str, value: impl Into<Value>) -> Self {
        Self { name: name.to_owned(), value: value.into() }
    }

    /// The number that it holds; a flag counts as 0 or 1.
    #[must_use]
    pub fn number(&self) -> Option<f64> {
        match self.value {
            Value::Number(number) => Some(number),
            Value::Flag(flag) => Some(f64::from(u8::from(flag))),
            _ => None,
        }
    }

    /// The text that it holds.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<Vec<String>> for Value {
    fn from(texts: Vec<String>) -> Self {
        Self::Texts(texts)
    }
}

/// The first field of that name.
#[must_use]
pub fn find<'a>(fields: &'a [Field], name: &str) -> Option<&'a Field> {
    fields.iter().find(|field| field.name == name)
}

/// One line of a log.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "lowercase")]
pub enum Record {
    /// What is known of an item from a time on. Later events add to and replace its fields.
    Item(Item),
    /// What is known of a visitor from a time on.
    User(User),
    /// A list that was shown.
    Ranking(Ranking),
    /// What a visitor did with an item.
    Interaction(Interaction),
}

/// `{"event": "item", "item": "7", "timestamp": "1599391467000", "fields": [...]}`.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Item {
    /// The event's own id, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The item.
    pub item: String,
    /// Since when this is known; `None`: always.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "time::optional")]
    pub timestamp: Option<i64>,
    /// Its properties.
    pub fields: Vec<Field>,
}

/// `{"event": "user", "user": "u1", "fields": [...]}`.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct User {
    /// The event's own id, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The visitor.
    pub user: String,
    /// Since when this is known; `None`: always.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "time::optional")]
    pub timestamp: Option<i64>,
    /// The visitor's properties.
    pub fields: Vec<Field>,
}

/// `{"event": "ranking", "id": "r1", "user": "u1", "timestamp": "...", "items": [{"id": "7"}, ...]}`.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Ranking {
    /// What interactions refer to.
    pub id: String,
    /// When the list was shown.
    #[serde(serialize_with = "time::required")]
    pub timestamp: i64,
    /// Who saw it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// In which session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// The context: query, device, page.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Field>,
    /// The list in the order shown; never empty.
    pub items: Vec<RankedItem>,
}

/// One entry of a ranking. Metarank's `relevancy` becomes a field of that name.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct RankedItem {
    /// The item.
    pub id: String,
    /// What holds for this item in this list, such as the server's score.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Field>,
}

/// `{"event": "interaction", "ranking": "r1", "type": "click", "item": "7", "user": "u1", ...}`.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Interaction {
    /// The event's own id, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The item.
    pub item: String,
    /// When it happened.
    #[serde(serialize_with = "time::required")]
    pub timestamp: i64,
    /// The list that it happened in, if it did in one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ranking: Option<String>,
    /// Who did it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// In which session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// What was done: `click`, `like`, `impression`, `dwell`, or a team's own.
    #[serde(rename = "type")]
    pub kind: String,
    /// How: dwell in seconds as `value`, a rating as `rating`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Field>,
}
