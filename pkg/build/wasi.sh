# shellcheck shell=bash
# www/edge/wasi in, a wasm32-wasip1 program in target/wasi/ out: the Rust crate on hosts that run WASI.
# Where the target cannot be had the program is missing, and the tests that need it fail and say so.

WASI_TARGET=wasm32-wasip1

wasi_program() {
  local built=target/wasi/$WASI_TARGET/debug/ranklet-wasi.wasm
  if ! has_wasi_target && command -v rustup >/dev/null; then
    say "adding the $WASI_TARGET target (rustup, at most 2 minutes)"
    limit 120 rustup target add "$WASI_TARGET" >&2 || true
  fi
  if has_wasi_target; then
    say "compiling www/edge/wasi for $WASI_TARGET"
    # Not as a `step`: within a condition that would not say that it failed.
    if cargo build "${CARGO_FLAGS[@]}" --manifest-path www/edge/wasi/Cargo.toml --target "$WASI_TARGET" --target-dir target/wasi; then
      return 0
    fi
  fi
  rm -f "$built"
  note "no $WASI_TARGET program: rustup target add $WASI_TARGET, or its tests fail"
}

has_wasi_target() { [[ -d $(rustc --print sysroot)/lib/rustlib/$WASI_TARGET/lib ]]; }
