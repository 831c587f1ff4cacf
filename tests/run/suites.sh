# shellcheck shell=bash
# The test suites. Each writes what it printed to target/test/SUITE.log and its exit code to
# SUITE.exit; the JavaScript ones also SUITE.tap. report.mjs counts.

# Every suite runs, whatever became of the ones before it; but one that lacks what it needs fails at once.
run_suites() {
  rm -rf target/test
  mkdir -p target/test
  local suite rows=() missing='' thing start exits
  for suite in "$@"; do rows+=("test_$suite"); done
  # All that the suites need is had before the first begins.
  for thing in $(needs_in_order ${rows[@]+"${rows[@]}"}); do
    attempt "need_$thing"
    ((STATUS == 0)) || missing+=" $thing "
  done
  for suite in "$@"; do
    say "suite: $suite"
    start=$SECONDS
    set +e # as in `attempt`
    (set -e && run_suite "$suite" "$missing") 2>&1 | tee "target/test/$suite.log"
    exits=("${PIPESTATUS[@]}")
    set -e
    echo "${exits[0]} $((SECONDS - start))" >"target/test/$suite.exit"
    note "suite $suite ended after $((SECONDS - start)) s, exit code ${exits[0]}"
  done
}

# run_suite SUITE MISSING: the needs once more, which is quick now and sets what only this shell knows.
run_suite() {
  local thing things
  things=$(needs_in_order "test_$1")
  for thing in $things; do
    [[ $2 != *" $thing "* ]] || die "the suite $1 needs $thing, which is missing: see above"
  done
  need "test_$1"
  "suite_$1"
}

# Formatting, lints, unit and property tests of the core, the tool and the trainer.
suite_native() {
  local status=0
  check fmt cargo fmt --all --check || status=1
  check shellcheck shellcheck --external-sources --check-sourced build.sh .ci/run || status=1
  check clippy cargo clippy "${CARGO_FLAGS[@]}" --workspace --all-targets -- -D warnings || status=1
  cargo test "${CARGO_FLAGS[@]}" --workspace --no-fail-fast || status=1
  return $status
}

# check NAME PROGRAM …: one line that report.mjs counts as one test.
check() {
  local name=$1
  shift
  if "$@"; then
    echo "check $name: ok"
  else
    echo "check $name: FAILED"
    return 1
  fi
}

# The same core tests as WebAssembly, run in Node.
suite_wasm() {
  export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER=$WASM_BINDGEN-test-runner
  # Debug information would make the runner's work on each test binary several times longer.
  CARGO_PROFILE_DEV_DEBUG=false wasm_cargo test -p ranklet --no-fail-fast --lib --tests
}

# The JavaScript suites pack and install the tarball themselves.
suite_node() { node_suite tests/node; }
suite_browser() { node_suite tests/browser; }

suite_edge() {
  wasi_program
  node_suite tests/edge
}

# Its tests walk through www/start/README.md with the tool. Compiled as a test: its crates are those that
# the native suite has compiled.
suite_packaging() {
  step "compiling the tool" cargo test "${CARGO_FLAGS[@]}" --workspace --no-run
  node_suite tests/packaging
}

node_suite() {
  module relaxed
  node_tests "$1"
}

# node_tests FOLDER: its *.test.mjs files, one at a time, for people on stdout and as TAP for report.mjs.
node_tests() {
  local files=() file
  while read -r file; do files+=("$file"); done < <(find "$1" -name '*.test.mjs' | LC_ALL=C sort)
  ((${#files[@]} > 0)) || die "$1 has no *.test.mjs"
  # The second limit is for what the first does not end, such as a browser that never closes.
  # No compiling in the background: at its end Node 20 may wait for a compiler's thread that itself waits for
  # the main thread's garbage collection, for ever.
  limit 1500 node --no-concurrent-recompilation --test --test-concurrency=1 --test-timeout=300000 \
    --test-reporter=spec --test-reporter-destination=stdout \
    --test-reporter=tap --test-reporter-destination="target/test/$(basename "$1").tap" ${files[@]+"${files[@]}"}
}
