#!/bin/sh
# Installs Debian's ffmpeg in an image and leaves out what it never loads: it depends, by way of its output
# devices, on desktop sound, window systems and graphics drivers (LLVM among them), two thirds of its size.
# dpkg goes on knowing exactly what is there.
set -eu
export DEBIAN_FRONTEND=noninteractive

packages() {
  dpkg-query --show --showformat '${Package}:${Architecture}\n' | sort
}

# The packages that the files of its dynamic linker come from.
loaded_packages() {
  ldd /usr/bin/ffmpeg | sed -n 's/^.*=> \(\/[^ ]*\) .*$/\1/p' | while read -r library; do
    file=$(realpath "$library")
    # Merged /usr: some packages still list their files below /lib.
    dpkg-query --search "$file" 2>/dev/null || dpkg-query --search "${file#/usr}"
  done | sed 's/^\([^:]*:[^:]*\): .*$/\1/' | sort -u
}

packages >/tmp/before
apt-get update -q
apt-get install -q -y --no-install-recommends ffmpeg
{
  cat /tmp/before
  loaded_packages
  # Not libraries: ffmpeg itself, and where fonts are looked up.
  packages | grep -E '^(ffmpeg|fontconfig-config):'
} | sort -u >/tmp/wanted
unwanted=$(packages | comm -23 - /tmp/wanted)
# shellcheck disable=SC2086 # one word per package
dpkg --purge --force-depends --force-remove-essential $unwanted >/dev/null 2>&1

# Played or inspected with other tools; documentation of the command line.
rm -rf /usr/bin/ffplay /usr/bin/qt-faststart /usr/share/ffmpeg
rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/*-old /var/log/* /tmp/*

if ldd /usr/bin/ffmpeg | grep 'not found'; then
  echo 'a library that ffmpeg loads was taken away' >&2
  exit 1
fi
ffmpeg -hide_banner -loglevel error -f lavfi -i testsrc=duration=1 -f null -
