#!/bin/sh
# Fetches promtool into the cache, unless it is there or on the PATH. It is taken out of Debian's package
# instead of installing that, which would leave a Prometheus server running on this machine.
set -eu
bin="$STREAMMONITOR_CACHE/bin"
if [ -x "$bin/promtool" ] || command -v promtool >/dev/null; then exit 0; fi

echo "set-up: promtool, out of Debian's package prometheus"
work=$(mktemp -d "${TMPDIR:-/tmp}/promtool.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"

download() {
  apt-get download -q -o APT::Sandbox::User=root prometheus >>log 2>&1
}

# The package lists are absent or older than the mirror; renewing them takes root.
if ! download && ! { apt-get update >>log 2>&1 && download; }; then
  echo 'set-up: cannot fetch promtool; run "sudo apt-get update" or install it and start again:' >&2
  tail -n 10 log >&2
  exit 1
fi
dpkg-deb --fsys-tarfile prometheus_*.deb | tar -xf - ./usr/bin/promtool
mkdir -p "$bin"
mv usr/bin/promtool "$bin/promtool"
