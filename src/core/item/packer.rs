//! In: items one by one. Out: the columns of [`Packed`].
//! The tool, WASI programs and tests build lists with it; in the browser the JS package packs.
//! It checks nothing: [`super::Items::read`] does.

use super::candidate::Candidate;
use super::packed::Packed;
use std::borrow::Borrow;
use std::collections::HashMap;

/// Columns under construction.
#[derive(Debug, Clone, Default)]
pub struct Packer {
    text: Vec<u8>,
    lengths: Vec<u32>,
    known: HashMap<Box<str>, u32>,
    tags: Vec<u32>,
    tag_counts: Vec<u32>,
    scores: Vec<f32>,
    fields: Vec<f32>,
    vectors: Vec<i8>,
    given: Vec<u8>,
    width: usize,
}

impl Packer {
    /// Packs candidates for a model that reads `fields`, and vectors of a space (its name and width) if
    /// any.
    pub fn pack<C: Borrow<Candidate>>(
        candidates: &[C],
        fields: &[String],
        vectors: Option<(&str, usize)>,
    ) -> Packer {
        let (basis, width) = vectors.unwrap_or_default();
        let mut packer = Packer::with_vectors(width);
        for candidate in candidates.iter().map(Borrow::borrow) {
            let value = |name: &String| candidate.fields.get(name).copied().flatten().unwrap_or(f32::NAN);
            let values: Vec<f32> = fields.iter().map(value).collect();
            let score = candidate.score.unwrap_or(f32::NAN);
            packer.push(&candidate.id, &candidate.title, &candidate.tags, score, &values);
            if !candidate.vector.is_empty() && candidate.basis == basis {
                packer.set_vector(&candidate.vector);
            }
        }
        packer
    }

    /// Appends one item. `score` NaN is absent; `fields` in the manifest's order.
    pub fn push<S: AsRef<str>>(&mut self, id: &str, title: &str, tags: &[S], score: f32, fields: &[f32]) {
        self.write(id);
        self.write(title);
        for tag in tags.iter().map(AsRef::as_ref) {
            let next = self.known.len() as u32;
            let number = self.known.get(tag).copied().unwrap_or(next);
            if number == next {
                self.write(tag);
                self.known.insert(tag.into(), next);
            }
            self.tags.push(number);
        }
        self.tag_counts.push(tags.len() as u32);
        self.scores.push(score);
        self.fields.extend_from_slice(fields);
        if self.width > 0 {
            self.vectors.resize(self.vectors.len() + self.width, 0);
            self.given.push(0);
        }
    }

    fn write(&mut self, text: &str) {
        self.text.extend_from_slice(text.as_bytes());
        self.lengths.push(text.len() as u32);
    }

    /// One whose items may have server vectors of `width` numbers.
    pub fn with_vectors(width: usize) -> Packer {
        Packer { width, ..Packer::default() }
    }

    /// Gives the item pushed last its server vector; one of another width is let go.
    pub fn set_vector(&mut self, vector: &[i8]) {
        let start = self.vectors.len().saturating_sub(self.width);
        if let (Some(row), Some(given)) = (self.vectors.get_mut(start..), self.given.last_mut())
            && row.len() == vector.len()
        {
            row.copy_from_slice(vector);
            *given = 1;
        }
    }

    /// The columns.
    pub fn packed(&self) -> Packed<'_> {
        Packed {
            text: &self.text,
            lengths: &self.lengths,
            tags: &self.tags,
            tag_counts: &self.tag_counts,
            scores: &self.scores,
            fields: &self.fields,
            vectors: &self.vectors,
            given: &self.given,
        }
    }
}
