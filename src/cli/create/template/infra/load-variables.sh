# Read by the scripts beside it: variables.env, and a sentence for each that is empty.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
set -a
# shellcheck source=/dev/null
. ./variables.env
set +a

# need NAME...: ends with every name that has no value yet.
need() {
  local missing=() name
  for name in "$@"; do [ -n "${!name:-}" ] || missing+=("$name"); done
  [ ${#missing[@]} -eq 0 ] && return
  echo "variables.env does not say yet: ${missing[*]}. Fill that in and run this again." >&2
  exit 2
}

# remember NAME VALUE: writes it into variables.env.
remember() {
  local kept
  kept=$(sed "s|^$1=.*|$1=$2|" variables.env)
  printf '%s\n' "$kept" >variables.env
}
