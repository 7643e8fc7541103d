#!/bin/sh
# go-install.sh NAME VERSION PACKAGE [OPTION of go install…]
# Builds a program from its Go module into the cache, unless it is there, and prints its path.
set -eu
name=$1 version=$2 package=$3
shift 3
bin="${STREAMMONITOR_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/streammonitor}/bin"
# The version is part of the name: another one is built beside it.
program="$bin/$name-$version"

if [ ! -x "$program" ]; then
  command -v go >/dev/null || {
    echo "set-up: go is missing; install Go 1.26 or newer (https://go.dev/dl), it builds $name" >&2
    exit 1
  }
  echo "set-up: $name $version (go install; minutes when Go's cache is cold)" >&2
  mkdir -p "$bin"
  work=$(mktemp -d "$bin/$name.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  CGO_ENABLED=0 GOWORK=off GOBIN="$work" GOFLAGS=-buildvcs=false \
    go install -trimpath "$@" "$package@$version" >"$work/log" 2>&1 || {
    echo "set-up: $name could not be built:" >&2
    tail -n 15 "$work/log" >&2
    exit 1
  }
  mv "$work/$name" "$program"
fi
ln -sf "$name-$version" "$bin/$name"
echo "$program"
