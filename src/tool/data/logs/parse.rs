//! In: one line of a log, as bytes. Out: a [`Record`], or what is wrong with it and in which field. A line with one
//! malformed field is refused as a whole.
//!
//! Names that are not read are passed over, so that a log may carry more than is needed here.

use crate::data::logs::fault::FaultKind;
use crate::data::logs::record::{Field, Interaction, Item, RankedItem, Ranking, Record, User, Value};
use crate::data::logs::time;
use ranklet::limits;
use serde_json::{Map, Value as Json};
use std::fmt;

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    /// What it is.
    pub kind: FaultKind,
    /// The field, such as `items[3].id`; empty where the whole line is meant.
    pub field: String,
    /// A sentence's end.
    pub what: String,
}

type Parsed<T> = Result<T, Malformed>;

/// Reads one line.
///
/// # Errors
/// What is wrong, and in which field.
pub fn record(line: &[u8]) -> Parsed<Record> {
    let json = serde_json::from_slice(line).map_err(|cause| {
        // The parser counts lines of its own; ours is one.
        let what = cause.to_string();
        let what = what.split(" at line ").next().unwrap_or_default();
        let what = format!("is not JSON at byte {}: {what}", cause.column());
        Malformed { kind: FaultKind::NotJson, field: String::new(), what }
    })?;
    let Json::Object(map) = json else {
        let what = format!("is {}, must be an object", name_of(&json));
        return Err(Malformed { kind: FaultKind::NotJson, field: String::new(), what });
    };
    let mut event = Object { map, path: Path::Root };
    match event.text("event")?.as_str() {
        // Metarank's first versions wrote `metadata`.
        "item" | "metadata" => Ok(Record::Item(Item {
            id: event.optional_id("id")?,
            item: event.id("item")?,
            timestamp: event.optional_time("timestamp")?,
            fields: event.fields("fields")?,
        })),
        "user" => Ok(Record::User(User {
            id: event.optional_id("id")?,
            user: event.id("user")?,
            timestamp: event.optional_time("timestamp")?,
            fields: event.fields("fields")?,
        })),
        "ranking" => Ok(Record::Ranking(Ranking {
            id: event.id("id")?,
            timestamp: event.time("timestamp")?,
            user: event.optional_id("user")?,
            session: event.optional_id("session")?,
            fields: event.fields("fields")?,
            items: event.items("items")?,
        })),
        "interaction" => {
            // So did they call the ranking `impression`.
            let ranking = match event.optional_id("ranking")? {
                Some(ranking) => Some(ranking),
                None => event.optional_id("impression")?,
            };
            Ok(Record::Interaction(Interaction {
                id: event.optional_id("id")?,
                item: event.id("item")?,
                timestamp: event.time("timestamp")?,
                ranking,
                user: event.optional_id("user")?,
                session: event.optional_id("session")?,
                kind: event.id("type")?,
                fields: event.fields("fields")?,
            }))
        }
        other => {
            let other: String = other.chars().take(40).collect();
            let what = format!("is {other:?}, must be item, user, ranking or interaction");
            Err(event.malformed(FaultKind::UnknownEvent, "event", what))
        }
    }
}

/// Where a value stands; written out only when something is wrong with it.
#[derive(Clone, Copy)]
enum Path<'a> {
    Root,
    Key(&'a Path<'a>, &'a str),
    Index(&'a Path<'a>, usize),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Path::Root => Ok(()),
            Path::Key(Path::Root, name) => f.write_str(name),
            Path::Key(parent, name) => write!(f, "{parent}.{name}"),
            Path::Index(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

impl Path<'_> {
    fn malformed(&self, kind: FaultKind, what: impl Into<String>) -> Malformed {
        Malformed { kind, field: self.to_string(), what: what.into() }
    }

    fn wrong_type(&self, found: &Json, wanted: &str) -> Malformed {
        self.malformed(FaultKind::WrongType, format!("is {}, must be {wanted}", name_of(found)))
    }
}

/// An object whose members are taken out one by one.
struct Object<'a> {
    map: Map<String, Json>,
    path: Path<'a>,
}

impl Object<'_> {
    fn malformed(&self, kind: FaultKind, name: &str, what: impl Into<String>) -> Malformed {
        Path::Key(&self.path, name).malformed(kind, what)
    }

    /// A member; `null` counts as absent.
    fn take(&mut self, name: &str) -> Option<Json> {
        self.map.remove(name).filter(|value| !value.is_null())
    }

    fn need(&mut self, name: &str) -> Parsed<Json> {
        self.take(name).ok_or_else(|| self.malformed(FaultKind::Missing, name, "is missing"))
    }

    fn text(&mut self, name: &str) -> Parsed<String> {
        match self.need(name)? {
            Json::String(text) => Ok(text),
            other => Err(Path::Key(&self.path, name).wrong_type(&other, "a string")),
        }
    }

    fn id(&mut self, name: &str) -> Parsed<String> {
        let value = self.need(name)?;
        id(value, &Path::Key(&self.path, name))
    }

    fn optional_id(&mut self, name: &str) -> Parsed<Option<String>> {
        self.take(name).map(|value| id(value, &Path::Key(&self.path, name))).transpose()
    }

    fn time(&mut self, name: &str) -> Parsed<i64> {
        let value = self.need(name)?;
        moment(&value, &Path::Key(&self.path, name))
    }

    fn optional_time(&mut self, name: &str) -> Parsed<Option<i64>> {
        self.take(name).map(|value| moment(&value, &Path::Key(&self.path, name))).transpose()
    }

    /// A list; absent is empty.
    fn list(&mut self, name: &str, most: usize) -> Parsed<Vec<Json>> {
        match self.take(name) {
            None => Ok(Vec::new()),
            Some(Json::Array(list)) if list.len() <= most => Ok(list),
            Some(Json::Array(list)) => {
                let what = format!("has {} entries, at most {most}", list.len());
                Err(self.malformed(FaultKind::OutOfBounds, name, what))
            }
            Some(other) => Err(Path::Key(&self.path, name).wrong_type(&other, "a list")),
        }
    }

    fn fields(&mut self, name: &str) -> Parsed<Vec<Field>> {
        let list = self.list(name, limits::LOG_FIELDS)?;
        let path = Path::Key(&self.path, name);
        list.into_iter().enumerate().map(|(index, value)| field(value, &Path::Index(&path, index))).collect()
    }

    fn items(&mut self, name: &str) -> Parsed<Vec<RankedItem>> {
        let list = self.list(name, limits::CANDIDATES)?;
        let path = Path::Key(&self.path, name);
        if list.is_empty() {
            return Err(path.malformed(FaultKind::Empty, "must hold at least one item"));
        }
        list.into_iter().enumerate().map(|(index, value)| shown(value, &Path::Index(&path, index))).collect()
    }
}

fn shown(value: Json, path: &Path<'_>) -> Parsed<RankedItem> {
    let mut entry = object(value, path)?;
    let id = entry.id("id")?;
    let mut fields = entry.fields("fields")?;
    if let Some(relevancy) = entry.take("relevancy") {
        let path = Path::Key(path, "relevancy");
        let number = relevancy.as_f64().ok_or_else(|| path.wrong_type(&relevancy, "a number"))?;
        fields.push(Field::new("relevancy", number));
    }
    Ok(RankedItem { id, fields })
}

fn field(value: Json, path: &Path<'_>) -> Parsed<Field> {
    let mut field = object(value, path)?;
    let name = field.id("name")?;
    let value = field.need("value")?;
    let path = Path::Key(path, "value");
    Ok(Field { name, value: field_value(value, &path)? })
}

fn field_value(value: Json, path: &Path<'_>) -> Parsed<Value> {
    const WANTED: &str = "a string, a number, a boolean, or a list of strings or of numbers";
    match value {
        Json::Bool(flag) => Ok(Value::Flag(flag)),
        Json::String(text) => Ok(Value::Text(text)),
        Json::Array(list) if list.len() > limits::LOG_LIST => {
            let what = format!("has {} entries, at most {}", list.len(), limits::LOG_LIST);
            Err(path.malformed(FaultKind::OutOfBounds, what))
        }
        Json::Array(list) if list.iter().all(Json::is_string) => {
            let texts = list.into_iter().filter_map(|entry| match entry {
                Json::String(text) => Some(text),
                _ => None,
            });
            Ok(Value::Texts(texts.collect()))
        }
        Json::Array(list) => {
            let number = |(index, entry): (usize, &Json)| {
                entry.as_f64().ok_or_else(|| {
                    Path::Index(path, index)
                        .wrong_type(entry, "as the others of its list: strings or numbers")
                })
            };
            Ok(Value::Numbers(list.iter().enumerate().map(number).collect::<Parsed<_>>()?))
        }
        other => other.as_f64().map(Value::Number).ok_or_else(|| path.wrong_type(&other, WANTED)),
    }
}

fn object<'a>(value: Json, path: &'a Path<'a>) -> Parsed<Object<'a>> {
    match value {
        Json::Object(map) => Ok(Object { map, path: *path }),
        other => Err(path.wrong_type(&other, "an object")),
    }
}

/// An id: a string, or a whole number, which is taken as its digits.
fn id(value: Json, path: &Path<'_>) -> Parsed<String> {
    let text = match value {
        Json::String(text) => text,
        Json::Number(number) if number.is_i64() || number.is_u64() => number.to_string(),
        other => return Err(path.wrong_type(&other, "a string")),
    };
    if text.is_empty() {
        return Err(path.malformed(FaultKind::Empty, "is empty"));
    }
    if text.len() > limits::ID_BYTES {
        let what = format!("has {} bytes, at most {}", text.len(), limits::ID_BYTES);
        return Err(path.malformed(FaultKind::OutOfBounds, what));
    }
    Ok(text)
}

fn moment(value: &Json, path: &Path<'_>) -> Parsed<i64> {
    let at = match value {
        Json::String(text) => time::from_text(text),
        // 1.599391467E12 is how some JSON writers print a large whole number.
        Json::Number(number) => number
            .as_i64()
            .or_else(|| number.as_f64().filter(|n| n.fract() == 0.0 && n.abs() < 1e15).map(|n| n as i64))
            .and_then(time::from_number),
        other => return Err(path.wrong_type(other, "a number or a string")),
    };
    at.ok_or_else(|| {
        let found: String = value.to_string().chars().take(40).collect();
        let what = format!("{found} is no time: give seconds or milliseconds since 1970, or ISO 8601");
        path.malformed(FaultKind::BadTime, what)
    })
}

fn name_of(value: &Json) -> &'static str {
    match value {
        Json::Null => "null",
        Json::Bool(_) => "a boolean",
        Json::Number(_) => "a number",
        Json::String(_) => "a string",
        Json::Array(_) => "a list",
        Json::Object(_) => "an object",
    }
}

#[cfg(test)]
#[path = "../../../../tests/tool/data/logs/parse.rs"]
mod tests;
