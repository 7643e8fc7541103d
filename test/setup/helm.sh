#!/bin/sh
# Builds Helm from its Go module into the cache, unless it is there, and prints its path.
set -eu
version=v3.22.0
# The cluster that `helm template` and `helm lint` assume where they are told of none; 1.20 without.
kubernetes_minor=34

flags="-s -w -X helm.sh/helm/v3/internal/version.version=$version"
for package in chartutil lint/rules; do
  module=helm.sh/helm/v3/pkg/$package
  flags="$flags -X $module.k8sVersionMajor=1 -X $module.k8sVersionMinor=$kubernetes_minor"
done
exec "$(dirname "$0")/go-install.sh" helm "$version" helm.sh/helm/v3/cmd/helm -ldflags "$flags"
