#!/bin/sh
# Builds the S3 server of the tests and the demo into the cache, unless it is there, and prints its path.
set -eu
version=v1.8.0
bin="${STREAMMONITOR_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/streammonitor}/bin"
# The version is part of the name: another one is built beside it.
server="$bin/versitygw-$version"

if [ ! -x "$server" ]; then
  command -v go >/dev/null || {
    echo 'set-up: go is missing; install Go 1.26 or newer (https://go.dev/dl), it builds the S3 server of the tests' >&2
    exit 1
  }
  echo "set-up: S3 server versitygw $version (go install)" >&2
  mkdir -p "$bin"
  work=$(mktemp -d "$bin/versitygw.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  GOBIN="$work" GOFLAGS=-buildvcs=false go install "github.com/versity/versitygw/cmd/versitygw@$version" >"$work/log" 2>&1 || {
    echo 'set-up: the S3 server could not be built:' >&2
    tail -n 15 "$work/log" >&2
    exit 1
  }
  mv "$work/versitygw" "$server"
fi
ln -sf "versitygw-$version" "$bin/versitygw"
echo "$server"
