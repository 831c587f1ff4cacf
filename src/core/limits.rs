//! In: nothing. Out: every number that bounds something from outside, each with its reason.
//! Tests assert them at n and at n + 1.
//! The names of those that JavaScript needs are listed in pkg/build/limits.mjs.

/// Bytes of each of an error's two texts: a parser's own message may quote a megabyte of input.
pub const ERROR_BYTES: usize = 600;
/// Bytes of a model file. The largest student is under 500 KB; this leaves room for plain models
/// from other tools, while decoding amplifies at most twelvefold and stays far from wasm's 4 GB.
pub const MODEL_BYTES: usize = 8 << 20;
/// Entries of a model's small lists that tools add and nobody reads here: metadata, operator sets.
pub const MODEL_ENTRIES: usize = 256;
/// Nodes in a graph: a ranker has tens; compile time grows faster than linearly.
pub const GRAPH_NODES: usize = 1_024;
/// Initializers in a graph.
pub const GRAPH_INITIALIZERS: usize = 2_000;
/// Inputs or outputs of one node (`Concat` is the widest).
pub const NODE_ARITY: usize = 64;
/// Attributes of one node.
pub const NODE_ATTRIBUTES: usize = 32;
/// Axes of a tensor.
pub const TENSOR_RANK: usize = 6;
/// Elements of any one tensor, stored or computed: 16 MiB of f32.
pub const TENSOR_ELEMENTS: u64 = 4 << 20;
/// Elements that one block of one stage may compute in all: 128 MiB of f32.
pub const PLAN_ELEMENTS: u64 = 32 << 20;
/// Multiplications that one block of one stage may take: some 50 ms in wasm, over a whole budget.
pub const PLAN_MACS: u64 = 1 << 30;
/// Bytes of one name in the graph.
pub const NAME_BYTES: usize = 512;
/// Bytes of the manifest's JSON.
pub const MANIFEST_BYTES: usize = 2 << 20;
/// Features that a manifest may name.
pub const FEATURES: usize = 512;
/// Numeric candidate fields that a manifest may name.
pub const FIELDS: usize = 64;
/// Heads that a model may have.
pub const HEADS: usize = 16;
/// Actions that a manifest may map.
pub const ACTIONS: usize = 64;
/// Tokens of an item's text.
pub const TOKENS: usize = 64;
/// Rows of a text table.
pub const TEXT_TABLE: usize = 1 << 20;
/// Width of an item vector.
pub const VECTOR: usize = 512;
/// Bytes of the name of a vector space: a hash in hex.
pub const BASIS_BYTES: usize = 64;
/// Rows of history that a model may read.
pub const HISTORY: usize = 256;
/// Candidates that one plan run scores.
pub const BLOCK: usize = 1_024;
/// Candidates in a list. The product's range is 100 to 1,000; ten times that still answers.
pub const CANDIDATES: usize = 10_000;
/// Bytes of a candidate's id.
pub const ID_BYTES: usize = 256;
/// Bytes of a title; the rest is cut, since a model reads at most [`TOKENS`] tokens.
pub const TITLE_BYTES: usize = 1_024;
/// Tags of a candidate.
pub const TAGS: usize = 32;
/// Bytes of a tag.
pub const TAG_BYTES: usize = 128;
/// Bytes of all text of a list: the largest list with the longest strings, so that cut strings
/// always fit.
pub const LIST_TEXT_BYTES: usize = CANDIDATES * (ID_BYTES + TITLE_BYTES + TAGS * TAG_BYTES);
/// Events of a session that count; beyond, those without a verdict stop counting first.
pub const EVENTS: usize = 256;
/// Events kept behind those that count, so that as many can be undone exactly.
pub const RESERVED_EVENTS: usize = 256;
/// Milliseconds from 1970 either way: the range of a JavaScript `Date`.
pub const TIME_MS: i64 = 8_640_000_000_000_000;
/// Things that a visitor said to like: more than a form would ask for.
pub const STATED_ITEMS: usize = 32;
/// Bytes of a snapshot: just under 16 KiB.
pub const SNAPSHOT_BYTES: usize = (16 << 10) - 1;
/// Bytes of a compact snapshot: in base64 it fits a cookie of 4 KB with room for its attributes.
pub const COMPACT_BYTES: usize = 2_800;
/// Newest events that a snapshot holds on to before the words of tags and preferences: as many as models
/// read.
pub const SNAPSHOT_EVENTS: usize = 32;
/// Item vectors kept across lists: four lists of the product's largest size.
pub const CACHED_VECTORS: usize = 4_096;
/// Numbers of 4 bytes that they and their tokens may hold together: 4 MiB.
pub const CACHED_NUMBERS: usize = 1 << 20;
/// Events whose share in a place is worked out: each costs a ranking.
pub const EXPLAINED_EVENTS: usize = 64;
/// Events that one ranking may be asked to leave out; each is looked up.
pub const WITHOUT: usize = 256;
/// Bytes of a locale (BCP 47 has no limit; real ones have at most 35) or of a device class.
pub const CONTEXT_BYTES: usize = 64;
/// Hours in which an event's strength may halve: a second to a century.
pub const HALF_LIFE_HOURS: std::ops::RangeInclusive<f64> = 1.0 / 3_600.0..=876_600.0;
/// Candidates without an event below which a list counts as used up: less than one screen.
pub const POOL_LEAST: usize = 10;
/// Tags of a query for more candidates.
pub const SKETCH_TAGS: usize = 16;
/// Items kept for events although they are in no current list.
pub const REMEMBERED_ITEMS: usize = 512;
/// Bytes of an event's id.
pub const EVENT_ID_BYTES: usize = 128;
/// Magnitude of a head's weight.
pub const WEIGHT: f32 = 1e6;
/// Work units that a budget can grant: what JavaScript counts exactly, and more than any list takes.
pub const UNITS: f64 = 9_007_199_254_740_991.0;
/// Bytes of one line of a log: the largest list with a dozen fields an item.
pub const LOG_LINE_BYTES: usize = 16 << 20;
/// Fields of one logged event, or of one item in a logged ranking.
pub const LOG_FIELDS: usize = 256;
/// Entries of a list in a logged field; embeddings have up to some thousands.
pub const LOG_LIST: usize = 8_192;
/// Shown items, interactions and item or user events that are held to put a log in order: about
/// 60 bytes each, so some 2 GB at the bound. More is to be split by time or by user.
pub const LOG_EVENTS: u64 = 30_000_000;

/// Rules of one ranking: one bit each in a 64-bit mask, with room for what a declared rule becomes.
pub const RULES: usize = 64;
/// Bytes of a ruleset's JSON: room for a blocked list of [`RULE_IDS`] ids of ordinary length.
pub const RULES_BYTES: usize = 1 << 20;
/// Ids that one condition may list: as many as a list has candidates.
pub const RULE_IDS: usize = CANDIDATES;
/// Parts of one condition, and how deep they nest: people write fewer than ten.
pub const CONDITION_PARTS: usize = 256;
/// Levels of a condition.
pub const CONDITION_DEPTH: usize = 8;
/// Bytes of a rule's name, tag, prefix or field.
pub const RULE_TEXT_BYTES: usize = 128;
/// Slots from the top that pins, quotas, spacing, diversity and exploration may reach: more than
/// anyone scrolls, and what keeps greedy selection in O(slots² · candidates).
pub const SLOTS: usize = 100;
/// Candidates that diversity or exploration may choose among: the product's longest list.
pub const POOL: usize = 1_000;
/// Share of relevance in DPP: weights reach e^19 there, and f32 still tells them apart.
pub const DPP_RELEVANCE: f32 = 0.95;
/// Standard deviations of the list's scores by which boosts, and freshness and fatigue each, may
/// shift an item: beyond the spread of any real list, so more is never needed.
pub const SHIFT: f64 = 10.0;
/// Magnitude of a rule's priority.
pub const PRIORITY: i32 = 1_000;
/// Half-life of freshness in milliseconds: a second to a century.
pub const HALF_LIFE_MS: std::ops::RangeInclusive<f64> = 1e3..=3.2e12;
/// Magnitude of a number that a rule compares a field with: exact in f32's range, far from overflow.
pub const RULE_NUMBER: f64 = 1e30;
