#!/bin/sh
# Installs the Debian packages whose command is missing: debian.sh [--check] COMMAND=PACKAGE…
# With --check nothing is installed: only fails where installing would, for want of root.
set -eu
check=false
if [ "${1-}" = --check ]; then
  check=true
  shift
fi

missing=
for pair in "$@"; do
  command -v "${pair%%=*}" >/dev/null || missing="$missing ${pair#*=}"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
  echo 'set-up: Debian packages are missing; install them and start again:' >&2
  echo "  sudo apt-get install --no-install-recommends$missing" >&2
  exit 1
fi
$check && exit 0

log="$STREAMMONITOR_CACHE/log/apt.log"
mkdir -p "$STREAMMONITOR_CACHE/log"
export DEBIAN_FRONTEND=noninteractive

install() {
  # shellcheck disable=SC2086 # one word per package
  apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=300 $missing </dev/null >>"$log" 2>&1
}

: >"$log"
echo "set-up: apt-get install$missing"
install && exit 0
# The package lists are absent or older than the mirror.
echo 'set-up: apt-get update, then once more'
if apt-get update >>"$log" 2>&1 && install; then exit 0; fi
echo "set-up: apt-get failed; the end of $log:" >&2
tail -n 15 "$log" >&2
exit 1
