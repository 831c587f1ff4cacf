//! In: typed arrays and strings from the package's JavaScript. Out: the same.
//! A thin shell around [`Ranker`]: no decision is made here.
//! It reads no object of a user: a getter that throws would leave the engine borrowed for good.

use js_sys::{Function, Object, Reflect};
use ranklet::{Error, Event, Info, Options, Packed, Ranker, Ranking, Ruleset, SnapshotForm};
use serde::Serialize;
use std::rc::Rc;
use wasm_bindgen::prelude::*;

/// This build's version.
#[wasm_bindgen]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").into()
}

/// A loaded model with one visitor's session.
#[wasm_bindgen]
pub struct Engine {
    ranker: Ranker,
    rules: Rc<Ruleset>,
    options: Options,
    last: Option<Ranking>,
}

/// An `Error` with `code` and `path`, as the package's `RankletError` expects it.
fn thrown(error: Error) -> JsValue {
    let js = js_sys::Error::new(&error.to_string());
    for (key, value) in [("code", error.code()), ("path", error.place())] {
        // Setting a property on a fresh Error cannot fail.
        let _ = Reflect::set(&js, &key.into(), &value.into());
    }
    js.into()
}

/// Plain objects and arrays. Only values of our own making go through here.
fn plain(value: &impl Serialize) -> JsValue {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    value.serialize(&serializer).unwrap_or_else(|_| Object::new().into())
}

/// Milliseconds by the caller's clock, or `performance`, or none: then time stands still.
fn clock(given: Option<Function>) -> impl FnMut() -> f64 {
    let performance = Reflect::get(&js_sys::global(), &"performance".into())
        .ok()
        .filter(JsValue::is_object)
        .map(JsCast::unchecked_into::<web_sys::Performance>);
    move || match (&given, &performance) {
        (Some(now), _) => now.call0(&JsValue::NULL).ok().and_then(|ms| ms.as_f64()).unwrap_or(f64::NAN),
        (None, Some(performance)) => performance.now(),
        (None, None) => 0.0,
    }
}

// A list crosses as flat columns, each in one copy: that is what the many arguments are.
#[allow(clippy::too_many_arguments)]
#[wasm_bindgen]
impl Engine {
    /// Loads a model. Throws an `Error` with `code` and `path`.
    #[wasm_bindgen(constructor)]
    pub fn new(model: &[u8]) -> Result<Engine, JsValue> {
        console_error_panic_hook::set_once();
        let ranker = Ranker::load(model).map_err(thrown)?;
        Ok(Engine { ranker, rules: Rc::default(), options: Options::default(), last: None })
    }

    /// What the model says about itself, and this build's limits.
    pub fn info(&self) -> JsValue {
        plain(&Info::of(&self.ranker))
    }

    /// Takes the list to rank; the layout is that of `Packed`. Gives the positions whose id an earlier one has.
    pub fn set_candidates(
        &mut self,
        text: &[u8],
        lengths: &[u32],
        tags: &[u32],
        tag_counts: &[u32],
        scores: &[f32],
        fields: &[f32],
        vectors: &[i8],
        given: &[u8],
    ) -> Result<Vec<u32>, JsValue> {
        self.last = None;
        let packed = Packed { text, lengths, tags, tag_counts, scores, fields, vectors, given };
        self.ranker.set_packed(&packed).map_err(thrown)?;
        Ok(self.ranker.items().repeated().to_vec())
    }

    /// Takes one event about an item that was sent before; false if it changes nothing.
    pub fn observe(
        &mut self,
        kind: &str,
        item_id: &str,
        event_id: &str,
        at_ms: f64,
        value: f64,
    ) -> Result<bool, JsValue> {
        let event = Event { kind, id: event_id, at_ms, value };
        self.ranker.observe(&event, item_id).map_err(thrown)
    }

    /// Takes one event about an item that comes with it, laid out as in `Packed`.
    pub fn observe_item(
        &mut self,
        kind: &str,
        item_id: &str,
        event_id: &str,
        at_ms: f64,
        value: f64,
        text: &[u8],
        lengths: &[u32],
        tags: &[u32],
        tag_counts: &[u32],
        scores: &[f32],
        fields: &[f32],
        vectors: &[i8],
        given: &[u8],
    ) -> Result<bool, JsValue> {
        let event = Event { kind, id: event_id, at_ms, value };
        let packed = Packed { text, lengths, tags, tag_counts, scores, fields, vectors, given };
        self.ranker.observe_packed(&event, item_id, &packed).map_err(thrown)
    }

    /// Ranks; gives the report. `options` is a plain object that the package made.
    pub fn rank(&mut self, options: JsValue, now: Option<Function>) -> JsValue {
        let mut options: Options = serde_wasm_bindgen::from_value(options).unwrap_or_default();
        options.rules = self.rules.clone();
        let ranking = self.ranker.rank(&options, &mut clock(now));
        let report = plain(&ranking.report);
        (self.last, self.options) = (Some(ranking), options);
        report
    }

    /// Takes rules for the rankings from now on; gives the names of the fields that they read and the
    /// model does not. Throws if they are no ruleset: then there are none.
    pub fn set_rules(&mut self, json: &str) -> Result<Vec<String>, JsValue> {
        self.rules = Rc::default();
        self.rules = Rc::new(Ruleset::from_json(json).map_err(thrown)?);
        let fields = &self.ranker.manifest().fields;
        Ok(self.rules.fields().into_iter().filter(|name| !fields.contains(name)).collect())
    }

    /// Takes those fields of the current list, one row an item.
    pub fn set_rule_fields(&mut self, names: Vec<String>, values: Vec<f32>) -> Result<(), JsValue> {
        self.ranker.set_rule_fields(names, values).map_err(thrown)
    }

    /// Propensities of the last ranking by slot, as far as exploration reaches.
    pub fn propensities(&self) -> Vec<f32> {
        self.last.as_ref().map(|ranking| ranking.propensities.clone()).unwrap_or_default()
    }

    /// Scores of the rows of a feature matrix; throws for a model that reads more than features.
    pub fn score_batch(&mut self, rows: &[f32]) -> Result<Vec<f32>, JsValue> {
        self.ranker.score_batch(rows).map_err(thrown)
    }

    /// Why an item is where the last ranking put it.
    pub fn explain(&mut self, item_id: &str) -> Result<JsValue, JsValue> {
        self.ranker.explain(item_id, &self.options).map(|e| plain(&e)).map_err(thrown)
    }

    /// Input positions of the last ranking, best first.
    pub fn order(&self) -> Vec<u32> {
        self.last.as_ref().map(|ranking| ranking.order.clone()).unwrap_or_default()
    }

    /// Scores of the last ranking by input position; NaN where there is none.
    pub fn scores(&self) -> Vec<f32> {
        self.last.as_ref().map(|ranking| ranking.scores.clone()).unwrap_or_default()
    }

    /// Calibrated probabilities of a head by input position; NaN where there is none.
    pub fn probabilities(&self, head: usize) -> Vec<f32> {
        self.last.as_ref().map(|ranking| self.ranker.probabilities(ranking, head)).unwrap_or_default()
    }

    /// States what the visitor likes: tags, and items laid out as in `Packed`.
    pub fn prefer(
        &mut self,
        stated: Vec<String>,
        text: &[u8],
        lengths: &[u32],
        tags: &[u32],
        tag_counts: &[u32],
        scores: &[f32],
        fields: &[f32],
        vectors: &[i8],
        given: &[u8],
    ) -> Result<(), JsValue> {
        let packed = Packed { text, lengths, tags, tag_counts, scores, fields, vectors, given };
        self.ranker.prefer(&stated, &packed).map_err(thrown)
    }

    /// Takes an event back; false if it never happened.
    pub fn undo(&mut self, event_id: &str) -> Result<bool, JsValue> {
        self.ranker.undo(event_id).map_err(thrown)
    }

    /// The session as bytes.
    pub fn snapshot(&mut self, compact: bool) -> Vec<u8> {
        self.ranker.snapshot(if compact { SnapshotForm::Compact } else { SnapshotForm::Full })
    }

    /// Takes a snapshot's session in place of this one.
    pub fn restore(&mut self, bytes: &[u8]) -> Result<(), JsValue> {
        self.ranker.restore(bytes).map_err(thrown)
    }

    /// Forgets the visitor.
    pub fn forget(&mut self) {
        self.ranker.forget();
    }
}
