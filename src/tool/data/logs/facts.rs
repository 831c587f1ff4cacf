//! In: what item and user events say, with their times. Out: what was known at a moment, as fields, and for items
//! as title, tags and numbers. What is said later than a moment does not show at that moment.

use crate::data::logs::record::{Field, Value};

/// What is known of an item.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LoggedItem {
    /// The field `title`; empty without one.
    pub title: String,
    /// Strings and string lists, other than the title, each as `name:value`.
    pub tags: Vec<String>,
    /// Numbers and flags (0 or 1) by name.
    pub numbers: Vec<(String, f64)>,
    /// The fields as they were logged; number lists, such as embeddings, are here alone.
    pub fields: Vec<Field>,
}

impl LoggedItem {
    /// Sorts fields into title, tags and numbers.
    #[must_use]
    pub fn of(fields: Vec<Field>) -> Self {
        let mut item = Self::default();
        for Field { name, value } in &fields {
            match value {
                Value::Text(text) if name == "title" => item.title.clone_from(text),
                Value::Text(text) => item.tags.push(format!("{name}:{text}")),
                Value::Texts(texts) => item.tags.extend(texts.iter().map(|text| format!("{name}:{text}"))),
                Value::Number(number) => item.numbers.push((name.clone(), *number)),
                Value::Flag(flag) => item.numbers.push((name.clone(), f64::from(u8::from(*flag)))),
                Value::Numbers(_) => {}
            }
        }
        item.fields = fields;
        item
    }

    /// The number of that name.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<f64> {
        self.numbers.iter().find(|(known, _)| known == name).map(|&(_, number)| number)
    }

    /// The values of the tags of that name: of `genre:drama`, `drama`.
    pub fn tagged<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.tags.iter().filter_map(move |tag| tag.strip_prefix(name)?.strip_prefix(':'))
    }
}

/// Something known, by the time since when it is.
#[derive(Debug, Clone)]
pub struct Versions<T>(Vec<(i64, T)>);

impl<T> Default for Versions<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Versions<T> {
    /// What was known at a moment; `None` before the first version.
    #[must_use]
    pub fn at(&self, moment: i64) -> Option<&T> {
        let known = self.0.partition_point(|&(since, _)| since <= moment);
        self.0.get(known.checked_sub(1)?).map(|(_, version)| version)
    }
}

/// What was said last, field by field, in whatever order it is read.
#[derive(Debug, Clone, Default)]
pub struct LatestFields(Vec<(i64, Field)>);

impl LatestFields {
    /// Adds what was said at a time; `None`: it always held. Of one moment the last that is read counts.
    pub fn add(&mut self, at: Option<i64>, fields: Vec<Field>) {
        let at = at.unwrap_or(i64::MIN);
        for field in fields {
            match self.0.iter_mut().find(|(_, known)| known.name == field.name) {
                Some((since, _)) if *since > at => {}
                Some(known) => *known = (at, field),
                None => self.0.push((at, field)),
            }
        }
    }

    /// The fields.
    pub fn fields(self) -> Vec<Field> {
        self.0.into_iter().map(|(_, field)| field).collect()
    }
}

/// What was said, in the order of reading.
#[derive(Debug, Clone, Default)]
pub struct FieldHistory(Vec<(i64, Vec<Field>)>);

impl FieldHistory {
    /// Adds what was said at a time; `None`: it always held.
    pub fn add(&mut self, at: Option<i64>, fields: Vec<Field>) {
        self.0.push((at.unwrap_or(i64::MIN), fields));
    }

    /// In order of time, each version holding the fields of those before it that it does not replace.
    #[must_use]
    pub fn versions<T>(mut self, make: impl Fn(Vec<Field>) -> T) -> Versions<T> {
        self.0.sort_by_key(|&(at, _)| at);
        let mut known = LatestFields::default();
        let mut versions: Vec<(i64, T)> = Vec::new();
        let mut said = self.0.into_iter().peekable();
        while let Some((at, fields)) = said.next() {
            known.add(Some(at), fields);
            // One version a moment.
            if said.peek().is_none_or(|&(next, _)| next != at) {
                versions.push((at, make(known.clone().fields())));
            }
        }
        Versions(versions)
    }
}
