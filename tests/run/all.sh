# shellcheck shell=bash
# What is too long for CI, beside the suites: a row an entry, name and command. `./build.sh test --all` runs
# it and writes tests/all.json, which is committed; a test of the documents (tests/tool/documents.rs) holds
# their claims to it.

ALL=(
  "simulate: ranklet simulate --steps 10000 --visitors 50 --json target/all/simulate.json"
  "tool-install: cargo install ${CARGO_FLAGS[*]} --path src/tool --root target/all/install --force"
  "build-std: env RANKLET_TOOLCHAIN=build-std ./build.sh wasm --quick"
)

# all [NAME …]: the suites and every entry, or the entries named.
all() {
  mkdir -p target/all
  rm -f target/all/*.result
  local row name start status
  if (($# == 0)); then
    test_ --json target/all/suites.json || true
  fi
  for row in "${ALL[@]}"; do
    name=${row%%:*}
    [[ $# == 0 || " $* " == *" $name "* ]] || continue
    say "$row"
    start=$SECONDS status=0
    # Each command is words without quotes.
    # shellcheck disable=SC2086
    ${row#*: } >"target/all/$name.log" 2>&1 || status=$?
    ((status == 0)) || tail -n 20 "target/all/$name.log" >&2
    printf '%s\t%s\t%s\t%s\n' "$name" "$status" "$((SECONDS - start))" "${row#*: }" >"target/all/$name.result"
  done
  node tests/run/all.mjs target/all
}
