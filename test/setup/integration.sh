#!/bin/sh
# What the integration tests need beyond the npm packages, but for a cluster: see cluster.sh. `--check` fails at once
# where the rest could not succeed.
set -u
cd "$(dirname "$0")"
packages='ffmpeg=ffmpeg ffprobe=ffmpeg chromium=chromium openssl=openssl setpriv=util-linux flock=util-linux unshare=util-linux ip=iproute2'

# shellcheck disable=SC2086 # one word per package
if [ "${1-}" = --check ]; then exec ./debian.sh --check $packages; fi

./versitygw.sh >/dev/null &
versitygw=$!
./alertmanager.sh >/dev/null &
alertmanager=$!
status=0
# shellcheck disable=SC2086
./debian.sh $packages || status=1
./promtool.sh || status=1
wait $versitygw || status=1
wait $alertmanager || status=1
exit $status
