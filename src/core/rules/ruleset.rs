//! In: a ruleset as JSON. Out: [`Ruleset`]: each rule checked against its bounds, or why it is not.
//! One rule that cannot be read does not stop the others: it is reported in its place. Unknown names are
//! refused, since a misspelt bound would silently be none.
#![deny(clippy::indexing_slicing)] // what is read here comes from outside

use super::bounds::within;
use super::kinds::{NAMES, Rule};
use crate::error::{Error, Kind, Result};
use crate::json::Json;
use crate::limits;
use serde::Deserialize;

/// A rule as declared, with its name and priority.
#[derive(Debug, Clone, PartialEq)]
pub struct Declared {
    /// The name of its kind; empty if that could not be read.
    pub kind: String,
    /// For reports; may be empty.
    pub name: String,
    /// −[`limits::PRIORITY`] to [`limits::PRIORITY`]. Where rules contradict each other, the higher one holds;
    /// of equal ones pins first, then as declared.
    pub priority: i32,
    /// The rule, or what is wrong with it.
    pub rule: Result<Rule>,
}

/// Rules for a ranking, in the order declared.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ruleset {
    declared: Vec<Declared>,
}

/// The fields that rules of every kind have.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Common {
    rule: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    priority: i32,
}

fn malformed(place: &str, what: impl ToString) -> Error {
    Error::new(Kind::RulesMalformed, place, what.to_string())
}

impl Ruleset {
    /// Reads an array of rules: objects with `rule` (the kind), optional `name` and `priority`, and
    /// the fields of that kind.
    ///
    /// # Errors
    /// [`Kind::RulesMalformed`] if it is no JSON array, [`Kind::RulesLimit`] beyond
    /// [`limits::RULES_BYTES`] or [`limits::RULES`]. What is wrong with single rules is in
    /// [`Declared::rule`].
    pub fn from_json(json: &str) -> Result<Ruleset> {
        let limit = |what: String| Err(Error::new(Kind::RulesLimit, "rules", what));
        if json.len() > limits::RULES_BYTES {
            return limit(format!("{} bytes, at most {}", json.len(), limits::RULES_BYTES));
        }
        let Json::List(values) = Json::parse(json).map_err(|error| malformed("rules", error))? else {
            return Err(malformed("rules", "is not an array"));
        };
        if values.len() > limits::RULES {
            return limit(format!("{} rules, at most {}", values.len(), limits::RULES));
        }
        let declared = values.into_iter().enumerate().map(|(index, value)| declare(index, value)).collect();
        Ok(Ruleset { declared })
    }

    /// The rules, as declared.
    pub fn declared(&self) -> &[Declared] {
        &self.declared
    }

    /// The same without one of them.
    pub fn without(&self, index: usize) -> Ruleset {
        let others = self.declared.iter().enumerate().filter(|(other, _)| *other != index);
        Ruleset { declared: others.map(|(_, declared)| declared.clone()).collect() }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.declared.is_empty()
    }

    /// Names of all numeric fields that the rules read, each once, ascending.
    pub fn fields(&self) -> Vec<String> {
        let mut names = Vec::new();
        for rule in self.declared.iter().filter_map(|declared| declared.rule.as_ref().ok()) {
            rule.fields(&mut names);
        }
        names.sort_unstable();
        names.dedup();
        names
    }
}

fn declare(index: usize, value: Json) -> Declared {
    let place = format!("rules[{index}]");
    let refused =
        |kind: String, error: Error| Declared { kind, name: String::new(), priority: 0, rule: Err(error) };
    let Json::Object(fields) = value else {
        return refused(String::new(), malformed(&place, "is not an object"));
    };
    let is_common = |name: &str| matches!(name, "rule" | "name" | "priority");
    let (common, own): (Vec<_>, Vec<_>) = fields.into_iter().partition(|(name, _)| is_common(name));
    match Json::Object(common).read::<Common>() {
        Err(error) => refused(String::new(), malformed(&place, error)),
        Ok(Common { rule: kind, name, priority }) => {
            let rule = read(&place, &kind, &Json::Object(own)).and_then(|rule| {
                match check(&rule, &name, priority) {
                    Ok(()) => Ok(rule),
                    Err(what) => Err(Error::new(Kind::RulesLimit, &place, what)),
                }
            });
            Declared { kind: cut(kind), name: cut(name), priority, rule }
        }
    }
}

fn read(place: &str, kind: &str, own: &Json) -> Result<Rule> {
    match Rule::read(kind, own) {
        Some(rule) => rule.map_err(|error| malformed(place, error)),
        None => {
            let kind: String = kind.chars().take(40).collect();
            Err(malformed(place, format!("`{kind}` is none of {}", NAMES.join(", "))))
        }
    }
}

/// Says what of a rule, its name or its priority is out of bounds.
fn check(rule: &Rule, name: &str, priority: i32) -> std::result::Result<(), String> {
    within(priority, -limits::PRIORITY..=limits::PRIORITY, "priority")?;
    if name.len() > limits::RULE_TEXT_BYTES {
        return Err(format!("the name has {} bytes, at most {}", name.len(), limits::RULE_TEXT_BYTES));
    }
    rule.check()
}

/// At most [`limits::RULE_TEXT_BYTES`] of a text: reports repeat it.
fn cut(mut text: String) -> String {
    text.truncate(text.floor_char_boundary(limits::RULE_TEXT_BYTES));
    text
}
