#!/bin/sh
# Everything that the integration tests need beyond the npm packages. `--check` fails at once where the rest
# could not succeed.
set -u
cd "$(dirname "$0")"
packages='ffmpeg=ffmpeg ffprobe=ffmpeg chromium=chromium openssl=openssl setpriv=util-linux flock=util-linux'

if [ "${1-}" = --check ]; then
  ./kubernetes.sh --check || exit 1
  # shellcheck disable=SC2086 # one word per package
  exec ./debian.sh --check $packages
fi

./versitygw.sh >/dev/null &
versitygw=$!
./kubernetes.sh >/dev/null &
kubernetes=$!
./helm.sh >/dev/null &
helm=$!
status=0
# shellcheck disable=SC2086
./debian.sh $packages || status=1
./promtool.sh || status=1
wait $versitygw || status=1
wait $kubernetes || status=1
wait $helm || status=1
exit $status
