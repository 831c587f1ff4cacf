// In: nothing. Out: the type of every code that errors, warnings and rankings carry, each with what it says.
// Re-exported by `ranklet`. The edge template's own codes are in `ranklet/edge`'s answers, not here.
// Must hold each code that the package can give, and no other: tests/node/codes.test.mjs compares them with the sources.

/** Why a model or the wasm could not be had. */
type Transfer =
  | 'csp' // the page's policy forbids fetching it
  | 'fetch' // no answer, or not all of it
  | 'http' // a status that is no success
  | 'html' // a page came in its place
  | 'integrity' // other bytes than `integrity` says, or no such hash
  | 'lfs-pointer' // a pointer of Git LFS came in its place
  | 'not-bytes' // neither bytes nor an address nor a response
  | 'too-large'
  | 'wrong-type'; // other bytes than of such a file

/** Stable, `room/reason`. */
export type Code =
  // Loading. These are thrown.
  | `model/${Transfer}`
  | `wasm/${Transfer}`
  | 'model/malformed' // no ONNX model, or damaged
  | 'model/manifest' // not packed by `ranklet` of this version
  | 'model/hash' // the graph was changed after it was packed
  | 'model/unsupported' // an operator or shape that ranklet lacks
  | 'model/self-test' // the model does not give its golden vectors here
  | 'load/aborted'
  | 'load/bad-option'
  | 'wasm/compile'
  | 'wasm/no-simd'
  | 'wasm/unavailable' // the host has no WebAssembly
  | 'ranker/use-load' // `new Ranker`
  // Calls. These are thrown, but by `rank()`: there they are a warning and the ranking's reason.
  | 'ranker/busy' // called from inside one of its own calls
  | 'ranker/disposed'
  | 'ranker/fault'
  | 'wasm/trap' // the instance stopped, and is rebuilt before the next call
  | 'wasm/trap-limit' // it stopped too often: left alone for a minute
  | 'wasm/bad-answer'
  | 'worker/fault'
  | 'worker/lost'
  | 'candidates/malformed'
  | 'candidate/id' // `explain`: no candidate has it
  | 'event/unreadable'
  | 'event/unknown-type'
  | 'event/unknown-item'
  | 'event/unknown-id' // `undo`: no event had it
  | 'event/too-old' // `undo`: what came before it is not held any more
  | 'event/bad-id'
  | 'event/bad-time'
  | 'event/bad-value'
  | 'prefer/unreadable'
  | 'snapshot/not-bytes'
  | 'snapshot/malformed'
  | 'snapshot/version'
  | 'snapshot/model' // of another model
  | 'adapter/shape' // `ranklet/adapters`: no list of hits there
  | 'adapter/bad-option'
  // Rankings: warnings, and what ended one early.
  | 'budget' // a reason only: the time or the units were used up
  | 'model/run'
  | 'candidates/not-array'
  | 'candidates/unreadable'
  | 'candidates/too-many'
  | 'candidates/cut'
  | 'candidate/unreadable'
  | 'candidate/bad-id'
  | 'candidate/duplicate-id'
  | 'candidate/not-text'
  | 'candidate/truncated'
  | 'candidate/bad-tags'
  | 'candidate/bad-number'
  | 'candidate/bad-fields'
  | 'candidate/bad-vector'
  | 'candidate/other-basis' // a vector of another training: title and tags stand in
  | 'rank/bad-option'
  | 'rank/bad-weight'
  | 'rank/unknown-head'
  | 'rank/weights'
  | 'rank/context'
  | 'rules/malformed'
  | 'rules/limit'
  | 'rules/unknown-field'
  | 'rules/contradiction'
  | 'rules/infeasible'
  | 'warnings/more'; // how many are not listed
