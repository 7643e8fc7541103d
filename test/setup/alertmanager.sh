#!/bin/sh
# Builds Alertmanager into the cache, unless it is there, and prints its path. Debian's cannot be taken out of its
# package: it reads a template from /usr. Later versions than this cannot be built as a Go module, which lacks their
# page.
set -eu
exec "$(dirname "$0")/go-install.sh" alertmanager v0.28.1 github.com/prometheus/alertmanager/cmd/alertmanager
