//! In: ids as texts, many of them repeated. Out: small numbers for them. A log of millions of events holds each id
//! once.

use std::collections::HashMap;
use std::sync::Arc;

/// Texts by number, each held once.
#[derive(Default)]
pub struct Interner {
    pub numbers: HashMap<Arc<str>, u32>,
    pub texts: Vec<Arc<str>>,
}

impl Interner {
    /// The number of a text, a new one if it is new.
    pub fn intern(&mut self, text: &str) -> u32 {
        if let Some(&number) = self.numbers.get(text) {
            return number;
        }
        // No more than LOG_EVENTS are ever added.
        let number = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        let text: Arc<str> = text.into();
        self.numbers.insert(Arc::clone(&text), number);
        self.texts.push(text);
        number
    }
}
