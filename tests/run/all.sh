# shellcheck shell=bash
# What is too long for CI: `./build.sh test --all` runs it after the suites and writes tests/all.json, which is
# committed. A tick in the documents that names an entry, as `all: NAME`, is held to it by tests/tool/documents.rs.

# A row an entry: its name and its command, words without quotes. Its needs: all_NAME in pkg/build/needs.sh.
ALL=(
  # What rules do to 50 visitors of 10,000 rankings each (README).
  "simulate: ranklet simulate --steps 10000 --visitors 50 --json target/all/simulate.json"
  # A click model from an invented log, as in tests/bench/FIGURES.md.
  "clicks: click_model"
  # The tool as the README says to install it.
  "tool_install: cargo install --locked --path src/tool --root target/all/install --target-dir target --force"
  # Every case on both hosts, answers compared with onnxruntime's before anything is timed.
  "bench: ./build.sh bench --json target/all/bench.json"
  "blocks: ./build.sh bench --blocks 64,128,256,512 --json target/all/blocks.json"
  # The module by the way that needs no rustup, and its orders.
  "build_std: build_std_orders"
)

click_model() {
  ranklet generate ads --out target/all/ads.jsonl.gz
  ranklet ctr --data target/all/ads.jsonl.gz --split test
}

build_std_orders() {
  RANKLET_TOOLCHAIN=build-std ./build.sh wasm --quick
  node --test tests/node/golden.test.mjs
}

# all [NAME …]: the suites and every entry, or the entries named.
all() {
  local name names='' row command start
  for row in "${ALL[@]}"; do names+=" ${row%%:*} "; done
  for name in "$@"; do
    [[ $names == *" $name "* ]] || usage_error "test --all: no entry '$name'; there are$names"
  done
  [[ $# == 0 ]] || names=" $* "
  rm -rf target/all
  mkdir -p target/all
  for name in $names; do
    attempt need "all_$name"
    ((STATUS == 0)) || exit 1
  done
  if (($# == 0)); then attempt test_ --json target/all/suites.json; fi
  for row in "${ALL[@]}"; do
    name=${row%%:*} command=${row#*: }
    [[ $names == *" $name "* ]] || continue
    say "$name: $command"
    start=$SECONDS
    # shellcheck disable=SC2086 # the row's words
    attempt $command >"target/all/$name.log" 2>&1
    ((STATUS == 0)) || tail -n 20 "target/all/$name.log" >&2
    printf '%s\t%s\t%s\t%s\n' "$name" "$STATUS" "$((SECONDS - start))" "$command" >"target/all/$name.result"
  done
  node tests/run/all.mjs target/all
}
