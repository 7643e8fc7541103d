#!/bin/sh
# What the tests on a cluster need: a Kubernetes control plane and Helm, built from their Go modules. `--check` fails
# at once where that could not succeed. At low priority, since other tests run meanwhile.
set -u
cd "$(dirname "$0")"

if [ "${1-}" = --check ]; then exec ./kubernetes.sh --check; fi

nice -n 15 ./kubernetes.sh >/dev/null || exit 1
nice -n 15 ./helm.sh >/dev/null || exit 1
