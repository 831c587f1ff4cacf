//! In: how many bytes of how many were read. Out: a bar on the terminal with the time left.
//! Draws nothing where standard error is not a terminal.
//! Must never slow the reading down: it looks at one call in a few hundred.

use indicatif::{ProgressBar, ProgressStyle};

/// Calls between two looks.
const EVERY: u32 = 256;

/// A bar for reading files.
pub struct Bar {
    bar: ProgressBar,
    calls: u32,
}

impl Bar {
    /// A bar that says what is going on.
    pub fn new(what: &str) -> Self {
        let bar = ProgressBar::new(0);
        let style = "{msg} {wide_bar} {bytes} of {total_bytes}, {eta} left";
        if let Ok(style) = ProgressStyle::with_template(style) {
            bar.set_style(style);
        }
        bar.set_message(what.to_owned());
        Self { bar, calls: 0 }
    }

    /// Notes how far the reading is.
    pub fn set(&mut self, done: u64, total: u64) {
        if self.calls.is_multiple_of(EVERY) {
            self.bar.set_length(total);
            self.bar.set_position(done);
        }
        self.calls = self.calls.wrapping_add(1);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
