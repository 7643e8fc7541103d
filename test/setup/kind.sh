#!/bin/sh
# Builds kind from its Go module into the cache, unless it is there, and prints its path.
set -eu
exec "$(dirname "$0")/go-install.sh" kind v0.33.0 sigs.k8s.io/kind
