# shellcheck shell=bash
# Cargo.toml and src/ in, pkg/wasm/ out: compiled, bound, optimised. Each profile's result stays in
# target/module/PROFILE beside the fingerprint of its inputs, so that nothing is built twice.

# module release|quick|relaxed. `relaxed` is the opt-in artefact beside the release one: the same
# sources with relaxed-simd instructions, bound by the very same glue.
module() {
  local profile=$1 built=target/module/$1 inputs
  [[ $profile != relaxed ]] || module release
  inputs=$(fingerprint "$profile")
  if [[ $(cat "$built/inputs" 2>/dev/null) == "$inputs" ]]; then
    note "the $profile module is up to date"
  else
    rm -f "$built/inputs"
    need wasm
    "build_$profile" "$built"
    printf '{"profile": "%s", "toolchain": "%s"}\n' "$profile" "$TOOLCHAIN" >"$built/build.json"
    printf '%s\n' "$inputs" >"$built/inputs"
  fi
  mkdir -p pkg/wasm
  if [[ $profile == relaxed ]]; then
    cmp -s "$built/wasm/ranklet.js" pkg/wasm/ranklet.js || die "the relaxed-simd module wants another glue" "./build.sh clean"
    cp "$built/wasm/ranklet_bg.wasm" pkg/wasm/ranklet_relaxed_bg.wasm
    return
  fi
  # The glue of another build does not fit it.
  cmp -s "$built/wasm/ranklet.js" pkg/wasm/ranklet.js || rm -f pkg/wasm/ranklet_relaxed_bg.wasm
  cp "$built/wasm/"* pkg/wasm/
  node pkg/build/inline.mjs pkg/wasm
  note "pkg/wasm/ranklet_bg.wasm: $(($(wc -c <pkg/wasm/ranklet_bg.wasm) / 1024)) KiB"
}

build_release() {
  step "compiling the module (release: 2 to 5 minutes from cold)" compile wasm
  step "binding it to JS" bind wasm "$1/wasm"
  step "optimising it (1 minute)" optimise "$1/wasm/ranklet_bg.wasm" "$1/named.wasm"
}

# The compiled dependencies serve both modules.
build_relaxed() {
  step "compiling the relaxed-simd module" compile wasm relaxed
  step "binding it to JS" bind wasm "$1/wasm"
  step "taking relaxed minima and maxima out" ordinary "$1/wasm/ranklet_bg.wasm"
  step "optimising it (1 minute)" optimise "$1/wasm/ranklet_bg.wasm" "$1/named.wasm" --enable-relaxed-simd
}

# One function asks for relaxed SIMD, and LLVM gives it to the whole module: each `pmin` and `pmax`, which
# pass NaN over, becomes a relaxed one, which may answer NaN. They are put back; nothing else relaxed may
# be there but the dot product, which has a self-test.
ordinary() {
  node tests/node_modules/binaryen/bin/wasm-dis "$1" "${WASM_FEATURES[@]}" --enable-relaxed-simd -o "$1.wat"
  sed -E 's/(f32x4|f64x2)\.relaxed_(min|max)/\1.p\2/g' "$1.wat" >"$1.ordinary.wat"
  if grep -oE '\([if][0-9]+x[0-9]+\.relaxed_[a-z0-9_]+' "$1.ordinary.wat" | grep -vx '(i32x4\.relaxed_dot_i8x16_i7x16_add_s'; then
    die "relaxed instructions other than the dot product are left in $1"
  fi
  node tests/node_modules/binaryen/bin/wasm-as "$1.ordinary.wat" "${WASM_FEATURES[@]}" --enable-relaxed-simd -g -o "$1"
  rm "$1.wat" "$1.ordinary.wat"
}

build_quick() {
  step "compiling the module (quick)" compile wasm-quick
  step "binding it to JS" bind wasm-quick "$1/wasm"
}

# compile PROFILE [FEATURE]. Only the cdylib: with the rlib beside it, every dependency would be compiled
# to objects as well. Where all is linked, LLVM inlines what costs up to 250 of its units into every caller;
# 60 is as quick here and 18 kB smaller, compressed. What says `#[inline]` is inlined as before.
compile() {
  wasm_cargo rustc -p ranklet-wasm --lib --crate-type cdylib --profile "$1" --features "${2:-}" -- \
    -Cllvm-args=-inline-threshold=60
}

# The entries of pkg/ find the .wasm each in its runtime's own way, and the types are written by hand.
bind() {
  rm -rf "$2"
  "$WASM_BINDGEN" "target/$WASM_TARGET/$1/ranklet_wasm.wasm" --out-dir "$2" --out-name ranklet \
    --target web --no-typescript --omit-default-module-path --experimental-reset-state-function
}

# Features that rustc's wasm32 target turns on, and SIMD.
WASM_FEATURES=(--enable-simd --enable-bulk-memory --enable-bulk-memory-opt --enable-nontrapping-float-to-int
  --enable-sign-ext --enable-mutable-globals --enable-reference-types --enable-multivalue)

# -O3: smaller once compressed than -Oz here, and 3 % quicker. The module with its functions' names stays beside the shipped one, for `size`.
optimise() {
  node tests/node_modules/binaryen/bin/wasm-opt "$1" -o "$2" -O3 -g "${WASM_FEATURES[@]}" "${@:3}"
  node pkg/build/strip.mjs "$2" "$1"
}

# Of everything that the module is made from: sources, pins, the compiler, this script.
fingerprint() {
  {
    echo "$1" "${RANKLET_TOOLCHAIN:-}" "$(rustc --version 2>/dev/null || true)"
    find Cargo.toml Cargo.lock tests/package-lock.json pkg/build/module.sh pkg/build/strip.mjs pkg/build/toolchain.sh src/core src/wasm src/stubs -type f |
      LC_ALL=C sort | while read -r file; do echo "$file" && cat "$file"; done
  } | checksum
}

checksum() {
  if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi | cut -d ' ' -f 1
}
