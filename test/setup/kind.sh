#!/bin/sh
# Builds kind from its Go module into the cache, unless it is there, and prints its path.
set -eu
version=v0.33.0
bin="${STREAMMONITOR_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/streammonitor}/bin"
# The version is part of the name: another one is built beside it.
kind="$bin/kind-$version"

if [ ! -x "$kind" ]; then
  command -v go >/dev/null || {
    echo 'set-up: go is missing; install Go 1.26 or newer (https://go.dev/dl), it builds kind' >&2
    exit 1
  }
  echo "set-up: kind $version (go install)" >&2
  mkdir -p "$bin"
  work=$(mktemp -d "$bin/kind.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  CGO_ENABLED=0 GOWORK=off GOBIN="$work" GOFLAGS=-buildvcs=false \
    go install -trimpath "sigs.k8s.io/kind@$version" >"$work/log" 2>&1 || {
    echo 'set-up: kind could not be built:' >&2
    tail -n 15 "$work/log" >&2
    exit 1
  }
  mv "$work/kind" "$kind"
fi
echo "$kind"
