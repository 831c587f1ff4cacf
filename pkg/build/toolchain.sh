# shellcheck shell=bash
# Two ways to the wasm32 target, and the pinned wasm-bindgen CLI; what is missing is installed into target/.
# Nothing is written to the user's ~/.cargo.

WASM_TARGET=wasm32-unknown-unknown
TOOLS=target/tools
# The CLI must be of the very version that src/wasm/Cargo.toml pins.
WASM_BINDGEN_VERSION=$(sed -n 's/^wasm-bindgen = .*"=\([0-9.]*\)".*/\1/p' src/wasm/Cargo.toml)
# In CI a Cargo.lock that lags behind Cargo.toml is an error.
CARGO_FLAGS=(--color auto)
[[ ${CI:-} != true ]] || CARGO_FLAGS+=(--locked)

# --- the wasm32 target: two ways ----------------------------------------------------------
#
# rustup     The target's prebuilt standard library: there already, or by `rustup target add`.
# build-std  Where rustup can't download: Debian ships a compiler together with the sources of
#            exactly its standard library (rustc-web, rust-web-src). Cargo builds std from
#            them, and rustup's own rust-lld, or Debian's, links.

ROUTE=''     # rustup | build-std, set by `toolchain`
TOOLCHAIN='' # for people and size.mjs: "rustc 1.95.0" | "build-std 1.96.0"
LINKER=''    # build-std only

toolchain() {
  [[ -z $ROUTE ]] || return 0
  need_cargo
  case ${RANKLET_TOOLCHAIN:-} in
    rustup) rustup_route || die "rustc has no $WASM_TARGET target and rustup could not add it" \
      "rustup target add $WASM_TARGET" ;;
    build-std) build_std_route || die "the build-std way is closed: $MISSING" "$MEND" ;;
    '') rustup_route || build_std_route || die \
      "no way to $WASM_TARGET: rustup could not add the target, and $MISSING" \
      "rustup target add $WASM_TARGET; or $MEND" ;;
    *) die "RANKLET_TOOLCHAIN=$RANKLET_TOOLCHAIN" "rustup, build-std, or leave it unset" ;;
  esac
  note "wasm32 through $TOOLCHAIN"
}

rustup_route() {
  if ! has_rust_target "$WASM_TARGET"; then
    # A try that failed is not repeated within the day: each costs up to the time limit.
    local failed=$TOOLS/rustup-target-failed
    if [[ -z ${RANKLET_TOOLCHAIN:-} && -n $(find "$failed" -mmin -1440 2>/dev/null) ]]; then return 1; fi
    command -v rustup >/dev/null || return 1
    say "adding the $WASM_TARGET target (rustup, at most 2 minutes)"
    limit 120 rustup target add "$WASM_TARGET" >&2 || true
    if ! has_rust_target "$WASM_TARGET"; then
      mkdir -p "$TOOLS" && touch "$failed"
      return 1
    fi
  fi
  ROUTE=rustup
  TOOLCHAIN="rustc $(version_of rustc)"
}

build_std_route() {
  MISSING='' MEND='on Debian, as root: apt-get install rustc-web cargo-web rust-web-src'
  if ! has_debian_rust; then
    apt_install rustc-web cargo-web rust-web-src || true
  fi
  has_debian_rust || { MISSING="Debian's rustc-web, cargo-web and rust-web-src are not installed"; return 1; }
  if ! find_linker; then
    apt_install lld || true
  fi
  find_linker || { MISSING="there is no rust-lld or wasm-ld" MEND='on Debian, as root: apt-get install lld'; return 1; }
  ROUTE=build-std
  TOOLCHAIN="build-std $(version_of /usr/bin/rustc)"
}

has_debian_rust() {
  [[ -x /usr/bin/rustc && -x /usr/bin/cargo && -f /usr/lib/rustlib/src/rust/library/std/Cargo.toml ]]
}

find_linker() {
  local sysroot host
  sysroot=$(rustc --print sysroot)
  host=$(rustc -vV | sed -n 's/^host: //p')
  LINKER=$sysroot/lib/rustlib/$host/bin/rust-lld
  [[ -x $LINKER ]] || LINKER=$(command -v rust-lld || command -v wasm-ld)
}

# wasm_cargo VERB ARGUMENTS …: cargo for wasm32, on the way that `toolchain` found.
wasm_cargo() {
  local verb=$1 way
  shift
  case $ROUTE in
    rustup) way=(cargo "$verb") ;;
    build-std) way=(env RUSTC_BOOTSTRAP=1 RUSTC=/usr/bin/rustc
      CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER="$LINKER"
      /usr/bin/cargo "$verb" "-Zbuild-std=std,panic_abort") ;;
    *) die "wasm_cargo before toolchain: no way to $WASM_TARGET is chosen" ;;
  esac
  CARGO_ENCODED_RUSTFLAGS=$(wasm_flags) "${way[@]}" "${CARGO_FLAGS[@]}" --target "$WASM_TARGET" "$@"
}

# SIMD on; offsets stay in loads, which V8 folds (-disable-lsr: the kernels gain a tenth); no path of
# this machine in the module. Cargo wants the flags separated by 0x1f.
wasm_flags() {
  printf '%s\x1f%s' '-Ctarget-feature=+simd128' '-Cllvm-args=-disable-lsr'
  printf '\x1f--remap-path-prefix=%s' \
    "$(rustc --print sysroot)=/rust" /usr/lib/rustlib/src/rust=/rust "${CARGO_HOME:-$HOME/.cargo}=/cargo" "$PWD=/ranklet"
}

# --- wasm-bindgen -------------------------------------------------------------------------

WASM_BINDGEN='' # set by need_wasm_bindgen; its test runner lies beside it

need_wasm_bindgen() {
  [[ -z $WASM_BINDGEN ]] || return 0
  local cli
  for cli in "$PWD/$TOOLS/bin/wasm-bindgen" "$(command -v wasm-bindgen || true)"; do
    if has_wasm_bindgen "$cli"; then
      WASM_BINDGEN=$cli
      return 0
    fi
  done
  step "installing wasm-bindgen-cli $WASM_BINDGEN_VERSION into $TOOLS (2 to 6 minutes, once)" install_wasm_bindgen
  WASM_BINDGEN=$PWD/$TOOLS/bin/wasm-bindgen
}

has_wasm_bindgen() {
  [[ -x $1 && -x $1-test-runner && $("$1" --version) == "wasm-bindgen $WASM_BINDGEN_VERSION" ]]
}

# First with the versions that the CLI was released with; a registry mirror may lack one of them.
install_wasm_bindgen() {
  # It runs for seconds: compiled quickly, not to run quickly.
  local install
  install=(cargo install wasm-bindgen-cli --version "$WASM_BINDGEN_VERSION" --root "$TOOLS"
    --target-dir "$TOOLS/build" --force --config profile.release.opt-level=1
    --config profile.release.lto=false --config profile.release.codegen-units=16)
  "${install[@]}" --locked || "${install[@]}" ||
    die "wasm-bindgen-cli $WASM_BINDGEN_VERSION could not be installed" \
      "cargo install wasm-bindgen-cli --version $WASM_BINDGEN_VERSION"
  rm -rf "$TOOLS/build"
}
