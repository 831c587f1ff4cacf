//! In: how far a piece of work is. Out: a bar on the terminal with the time left; none where standard error is not
//! a terminal. The bar for bytes looks at one call in a few hundred, so that reading is not slowed down.

use indicatif::{ProgressBar, ProgressStyle};

/// Calls between two looks.
const EVERY: u32 = 256;

/// A bar for steps of one kind of work.
pub fn steps(name: &str, length: u64) -> ProgressBar {
    bar(&format!("{name:<12} {{bar:32}} {{pos}}/{{len}}, {{eta}} left"), length)
}

/// A bar for the lists of so many users.
pub fn users(name: &str, users: usize) -> ProgressBar {
    bar(&format!("{name:<13} {{bar:32}} {{pos}}/{{len}} users, {{eta}} left"), users as u64)
}

fn bar(template: &str, length: u64) -> ProgressBar {
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(length).with_style(style)
}

/// A bar for reading files.
pub struct BytesBar {
    bar: ProgressBar,
    calls: u32,
}

impl BytesBar {
    /// A bar that says what is going on.
    pub fn new(what: &str) -> Self {
        let bar = bar("{msg} {wide_bar} {bytes} of {total_bytes}, {eta} left", 0);
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

impl Drop for BytesBar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
