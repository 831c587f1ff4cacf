//! In: a ruleset as JSON. Out: [`Ruleset`]: each rule checked against its bounds, or why it is not.
//! One rule that cannot be read does not stop the others: it is reported in its place.
//! Must never accept a name that it does not know: a misspelt bound would silently be none.

use super::boost::Boost;
use super::condition::within;
use super::dedupe::Dedupe;
use super::diversity::Diversity;
use super::explore::Explore;
use super::fatigue::Fatigue;
use super::filter::Filter;
use super::freshness::Freshness;
use super::pin::Pin;
use super::quota::Quota;
use super::spacing::Spacing;
use crate::error::{Error, Kind, Result};
use crate::limits;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// One rule.
#[derive(Debug, Clone, PartialEq)]
pub enum Rule {
    /// Takes items out.
    Filter(Filter),
    /// Lifts or buries items.
    Boost(Boost),
    /// Lifts what is new.
    Freshness(Freshness),
    /// Buries what was shown in vain.
    Fatigue(Fatigue),
    /// Keeps the best of a group.
    Dedupe(Dedupe),
    /// Spreads the top over what is unlike.
    Diversity(Diversity),
    /// Puts an item in a slot.
    Pin(Pin),
    /// At least, at most so many in the top.
    Quota(Quota),
    /// Keeps what is alike apart.
    Spacing(Spacing),
    /// Draws some slots at random.
    Explore(Explore),
}

/// A rule as declared, with its name and priority.
#[derive(Debug, Clone, PartialEq)]
pub struct Declared {
    /// Its kind's name.
    pub kind: String,
    /// For reports; may be empty.
    pub name: String,
    /// Where rules contradict each other, the higher one holds; equal ones by kind, pins first, then
    /// as declared.
    pub priority: i32,
    /// The rule, or what is wrong with it.
    pub rule: Result<Rule>,
}

/// Rules for a ranking, in the order declared.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ruleset {
    declared: Vec<Declared>,
}

/// What every rule may say beside its own.
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
        let values: Vec<Value> = serde_json::from_str(json).map_err(|e| malformed("rules", e))?;
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

fn declare(index: usize, value: Value) -> Declared {
    let place = format!("rules[{index}]");
    let refused =
        |kind: String, error: Error| Declared { kind, name: String::new(), priority: 0, rule: Err(error) };
    let Value::Object(mut own) = value else {
        return refused(String::new(), malformed(&place, "is not an object"));
    };
    let mut common = Map::new();
    for key in ["rule", "name", "priority"] {
        common.extend(own.remove(key).map(|value| (key.to_string(), value)));
    }
    match serde_json::from_value::<Common>(Value::Object(common)) {
        Err(error) => refused(String::new(), malformed(&place, error)),
        Ok(Common { rule: kind, name, priority }) => {
            let rule = read(&place, &kind, own).and_then(|rule| {
                let fits = within(priority, -limits::PRIORITY..=limits::PRIORITY, "priority")
                    .and_then(|()| match name.len() {
                        0..=limits::RULE_TEXT_BYTES => Ok(()),
                        bytes => {
                            Err(format!("the name has {bytes} bytes, at most {}", limits::RULE_TEXT_BYTES))
                        }
                    })
                    .and_then(|()| rule.check());
                fits.map(|()| rule).map_err(|what| Error::new(Kind::RulesLimit, &place, what))
            });
            let cut = |text: String| match text.len() {
                0..=limits::RULE_TEXT_BYTES => text,
                _ => text[..text.floor_char_boundary(limits::RULE_TEXT_BYTES)].to_string(),
            };
            Declared { kind: cut(kind), name: cut(name), priority, rule }
        }
    }
}

fn read(place: &str, kind: &str, own: Map<String, Value>) -> Result<Rule> {
    fn parse<T: DeserializeOwned>(place: &str, own: Map<String, Value>) -> Result<T> {
        serde_json::from_value(Value::Object(own)).map_err(|error| malformed(place, error))
    }
    Ok(match kind {
        "filter" => Rule::Filter(parse(place, own)?),
        "boost" => Rule::Boost(parse(place, own)?),
        "freshness" => Rule::Freshness(parse(place, own)?),
        "fatigue" => Rule::Fatigue(parse(place, own)?),
        "dedupe" => Rule::Dedupe(parse(place, own)?),
        "diversity" => Rule::Diversity(parse(place, own)?),
        "pin" => Rule::Pin(parse(place, own)?),
        "quota" => Rule::Quota(parse(place, own)?),
        "spacing" => Rule::Spacing(parse(place, own)?),
        "explore" => Rule::Explore(parse(place, own)?),
        other => {
            let other: String = other.chars().take(40).collect();
            let what = format!(
                "`{other}` is none of filter, boost, freshness, fatigue, dedupe, diversity, pin, quota, spacing, explore"
            );
            return Err(malformed(place, what));
        }
    })
}

impl Rule {
    fn check(&self) -> std::result::Result<(), String> {
        match self {
            Rule::Filter(rule) => rule.condition.check(),
            Rule::Boost(rule) => rule.check(),
            Rule::Freshness(rule) => rule.check(),
            Rule::Fatigue(rule) => rule.check(),
            Rule::Dedupe(rule) => rule.check(),
            Rule::Diversity(rule) => rule.check(),
            Rule::Pin(rule) => rule.check(),
            Rule::Quota(rule) => rule.check(),
            Rule::Spacing(rule) => rule.check(),
            Rule::Explore(rule) => rule.check(),
        }
    }

    fn fields(&self, names: &mut Vec<String>) {
        match self {
            Rule::Filter(rule) => rule.condition.fields(names),
            Rule::Boost(rule) => rule.condition.fields(names),
            Rule::Freshness(rule) => names.push(rule.field.clone()),
            Rule::Dedupe(rule) => names.extend(rule.by.field()),
            Rule::Quota(rule) => {
                names.extend(rule.each.as_ref().and_then(|each| each.field()));
                rule.of.iter().for_each(|of| of.fields(names));
            }
            Rule::Spacing(rule) => names.extend(rule.by.field()),
            Rule::Fatigue(_) | Rule::Diversity(_) | Rule::Pin(_) | Rule::Explore(_) => {}
        }
    }
}
