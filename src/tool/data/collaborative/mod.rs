//! In: who picked what, and how much it pleased. Out: item vectors, and scores of item against item.
//! [`interactions`] → [`factor`]: the vectors that a server sends, [`align`]ed and rounded in [`vector_table`];
//! → [`ease`]: the teacher's exact form. Which users enter is the caller's choice: folds are cut there.

mod align;
pub mod ease;
mod factor;
pub mod interactions;
pub mod vector_table;
