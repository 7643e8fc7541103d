#!/bin/sh
# Builds a Prometheus that finds pods by asking a cluster, which Debian's cannot, into the cache, unless it is there,
# and prints its path.
set -eu
version=v0.305.0
bin="${STREAMMONITOR_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/streammonitor}/bin"
# The version is part of the name: another one is built beside it.
prometheus="$bin/prometheus-$version"

if [ ! -x "$prometheus" ]; then
  command -v go >/dev/null || {
    echo 'set-up: go is missing; install Go 1.26 or newer (https://go.dev/dl), it builds Prometheus' >&2
    exit 1
  }
  echo "set-up: Prometheus $version (go build; minutes when Go's cache is cold)" >&2
  mkdir -p "$bin"
  work=$(mktemp -d "$bin/prometheus.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  cd "$work"
  export CGO_ENABLED=0 GOWORK=off GOFLAGS=-mod=mod
  # A module of its own: `go install` refuses one with replacements.
  { go mod init streammonitor.invalid/prometheus &&
    go mod edit -require="github.com/prometheus/prometheus@$version" &&
    go build -trimpath -buildvcs=false -ldflags '-s -w' -o prometheus github.com/prometheus/prometheus/cmd/prometheus
  } >"$work/log" 2>&1 || {
    echo 'set-up: Prometheus could not be built:' >&2
    tail -n 15 "$work/log" >&2
    exit 1
  }
  mv "$work/prometheus" "$prometheus"
fi
echo "$prometheus"
