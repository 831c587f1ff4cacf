//! In: the server's int8 vectors of a list. Out: [`ServerVectors`] by position, and [`place`].
//! A vector from the server takes the place of what the text encoder would have guessed.
//! Rows that are not whole are refused.

use super::packed::{Packed, malformed};
use crate::error::Result;
use crate::limits;

/// The vectors that came with a list.
#[derive(Debug, Clone, Default)]
pub(super) struct ServerVectors {
    data: Vec<i8>,
    given: Vec<bool>,
    width: usize,
}

impl ServerVectors {
    pub(super) fn read(packed: &Packed, n: usize) -> Result<ServerVectors> {
        if packed.given.is_empty() && packed.vectors.is_empty() {
            return Ok(ServerVectors::default());
        }
        if packed.given.len() != n {
            return Err(malformed("given", format!("{} for {n} items", packed.given.len())));
        }
        let width = packed.vectors.len() / n.max(1);
        if width.saturating_mul(n) != packed.vectors.len() || width > limits::VECTOR {
            return Err(malformed("vectors", format!("{} for {n} items", packed.vectors.len())));
        }
        let given = packed.given.iter().map(|&given| given == 1 && width > 0).collect();
        Ok(ServerVectors { data: packed.vectors.to_vec(), given, width })
    }

    pub(super) fn get(&self, position: usize) -> Option<&[i8]> {
        self.given.get(position).filter(|given| **given)?;
        self.data.get(position * self.width..(position + 1) * self.width)
    }

    pub(super) fn width(&self) -> usize {
        self.width
    }
}

/// Puts a server vector in the place of an item vector's first numbers, each times `scale`.
pub fn place(vector: &mut [f32], server: &[i8], scale: f32) {
    for (to, &from) in vector.iter_mut().zip(server) {
        *to = f32::from(from) * scale;
    }
}
