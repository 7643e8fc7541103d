#!/bin/sh
# Everything that the end-to-end tests need beyond the npm packages: kind, and where no Docker daemon answers (then
# as root) nodes of the parts of Kubernetes and of Debian.
set -eu
cd "$(dirname "$0")"
PATH="$PATH:/usr/sbin:/sbin"
packages='ffmpeg=ffmpeg openssl=openssl setpriv=util-linux flock=util-linux git=git'

if command -v docker >/dev/null && docker info >/dev/null 2>&1; then
  # shellcheck disable=SC2086 # one word per package
  ./debian.sh $packages
  ./kubernetes.sh >/dev/null
else
  if [ "$(id -u)" -ne 0 ]; then
    echo 'set-up: end-to-end tests take a Docker daemon, or root for nodes of their own: start one, or use sudo' >&2
    exit 1
  fi
  node='containerd=containerd runc=runc iptables=iptables conntrack=conntrack ip=iproute2 umount=mount'
  [ -x /usr/lib/cni/bridge ] || [ -x /opt/cni/bin/bridge ] || node="$node cni-bridge=containernetworking-plugins"
  # shellcheck disable=SC2086
  ./debian.sh $packages $node buildah=buildah mmdebstrap=mmdebstrap
  ./kubernetes.sh --node >/dev/null
fi
./versitygw.sh >/dev/null
./prometheus.sh >/dev/null
# Its configuration is checked where it cannot run, too.
./kind.sh >/dev/null
./helm.sh >/dev/null
