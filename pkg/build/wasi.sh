# shellcheck shell=bash
# www/edge/wasi in, a program for hosts of WASI in target/wasi/ out.

wasi_program() {
  step "compiling www/edge/wasi for $WASI_TARGET" cargo build "${CARGO_FLAGS[@]}" \
    --manifest-path www/edge/wasi/Cargo.toml --target "$WASI_TARGET" --target-dir target/wasi
}
