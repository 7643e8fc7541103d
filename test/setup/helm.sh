#!/bin/sh
# Builds Helm from its Go module into the cache, unless it is there, and prints its path.
set -eu
version=3.22.0
# The cluster that `helm template` and `helm lint` assume where they are told of none; 1.20 without.
kubernetes_minor=34
bin="${STREAMMONITOR_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/streammonitor}/bin"
# The version is part of the name: another one is built beside it.
helm="$bin/helm-v$version"

flags() {
  printf -- '-s -w -X helm.sh/helm/v3/internal/version.version=v%s' "$version"
  for package in chartutil lint/rules; do
    printf ' -X helm.sh/helm/v3/pkg/%s.k8sVersionMajor=1 -X helm.sh/helm/v3/pkg/%s.k8sVersionMinor=%s' \
      $package $package $kubernetes_minor
  done
}

if [ ! -x "$helm" ]; then
  command -v go >/dev/null || {
    echo 'set-up: go is missing; install Go 1.26 or newer (https://go.dev/dl), it builds the Helm of the tests' >&2
    exit 1
  }
  echo "set-up: Helm $version (go install; minutes when Go's cache is cold)" >&2
  mkdir -p "$bin"
  work=$(mktemp -d "$bin/helm.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  CGO_ENABLED=0 GOWORK=off GOBIN="$work" GOFLAGS=-buildvcs=false \
    go install -trimpath -ldflags "$(flags)" "helm.sh/helm/v3/cmd/helm@v$version" >"$work/log" 2>&1 || {
    echo 'set-up: Helm could not be built:' >&2
    tail -n 15 "$work/log" >&2
    exit 1
  }
  mv "$work/helm" "$helm"
fi
ln -sf "helm-v$version" "$bin/helm"
echo "$helm"
