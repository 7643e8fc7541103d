#!/bin/sh
# Builds Alertmanager into the cache, unless it is there or on the PATH. Debian's cannot be taken out of its package: it
# reads a template from /usr. Later versions than this cannot be built as a Go module, which lacks their page.
set -eu
version=v0.28.1
bin="$STREAMMONITOR_CACHE/bin"
# The version is part of the name: another one is built beside it.
server="$bin/alertmanager-$version"

if [ ! -x "$server" ]; then
  if command -v alertmanager >/dev/null; then exit 0; fi
  command -v go >/dev/null || {
    echo 'set-up: go is missing; install Go 1.26 or newer (https://go.dev/dl), it builds the Alertmanager of the tests' >&2
    exit 1
  }
  echo "set-up: Alertmanager $version (go install)" >&2
  mkdir -p "$bin"
  work=$(mktemp -d "$bin/alertmanager.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  GOBIN="$work" GOFLAGS=-buildvcs=false go install "github.com/prometheus/alertmanager/cmd/alertmanager@$version" >"$work/log" 2>&1 || {
    echo 'set-up: Alertmanager could not be built:' >&2
    tail -n 15 "$work/log" >&2
    exit 1
  }
  mv "$work/alertmanager" "$server"
fi
ln -sf "alertmanager-$version" "$bin/alertmanager"
