#!/bin/sh
# Builds the S3 server of the tests and the demo into the cache, unless it is there, and prints its path.
set -eu
exec "$(dirname "$0")/go-install.sh" versitygw v1.8.0 github.com/versity/versitygw/cmd/versitygw
