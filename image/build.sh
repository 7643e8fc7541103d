#!/bin/bash
# Builds the image: image/build.sh [--archive FILE] [--sbom FILE] [NAME:TAG]
#
# With Docker where its daemon answers. Else with buildah (as root), on base images that are made here: then no
# registry of images is needed, only the npm registry and Debian's archive. NAME:TAG is streammonitor:VERSION
# without. --archive also writes the image as `docker save` does, --sbom its bill of materials (CycloneDX).
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
version=$(sed -n 's/^  "version": "\(.*\)",$/\1/p' package.json)
image=streammonitor:$version archive='' sbom=''
while [ $# -gt 0 ]; do
  case $1 in
    --archive) archive=${2:?a file}; shift 2 ;;
    --sbom) sbom=${2:?a file}; shift 2 ;;
    -*) sed -n '2,6s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
    *) image=$1; shift ;;
  esac
done
export STREAMMONITOR_CACHE="${STREAMMONITOR_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/streammonitor}"
revision=$(git rev-parse HEAD 2>/dev/null || echo unknown)
arguments=(--build-arg "VERSION=$version" --build-arg "REVISION=$revision")
bill=/usr/share/doc/streammonitor/sbom.cdx.json

build_with_docker() {
  docker build --tag "$image" "${arguments[@]}" .
  [ -z "$sbom" ] || docker run --rm --entrypoint cat "$image" $bill >"$sbom"
  [ -z "$archive" ] || docker save --output "$archive" "$image"
  docker image inspect --format '{{.Id}} {{.Size}} bytes' "$image"
}

buildah_() {
  buildah --root "$storage/root" --runroot "$storage/run" --storage-driver overlay "$@"
}

build_with_buildah() {
  if [ "$(id -u)" -ne 0 ]; then
    echo 'image: no Docker daemon answers, and building without one takes root: start it, or use sudo' >&2
    return 1
  fi
  . image/base-images.sh
  test/setup/debian.sh buildah=buildah mmdebstrap=mmdebstrap
  storage="$STREAMMONITOR_CACHE/images"
  mkdir -p "$storage"
  make_base_images
  local name
  name=$(full_name "$image")
  # npm brings authorities of its own; a build on this machine trusts what this machine trusts.
  local authorities=${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt} npmrc=$storage/npmrc
  echo 'cafile=/run/authorities.crt' >"$npmrc"
  buildah_ build --pull-never --isolation chroot --network host --layers \
    --volume "$authorities:/run/authorities.crt:ro" --volume "$npmrc:/usr/local/etc/npmrc:ro" \
    --tag "$name" "${arguments[@]}" .
  [ -z "$sbom" ] || copy_from_image $bill "$sbom"
  [ -z "$archive" ] || write_archive "$name"
  buildah_ images --format '{{.ID}} {{.Size}}' "$name"
}

# As Docker and Kubernetes complete a name.
full_name() {
  case ${1%%/*} in
    "$1") echo "docker.io/library/$1" ;;
    *.* | *:* | localhost) echo "$1" ;;
    *) echo "docker.io/$1" ;;
  esac
}

# An archive that is there is not added to.
write_archive() {
  rm -f "$archive"
  buildah_ push --quiet "$1" "docker-archive:$archive:$1"
}

copy_from_image() {
  local container
  container=$(buildah_ from --pull-never "$name")
  cp "$(buildah_ mount "$container")$1" "$2"
  buildah_ rm "$container" >/dev/null
}

if command -v docker >/dev/null && docker info >/dev/null 2>&1; then build_with_docker; else build_with_buildah; fi
