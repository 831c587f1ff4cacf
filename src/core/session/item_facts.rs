//! What a session keeps of an item after its list is gone.
//! Enough to compute its vector anew and to explain it.

/// The facts of an item that an event is about, kept after its list is gone.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ItemFacts {
    /// Its id.
    pub id: Box<str>,
    /// Its tags, as [`crate::text::tag_id`] gives them.
    pub tags: Vec<u32>,
    /// Its numeric fields; NaN is absent.
    pub fields: Vec<f32>,
    /// Its vector; empty if the model has none.
    pub vector: Vec<f32>,
    /// The tokens of its text, from which the vector can be made again; empty if there is none.
    pub tokens: Vec<u32>,
    /// The vector that the server sent with it; empty if it sent none.
    pub server: Box<[i8]>,
    /// The words of its tags, in the order of `tags`; empty where they are not known.
    pub names: Vec<Box<str>>,
}

impl ItemFacts {
    /// Whether all facts are the same, absent fields included.
    pub fn same(&self, other: &ItemFacts) -> bool {
        let bits = |a: &[f32], b: &[f32]| a.iter().map(|v| v.to_bits()).eq(b.iter().map(|v| v.to_bits()));
        self.id == other.id
            && self.tags == other.tags
            && self.tokens == other.tokens
            && self.server == other.server
            && self.names == other.names
            && bits(&self.fields, &other.fields)
            && bits(&self.vector, &other.vector)
    }
}
