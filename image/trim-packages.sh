#!/bin/sh
# Removes from node_modules what no process loads: types, source maps, and what some packages publish by mistake.
# Licences stay.
set -eu
cd "$1"
find . -type f \( -name '*.ts' -o -name '*.mts' -o -name '*.cts' -o -name '*.map' \) -delete
rm -rf fluent-ffmpeg/coverage fluent-ffmpeg/doc
# Addons for another JavaScript runtime, Bare, on every platform that it has.
rm -rf bare-*/prebuilds
find . -type d \( -path '*/@videojs/*/test' -o -path '*/m3u8-parser/test' -o -path '*/mpd-parser/test' \) -prune -exec rm -rf {} +
find . -type d -empty -delete
