# shellcheck shell=bash
# Cargo.toml and src/ in, pkg/wasm/ out: compiled, bound, optimised. Each profile's result stays in
# target/module/PROFILE beside the fingerprint of its inputs, so that nothing is built twice.

# module release|quick
module() {
  local profile=$1 built=target/module/$1 inputs
  need_node
  inputs=$(fingerprint "$profile")
  if [[ $(cat "$built/inputs" 2>/dev/null) == "$inputs" ]]; then
    note "the $profile module is up to date"
  else
    rm -f "$built/inputs"
    toolchain
    need_wasm_bindgen
    "build_$profile" "$built"
    printf '{"profile": "%s", "toolchain": "%s"}\n' "$profile" "$TOOLCHAIN" >"$built/build.json"
    printf '%s\n' "$inputs" >"$built/inputs"
  fi
  mkdir -p pkg/wasm
  cp "$built/wasm/"* pkg/wasm/
  node tests/build/inline.mjs pkg/wasm
  note "pkg/wasm/ranklet_bg.wasm: $(($(wc -c <pkg/wasm/ranklet_bg.wasm) / 1024)) KiB"
}

build_release() {
  need_npm
  step "compiling the module (release: 2 to 5 minutes from cold)" compile wasm
  step "binding it to JS" bind wasm "$1/wasm"
  step "optimising it (1 minute)" optimise "$1/wasm/ranklet_bg.wasm" "$1/named.wasm"
}

build_quick() {
  step "compiling the module (quick)" compile wasm-quick
  step "binding it to JS" bind wasm-quick "$1/wasm"
}

# Only the cdylib: with the rlib beside it, every dependency would be compiled to objects as well.
compile() {
  wasm_cargo rustc --lib --crate-type cdylib --profile "$1" --features wasm
}

# The entries of pkg/ find the .wasm each in its runtime's own way, and the types are written by hand.
bind() {
  rm -rf "$2"
  "$WASM_BINDGEN" "target/$WASM_TARGET/$1/ranklet.wasm" --out-dir "$2" --out-name ranklet \
    --target web --no-typescript --omit-default-module-path --experimental-reset-state-function
}

# -O3: smaller once compressed than -Oz here, and 3 % quicker. Features that rustc's wasm32 target
# turns on, and SIMD. The module with its functions' names stays
# beside the shipped one, for `size`.
optimise() {
  node tests/node_modules/binaryen/bin/wasm-opt "$1" -o "$2" -O3 -g \
    --enable-simd --enable-bulk-memory --enable-bulk-memory-opt --enable-nontrapping-float-to-int \
    --enable-sign-ext --enable-mutable-globals --enable-reference-types --enable-multivalue
  node tests/build/strip.mjs "$2" "$1"
}

# Of everything that the module is made from: sources, pins, the compiler, this script.
fingerprint() {
  {
    echo "$1" "${RANKLET_TOOLCHAIN:-}" "$(rustc --version 2>/dev/null || true)"
    find Cargo.toml Cargo.lock tests/package-lock.json tests/build/module.sh tests/build/strip.mjs tests/build/toolchain.sh tests/build/inventory src -type f |
      LC_ALL=C sort | while read -r file; do echo "$file" && cat "$file"; done
  } | checksum
}

checksum() {
  if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi | cut -d ' ' -f 1
}
