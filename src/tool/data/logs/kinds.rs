//! In: names of interaction types as a log spells them. Out: small numbers for them, and sets of them in a word.
//! A log may have as many types as a manifest may map (`limits::ACTIONS`).

use ranklet::limits;

/// An interaction type of one log, by its place in [`KindNames`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kind(pub(super) u8);

/// Which interaction types happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Kinds(u64);

impl Kinds {
    /// Whether that type happened.
    #[must_use]
    pub const fn has(self, kind: Kind) -> bool {
        self.0 >> kind.0 & 1 == 1
    }

    /// Whether any type of the other set happened.
    #[must_use]
    pub const fn meets(self, other: Kinds) -> bool {
        self.0 & other.0 != 0
    }

    /// Adds a type.
    pub const fn insert(&mut self, kind: Kind) {
        self.0 |= 1 << kind.0;
    }

    /// Whether nothing happened.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

// A set is one word.
const _: () = assert!(limits::ACTIONS <= 64);

/// The interaction types of a log, in order of appearance.
#[derive(Debug, Clone, Default)]
pub struct KindNames(Vec<String>);

impl KindNames {
    /// The type of that name, if the log has it.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<Kind> {
        let place = self.0.iter().position(|known| known == name)?;
        u8::try_from(place).ok().map(Kind)
    }

    /// The set of those names that the log has.
    #[must_use]
    pub fn set(&self, names: &[&str]) -> Kinds {
        let mut kinds = Kinds::default();
        names.iter().filter_map(|name| self.find(name)).for_each(|kind| kinds.insert(kind));
        kinds
    }

    /// The name of a type.
    #[must_use]
    pub fn name(&self, kind: Kind) -> &str {
        self.0.get(usize::from(kind.0)).map_or("", String::as_str)
    }

    /// All names.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// The type of that name, added if new; `None` when there are `limits::ACTIONS` others.
    pub fn intern(&mut self, name: &str) -> Option<Kind> {
        if let Some(kind) = self.find(name) {
            return Some(kind);
        }
        if self.0.len() >= limits::ACTIONS {
            return None;
        }
        self.0.push(name.to_owned());
        self.find(name)
    }
}
