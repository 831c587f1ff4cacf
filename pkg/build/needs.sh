# shellcheck shell=bash
# What each verb and each suite needs, in one table, and how it is had. A verb installs or names all of it
# before its work starts: nobody waits seven minutes to read that a browser is missing.

MODULE_NEEDS='cargo node wasm_target wasm_bindgen npm'

# needs_of VERB, or test_SUITE: the names of the functions need_NAME that must succeed.
needs_of() {
  case $1 in
    demo | wasm | npm | size | edge) echo "$MODULE_NEEDS" ;;
    bench) echo "$MODULE_NEEDS chromium" ;;
    train | eval | golden) echo cargo ;;
    test) echo node ;; # what the chosen suites need comes by test_SUITE
    clean) ;;
    test_native) echo cargo shellcheck ;;
    test_wasm) echo cargo node wasm_target wasm_bindgen ;;
    test_node) echo "$MODULE_NEEDS" ;;
    test_packaging) echo "$MODULE_NEEDS chromium firefox curl" ;;
    test_edge) echo "$MODULE_NEEDS wasi_target" ;;
    test_browser) echo "$MODULE_NEEDS chromium firefox" ;;
    *) die "needs_of: '$1' has no row in pkg/build/needs.sh" ;;
  esac
}

# need VERB: ends with what is missing and how to mend it.
need() {
  local thing
  for thing in $(needs_of "$1"); do "need_$thing"; done
}

need_cargo() {
  command -v cargo >/dev/null || die "cargo is not on PATH" "install Rust 1.91 or later (rustup.rs)"
}

need_node() {
  command -v node >/dev/null || die "node is not on PATH" "install Node 20 or later (nodejs.org)"
  local major
  major=$(node -p 'parseInt(process.versions.node)')
  ((major >= 20)) || die "Node $(node --version) is too old" "install Node 20 or later (nodejs.org)"
}

need_npm() {
  local installed=tests/node_modules/.package-lock.json
  [[ ! -f $installed || tests/package-lock.json -nt $installed ]] || return 0
  command -v npm >/dev/null || die "npm is not on PATH" "install Node 20 or later (nodejs.org)"
  step "installing the npm tools of tests/" npm ci --prefix tests --no-audit --no-fund
  touch "$installed"
}

need_wasm_target() { toolchain; }

need_chromium() { need_program Chromium chromium chromium chromium-browser google-chrome; }
need_firefox() { need_program Firefox firefox-esr firefox-esr firefox; }
need_curl() { need_program curl curl curl; }
need_shellcheck() { need_program shellcheck shellcheck shellcheck; }

# need_program NAME PACKAGE COMMAND …: one of the commands, by apt-get if none is there.
need_program() {
  local name=$1 package=$2
  shift 2
  ! has_one_of "$@" || return 0
  apt_install "$package" || true
  has_one_of "$@" || die "no $name on PATH" "install it; on Debian, as root: apt-get install $package"
}

has_one_of() {
  local command
  for command in "$@"; do
    if command -v "$command" >/dev/null; then return 0; fi
  done
  return 1
}

WASI_TARGET=wasm32-wasip1

need_wasi_target() {
  if ! has_rust_target "$WASI_TARGET" && command -v rustup >/dev/null; then
    say "adding the $WASI_TARGET target (rustup, at most 2 minutes)"
    limit 120 rustup target add "$WASI_TARGET" >&2 || true
  fi
  has_rust_target "$WASI_TARGET" || die "rustc has no $WASI_TARGET target" "rustup target add $WASI_TARGET"
}

has_rust_target() { [[ -d $(rustc --print sysroot)/lib/rustlib/$1/lib ]]; }

# Debian packages, where we are root on Debian; false elsewhere.
apt_install() {
  [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null || return 1
  say "installing $* (apt-get)"
  { limit 120 apt-get update -qq &&
    DEBIAN_FRONTEND=noninteractive limit 600 apt-get install -qq -y --no-install-recommends "$@"; } >&2
}
