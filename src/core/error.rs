//! In: what went wrong and where. Out: [`Error`], with a stable code, a place and a mend.
//! Every module reports through this type; the codes are part of the public interface.
//! It owns its texts and carries no other library's error type.

use std::fmt;

/// What went wrong. Each kind has a stable code that also crosses to JavaScript.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// The model's bytes exceed [`crate::limits::MODEL_BYTES`], or a tensor in it exceeds its bound.
    ModelTooLarge,
    /// The bytes are not a protobuf `ModelProto`, or the graph in them contradicts itself.
    ModelMalformed,
    /// The manifest is missing, is not JSON, or names something that the graph lacks.
    ModelManifest,
    /// The graph's bytes do not have the hash that the manifest seals.
    ModelHash,
    /// The graph uses an operator, attribute or data type outside the operator table.
    ModelUnsupported,
    /// The compiled model does not reproduce the manifest's golden vectors.
    ModelSelfTest,
    /// The model runtime failed although the model was vetted.
    ModelRun,
    /// Packed candidates do not have the lengths that they announce.
    CandidatesMalformed,
    /// An identifier is empty, too long, or not in the current list.
    CandidateId,
    /// The event's type is not one that the manifest maps.
    EventUnknownType,
    /// The event is about an item that was never sent.
    EventUnknownItem,
    /// The event's time is not a finite number of milliseconds.
    EventTime,
    /// The event's value is out of range for its type.
    EventValue,
    /// The event's own id is too long.
    EventId,
    /// No event has the id that was asked for.
    EventUnknownId,
    /// The event has fallen out of the log, or the log without it is not known any more.
    EventTooOld,
    /// A head's weight is not finite, or there are more weights than heads.
    RankWeights,
    /// A circumstance of the ranking is out of range.
    RankContext,
    /// The bytes are no snapshot, or were damaged.
    SnapshotMalformed,
    /// The snapshot was written by a newer version.
    SnapshotVersion,
    /// The snapshot's events mean nothing to this model.
    SnapshotModel,
    /// A ruleset or a rule in it cannot be read.
    RulesMalformed,
    /// A number of a rule is out of its bounds, or there is too much of something.
    RulesLimit,
    /// A rule names a field that the candidates do not carry.
    RulesUnknownField,
    /// A rule gave way to another one of higher priority.
    RulesContradiction,
    /// A rule cannot hold on this list.
    RulesInfeasible,
}

impl Kind {
    /// The stable code, `room/reason`.
    pub const fn code(self) -> &'static str {
        match self {
            Kind::ModelTooLarge => "model/too-large",
            Kind::ModelMalformed => "model/malformed",
            Kind::ModelManifest => "model/manifest",
            Kind::ModelHash => "model/hash",
            Kind::ModelUnsupported => "model/unsupported",
            Kind::ModelSelfTest => "model/self-test",
            Kind::ModelRun => "model/run",
            Kind::CandidatesMalformed => "candidates/malformed",
            Kind::CandidateId => "candidate/id",
            Kind::EventUnknownType => "event/unknown-type",
            Kind::EventUnknownItem => "event/unknown-item",
            Kind::EventTime => "event/bad-time",
            Kind::EventValue => "event/bad-value",
            Kind::EventId => "event/bad-id",
            Kind::EventUnknownId => "event/unknown-id",
            Kind::EventTooOld => "event/too-old",
            Kind::RankWeights => "rank/weights",
            Kind::RankContext => "rank/context",
            Kind::SnapshotMalformed => "snapshot/malformed",
            Kind::SnapshotVersion => "snapshot/version",
            Kind::SnapshotModel => "snapshot/model",
            Kind::RulesMalformed => "rules/malformed",
            Kind::RulesLimit => "rules/limit",
            Kind::RulesUnknownField => "rules/unknown-field",
            Kind::RulesContradiction => "rules/contradiction",
            Kind::RulesInfeasible => "rules/infeasible",
        }
    }

    /// How a person mends it: one sentence.
    pub const fn mend(self) -> &'static str {
        match self {
            Kind::ModelTooLarge => {
                "Use a smaller model: fewer rows in its text table, narrower layers (`ranklet train --prune`)."
            }
            Kind::ModelMalformed => {
                "Check that the file is an ONNX model and arrived whole (not an HTML error page)."
            }
            Kind::ModelManifest => "Train or pack the model with the `ranklet` tool of this version.",
            Kind::ModelHash => "The graph was edited or damaged after it was packed: pack it again.",
            Kind::ModelUnsupported => {
                "Export the model with operators that ranklet has: its README names them."
            }
            Kind::ModelSelfTest => {
                "The file and this build disagree: pack the model again and compare versions."
            }
            Kind::ModelRun => "Please report this model: vetting should have refused it.",
            Kind::CandidatesMalformed => {
                "Send lengths that add up to the text, one score and one row of fields an item."
            }
            Kind::CandidateId => "Give each candidate a non-empty id of at most 256 bytes.",
            Kind::EventUnknownType => "Use an action of the model's manifest (`model.actions`).",
            Kind::EventUnknownItem => "Send the whole item with the event, or an id of the current list.",
            Kind::EventTime => "Give `at` in milliseconds since 1970, or leave it out.",
            Kind::EventValue => "Give dwell in seconds (0 or more), watch as a fraction 0 to 1.",
            Kind::EventId => "Give the event an id of at most 128 bytes, or none.",
            Kind::EventUnknownId => "Give the `id` that the event was observed with.",
            Kind::EventTooOld => "Undo sooner, or forget the session.",
            Kind::RankWeights => "Give finite weights by head name; the heads are in `model.heads`.",
            Kind::RankContext => "Give the hour as 0 up to 24 and the weekday as 0 (Sunday) to 6.",
            Kind::SnapshotMalformed => "Start without it: the session is lost.",
            Kind::SnapshotVersion => "Update ranklet where it is restored, or start without it.",
            Kind::SnapshotModel => "Start without it, or load the model that it was taken with.",
            Kind::RulesMalformed => "Write rules as the package's types declare them.",
            Kind::RulesLimit => "Give fewer rules, or smaller ones.",
            Kind::RulesUnknownField => "Send the field with every candidate, or correct its name.",
            Kind::RulesContradiction => "Drop one of the rules, or give this one a higher `priority`.",
            Kind::RulesInfeasible => "Ask the server for more candidates that fit, or ask less of the rule.",
        }
    }
}

/// An error with its code, the place it concerns, and a sentence on what is wrong there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    kind: Kind,
    place: String,
    what: String,
}

/// The result of everything in this crate that can fail.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// `place` is a path such as `graph.node[3].input[1]`; `what` one clause without a full stop. Both
    /// may quote the input: each is cut at [`crate::limits::ERROR_BYTES`].
    pub fn new(kind: Kind, place: impl Into<String>, what: impl Into<String>) -> Error {
        let cut = |mut text: String| {
            if text.len() > crate::limits::ERROR_BYTES {
                text.truncate(text.floor_char_boundary(crate::limits::ERROR_BYTES));
                text.push('…');
            }
            text
        };
        Error { kind, place: cut(place.into()), what: cut(what.into()) }
    }

    /// What kind of error this is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The stable code, as JavaScript sees it.
    pub fn code(&self) -> &'static str {
        self.kind.code()
    }

    /// The place it concerns.
    pub fn place(&self) -> &str {
        &self.place
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} ({}). {}", self.place, self.what, self.code(), self.kind.mend())
    }
}

impl std::error::Error for Error {}
