#!/bin/bash
# Makes the base images of the Dockerfile where no registry can be reached, under the names that they have there:
# Debian from its archive, Node from the npm packages that hold its binary and npm. Sourced by build.sh, which
# defines `buildah_`.
suite=bookworm
node_major=24
npm_major=11
debian_image=docker.io/library/debian:$suite-slim
node_image=docker.io/library/node:$node_major-$suite-slim

make_base_images() {
  image_exists "$debian_image" || make_debian_image
  image_exists "$node_image" || make_node_image
}

image_exists() {
  buildah_ images --quiet "$1" >/dev/null 2>&1
}

make_debian_image() {
  local context sources=/etc/apt/sources.list.d/debian.sources
  context=$(mktemp -d "$storage/build.XXXXXX")
  echo "image: $debian_image, from Debian's archive" >&2
  # As slim as the published image. With this machine's sources, which may name a mirror.
  # Made with /usr merged: else a package that merges it would come, and all of Perl with it.
  mmdebstrap --quiet --variant=minbase --hook-dir=/usr/share/mmdebstrap/hooks/merged-usr --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
    --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/info/*' \
    "$suite" "$context/root.tar" $([ ! -f $sources ] || echo $sources)
  printf 'FROM scratch\nADD root.tar /\nCMD ["bash"]\n' >"$context/Dockerfile"
  buildah_ build --quiet --isolation chroot --tag "$debian_image" "$context" >/dev/null
  rm -rf "$context"
}

make_node_image() {
  local context architecture
  case $(uname -m) in
    x86_64) architecture=x64 ;;
    aarch64) architecture=arm64 ;;
    *) echo "image: the npm registry has no Node for $(uname -m)" >&2; return 1 ;;
  esac
  context=$(mktemp -d "$storage/build.XXXXXX")
  echo "image: $node_image, from the npm registry" >&2
  (
    cd "$context"
    npm pack --silent "node-linux-$architecture@$node_major" "npm@$npm_major" >/dev/null
    mkdir -p usr/bin usr/lib/node_modules/npm
    tar -xzf node-linux-*.tgz --strip-components=2 -C usr/bin package/bin/node
    tar -xzf npm-*.tgz --strip-components=1 -C usr/lib/node_modules/npm
    chmod 755 usr/bin/node usr/lib/node_modules/npm/bin/*-cli.js
    ln -s ../lib/node_modules/npm/bin/npm-cli.js usr/bin/npm
    printf 'FROM %s\nCOPY usr /usr/local\nCMD ["node"]\n' "$debian_image" >Dockerfile
  )
  buildah_ build --quiet --pull-never --isolation chroot --tag "$node_image" "$context" >/dev/null
  rm -rf "$context"
}
