# shellcheck shell=bash
# In: a verb, a suite or an entry of `test --all`. Out: what it needs is there, installed if it can be; else
# what is missing is named with its mend. That comes before any work: nobody waits seven minutes to read
# that a browser is missing.

MODULE_NEEDS='cargo linker node npm wasm_target npm_tools wasm_bindgen'

# needs_of NAME: the table, a row a verb, test_SUITE or all_ENTRY. Each word is a function need_WORD.
needs_of() {
  case $1 in
    demo | wasm | npm | size | edge) echo "$MODULE_NEEDS" ;;
    bench) echo "$MODULE_NEEDS chromium" ;;
    train | eval | golden) echo cargo linker ;;
    test) echo node ;; # and the rows of its suites
    clean) ;;
    test_native) echo cargo linker rust_tools git shellcheck ;;
    test_wasm) echo cargo linker node wasm_target wasm_bindgen ;;
    test_node) echo "$MODULE_NEEDS" ;;
    test_packaging) echo "$MODULE_NEEDS chromium firefox curl" ;;
    test_edge) echo "$MODULE_NEEDS wasi_target" ;;
    test_browser) echo "$MODULE_NEEDS chromium firefox git" ;;
    all_simulate | all_clicks | all_tool_install) echo cargo linker ;;
    all_bench | all_blocks) echo "$MODULE_NEEDS chromium" ;;
    all_build_std) echo "$MODULE_NEEDS build_std" ;;
    *) die "'$1' has no row in pkg/build/needs.sh" ;;
  esac
}

# The order in which they are seen to: programs that may only be named, then downloads, then what is compiled.
NEEDS=(cargo node npm git curl linker shellcheck chromium firefox rust_tools wasm_target wasi_target build_std
  npm_tools wasm_bindgen)

# needs_in_order NAME …: what the rows need together.
needs_in_order() {
  local rows='' name thing
  for name in "$@"; do rows+=" $(needs_of "$name") "; done
  for thing in "${NEEDS[@]}"; do
    if [[ $rows == *" $thing "* ]]; then echo "$thing"; fi
  done
}

# need NAME …: ends with what is missing and how to mend it.
need() {
  local things thing
  things=$(needs_in_order "$@")
  for thing in $things; do "need_$thing"; done
}

# --- programs -----------------------------------------------------------------------------

need_cargo() {
  local least version
  least=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
  { has_one_of cargo && has_one_of rustc; } || die "cargo is not on PATH" "install Rust $least or later (rustup.rs)"
  version=$(version_of rustc)
  at_least "$version" "$least" || die "Rust $version is too old" "rustup update, to $least or later"
}

need_node() {
  has_one_of node || die "node is not on PATH" "install Node 20 or later (nodejs.org)"
  local version
  version=$(node -p process.versions.node)
  at_least "$version" 20.0 || die "Node $version is too old" "install Node 20 or later (nodejs.org)"
}

need_npm() { has_one_of npm || die "npm is not on PATH" "it comes with Node (nodejs.org); on Debian, as root: apt-get install npm"; }
need_git() { need_program git git git; }
need_curl() { need_program curl curl curl; }
need_linker() { need_program "C linker" build-essential cc; } # which rustc calls by this name
need_shellcheck() { need_program shellcheck shellcheck shellcheck; }
# The names that tests/support/browser.mjs and firefox.mjs look for.
need_chromium() { need_program Chromium chromium chromium chromium-browser google-chrome; }
need_firefox() { need_program Firefox firefox-esr firefox-esr firefox; }

# need_program NAME PACKAGE COMMAND …: one of the commands, by apt-get if none is there.
need_program() {
  local name=$1 package=$2
  shift 2
  ! has_one_of "$@" || return 0
  apt_install "$package" || true
  has_one_of "$@" || die "no $name on PATH ($*)" "install it; on Debian, as root: apt-get install $package"
}

has_one_of() {
  local command
  for command in "$@"; do
    if command -v "$command" >/dev/null; then return 0; fi
  done
  return 1
}

version_of() { "$1" --version | awk '{ print $2 }'; }

# at_least VERSION LEAST: by major and minor number.
at_least() {
  local major=${1%%.*} minor=${1#*.}
  local least_major=${2%%.*} least_minor=${2#*.}
  minor=${minor%%.*} least_minor=${least_minor%%.*}
  ((major > least_major || (major == least_major && minor >= least_minor)))
}

# Debian packages, where we are root on Debian; false elsewhere.
apt_install() {
  { [[ $(id -u) == 0 ]] && has_one_of apt-get; } || return 1
  say "installing $* (apt-get)"
  { limit 120 apt-get update -qq &&
    DEBIAN_FRONTEND=noninteractive limit 600 apt-get install -qq -y --no-install-recommends "$@"; } >&2
}

# --- parts of the Rust toolchain, npm tools -----------------------------------------------

need_rust_tools() {
  if ! has_rust_tools && has_one_of rustup; then
    say "adding rustfmt and clippy (rustup, at most 2 minutes)"
    limit 120 rustup component add rustfmt clippy >&2 || true
  fi
  has_rust_tools || die "cargo fmt or cargo clippy is missing" "rustup component add rustfmt clippy"
}

has_rust_tools() { cargo fmt --version && cargo clippy --version; } >/dev/null 2>&1

need_wasm_target() { toolchain; }

# The other way to the target, which `test --all` tries. In a shell of its own: this one keeps to its way.
need_build_std() {
  (build_std_route || die "the build-std way is closed: $MISSING" "$MEND")
}

WASI_TARGET=wasm32-wasip1

need_wasi_target() {
  if ! has_rust_target "$WASI_TARGET" && has_one_of rustup; then
    say "adding the $WASI_TARGET target (rustup, at most 2 minutes)"
    limit 120 rustup target add "$WASI_TARGET" >&2 || true
  fi
  has_rust_target "$WASI_TARGET" || die "rustc has no $WASI_TARGET target" "rustup target add $WASI_TARGET"
}

has_rust_target() { [[ -d $(rustc --print sysroot)/lib/rustlib/$1/lib ]]; }

need_npm_tools() {
  local installed=tests/node_modules/.package-lock.json
  [[ ! -f $installed || tests/package-lock.json -nt $installed ]] || return 0
  step "installing the npm tools of tests/" npm ci --prefix tests --no-audit --no-fund ||
    die "the npm tools of tests/ could not be installed" "npm ci --prefix tests"
  touch "$installed"
}
