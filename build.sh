#!/usr/bin/env bash
# Builds, tests and measures ranklet: one verb, one function. `./build.sh` alone lists them.
# Needs Rust and Node 20; installs what else a verb needs into target/ and tests/node_modules/.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

MODEL=www/movies/movies.onnx
SUITES=(native wasm node packaging edge browser)

source pkg/build/say.sh       # say, step, die, attempt
source pkg/build/needs.sh     # need VERB: installs or names what a verb needs
source pkg/build/toolchain.sh # toolchain, wasm_cargo, need_wasm_bindgen
source pkg/build/module.sh    # module: the wasm in pkg/wasm/, rebuilt only when its inputs changed
source pkg/build/wasi.sh      # wasi_program: www/edge/wasi for wasm32-wasip1
source tests/run/suites.sh    # suite_native, suite_wasm, suite_node, …
source tests/run/all.sh       # all: what is too long for CI

usage() {
  cat <<'USAGE'
usage: ./build.sh VERB [ARGUMENTS]

  demo [PORT]                      build the module and serve the demo page on localhost
  test [--json FILE] [SUITE ...]   run every suite, or those named: native wasm node packaging edge browser
  test --all [NAME ...]            every suite, then what is too long for CI; writes tests/all.json
  wasm [--quick]                   build pkg/wasm/; --quick for the edit loop (larger, slower module)
  npm                              pack the npm tarball into target/
  train [ARGUMENTS]                train a model: `ranklet train` (--help lists its arguments)
  eval [ARGUMENTS]                 evaluate a model: `ranklet evaluate`
  size [--json FILE]               bytes shipped, beside onnxruntime-web; what each crate weighs
  bench [--json FILE] [ARGUMENTS]  milliseconds of rank(), beside onnxruntime-web on the same model
  edge [--json FILE] [ARGUMENTS]   CPU of a request and requests a second in workerd, beside a worker that passes through
  golden                           write the golden orders of tests/golden/ anew
  clean                            remove everything that was built or installed here

environment:
  RANKLET_TOOLCHAIN=rustup|build-std   force one way to the wasm32 target (otherwise: the first that is open)
  CI=true                              a skipped test counts as failed; Cargo.lock must be up to date
USAGE
}

demo() {
  module release
  exec node www/demo/serve.mjs "$@"
}

wasm() {
  case ${1:-} in
    '') module relaxed ;; # and the release one, which it stands beside
    --quick) module quick ;;
    *) usage_error "wasm: unknown argument '$1'" ;;
  esac
}

# The tarball as users get it; the packaging suite installs this very file.
npm_tarball() {
  module relaxed
  mkdir -p target/npm
  rm -f target/npm/*.tgz
  step "packing the npm tarball" npm pack ./pkg --silent --pack-destination target/npm
}

test_() {
  local json='' chosen=()
  if [[ ${1:-} == --all ]]; then
    all "${@:2}"
    return
  fi
  while (($#)); do
    case $1 in
      --json) json=${2:?--json wants a file}; shift 2 ;;
      *) [[ " ${SUITES[*]} " == *" $1 "* ]] || usage_error "test: unknown suite '$1'"
         chosen+=("$1"); shift ;;
    esac
  done
  # Bash 3.2, as macOS ships it, takes an empty array for an unset one: hence `${a[@]+…}`.
  ((${#chosen[@]} > 0)) || chosen=("${SUITES[@]}")
  run_suites ${chosen[@]+"${chosen[@]}"}
  node tests/run/report.mjs target/test ${json:+--json "$json"} ${chosen[@]+"${chosen[@]}"}
}

train() { ranklet train "$@"; }
eval_() { ranklet evaluate "$@"; }
ranklet() { cargo run --quiet --release "${CARGO_FLAGS[@]}" -p ranklet-tool --bin ranklet -- "$@"; }

size() {
  npm_tarball
  node tests/bench/size.mjs --model "$MODEL" "$@"
}

bench() {
  module relaxed
  node tests/bench/bench.mjs --model "$MODEL" "$@"
}

edge() {
  module release
  node tests/bench/edge.mjs "$@"
}

# Read what it changed as a diff before committing it.
golden() {
  cargo test "${CARGO_FLAGS[@]}" -p ranklet --features golden --lib golden_orders::write
}

clean() {
  step "removing target/, pkg/wasm/ and tests/node_modules/" rm -rf target pkg/wasm tests/node_modules
}

# run VERB FUNCTION ARGUMENTS …: what the verb needs first, then its work.
run() {
  need "$1"
  "${@:2}"
}

verb=${1:-}
(($# == 0)) || shift
case $verb in
  demo | wasm | train | size | bench | edge | golden | clean) run "$verb" "$verb" "$@" ;;
  test | eval) run "$verb" "${verb}_" "$@" ;;
  npm) run npm npm_tarball ;;
  -h | --help | help) usage ;;
  *) usage_error "${verb:+unknown verb: $verb}" ;;
esac
