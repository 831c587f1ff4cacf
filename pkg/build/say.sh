# shellcheck shell=bash
# What build.sh prints about itself, all of it on stderr, coloured on a terminal.

if [[ -t 2 && -z ${NO_COLOR:-} ]]; then
  BOLD=$'\e[1;36m' DIM=$'\e[2m' RED=$'\e[1;31m' PLAIN=$'\e[0m'
else
  BOLD='' DIM='' RED='' PLAIN=''
fi

say() { printf '%s==>%s %s\n' "$BOLD" "$PLAIN" "$*" >&2; }
note() { printf '    %s%s%s\n' "$DIM" "$*" "$PLAIN" >&2; }

# die WHAT [MEND]: what is missing or wrong, and how to mend it.
die() {
  printf '%serror:%s %s\n' "$RED" "$PLAIN" "$1" >&2
  (($# < 2)) || printf '  mend: %s\n' "$2" >&2
  exit 1
}

usage_error() {
  [[ -z $1 ]] || printf '%serror:%s %s\n' "$RED" "$PLAIN" "$1" >&2
  usage >&2
  exit 2
}

# step WHAT COMMAND …: runs the command, says what is going on and how long it took; fails if the command does.
# The command is called bare, so that `set -e` holds inside functions too.
step() {
  local what=$1 start=$SECONDS status
  shift
  say "$what"
  "$@"
  status=$? # not 0 only where `set -e` does not hold, as before `||`
  ((status == 0)) || return "$status"
  note "done: $what ($((SECONDS - start)) s)"
}

# attempt COMMAND …: leaves the exit code in STATUS and goes on. `if` or `||` would do the same for a program,
# but switch `set -e` off inside a function: what fails in its middle would pass.
attempt() {
  set +e
  (set -e && "$@")
  STATUS=$?
  set -e
}

# limit SECONDS COMMAND …: with a time limit where the system has `timeout` (macOS does not).
limit() {
  if command -v timeout >/dev/null; then timeout "$@"; else shift; "$@"; fi
}
