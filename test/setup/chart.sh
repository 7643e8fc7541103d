#!/bin/sh
# What the tests of the chart need beside a cluster: Helm. At low priority, since other tests run meanwhile.
set -eu
cd "$(dirname "$0")"
nice -n 15 ./helm.sh >/dev/null
