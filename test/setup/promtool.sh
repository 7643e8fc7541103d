#!/bin/sh
# Fetches prometheus and promtool into the cache, unless they are there or on the PATH. They are taken out of Debian's
# package instead of installing that, which would leave a Prometheus server running on this machine.
set -eu
bin="$STREAMMONITOR_CACHE/bin"

missing=
for command in prometheus promtool; do
  [ -x "$bin/$command" ] || command -v $command >/dev/null || missing="$missing $command"
done
[ -n "$missing" ] || exit 0

echo "set-up:$missing, out of Debian's package prometheus"
work=$(mktemp -d "${TMPDIR:-/tmp}/promtool.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"

download() {
  apt-get download -q -o APT::Sandbox::User=root prometheus >>log 2>&1
}

# The package lists are absent or older than the mirror; renewing them takes root.
if ! download && ! { apt-get update >>log 2>&1 && download; }; then
  echo "set-up: cannot fetch$missing; run \"sudo apt-get update\" or install the package prometheus and start again:" >&2
  tail -n 10 log >&2
  exit 1
fi
mkdir -p "$bin"
for command in $missing; do
  dpkg-deb --fsys-tarfile prometheus_*.deb | tar -xf - "./usr/bin/$command"
  mv "usr/bin/$command" "$bin/$command"
done
