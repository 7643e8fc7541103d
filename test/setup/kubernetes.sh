#!/bin/sh
# Builds the Kubernetes control plane of the tests from its Go modules into the cache, unless it is there, and
# prints "COMMAND PATH" of each binary. What KUBEBUILDER_ASSETS holds is taken from there. With --node also
# what a real node takes. With --check nothing is built: only fails where building would, for want of Go.
set -eu
version=1.34.4
etcd_version=3.6.16
kwok_version=0.8.0
coredns_version=1.14.7
commands='etcd kube-apiserver kube-controller-manager kube-scheduler kubectl kwok'
if [ "${1-}" = --node ]; then
  commands="$commands kubelet kube-proxy coredns pause"
  shift
fi

sources="$(cd "$(dirname "$0")" && pwd)"

home="${STREAMMONITOR_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/streammonitor}/kubernetes-$version"
bin="$home/bin"

path_of() {
  if [ -n "${KUBEBUILDER_ASSETS-}" ] && [ -x "$KUBEBUILDER_ASSETS/$1" ]; then
    echo "$KUBEBUILDER_ASSETS/$1"
    return
  fi
  # These have versions of their own, part of the name: another one is built beside it.
  case $1 in
    etcd) echo "$bin/etcd-$etcd_version" ;;
    kwok) echo "$bin/kwok-$kwok_version" ;;
    coredns) echo "$bin/coredns-$coredns_version" ;;
    *) echo "$bin/$1" ;;
  esac
}

missing_commands() {
  for command in $commands; do
    [ -x "$(path_of "$command")" ] || printf ' %s' "$command"
  done
}

need_go() {
  found=$(GOTOOLCHAIN=local go env GOVERSION 2>/dev/null) || found='none'
  minor=${found#go1.}
  minor=${minor%%[!0-9]*}
  case $found in go1.*) [ "${minor:-0}" -lt 26 ] || return 0 ;; esac
  echo "set-up: Go 1.26 or newer is missing (found: $found); install it (https://go.dev/dl)," >&2
  echo "set-up: it builds what the tests of the operator run:$missing" >&2
  exit 1
}

# k8s.io/kubernetes cannot be built as a dependency as it is: it requires its staging modules as v0.0.0 and
# replaces them by folders that no module holds. They are published as v0.MINOR.PATCH; replacements count in
# the main module alone, so that is made here.
kubernetes_module() {
  mkdir -p "$home/build/kubernetes"
  cd "$home/build/kubernetes"
  [ ! -f complete ] || return 0
  rm -f go.mod go.sum
  go mod init streammonitor.invalid/kubernetes
  gomod=$(GOFLAGS=-mod=mod go mod download -json "k8s.io/kubernetes@v$version" | sed -n 's/^.*"GoMod": "\(.*\)".*$/\1/p')
  sed -n 's/^[[:space:]]*\(k8s\.io\/[a-z0-9-]*\) v0\.0\.0$/\1/p' "$gomod" | sort -u |
    sed "s/.*/-replace=&=&@v0.${version#1.}/" | xargs go mod edit
  go mod edit -require="k8s.io/kubernetes@v$version"
  : >complete
}

# A module for one command. (`go install PACKAGE@VERSION` refuses modules with replacements, as etcd's.)
single_module() {
  mkdir -p "$home/build/$1"
  cd "$home/build/$1"
  [ -f go.mod ] || go mod init "streammonitor.invalid/$1"
  go mod edit -require="$2"
}

# The version is compiled in; without it the API server takes itself for another release.
kubernetes_flags() {
  minor=${version#1.}
  for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
    printf ' -X %s.gitVersion=v%s -X %s.gitMajor=1 -X %s.gitMinor=%s -X %s.gitTreeState=clean' \
      $package "$version" $package $package "${minor%%.*}" $package
  done
}

build() {
  case $1 in
    etcd)
      single_module etcd "go.etcd.io/etcd/server/v3@v$etcd_version"
      package=go.etcd.io/etcd/server/v3 flags=' ' ;;
    kwok)
      single_module kwok "sigs.k8s.io/kwok@v$kwok_version"
      package=sigs.k8s.io/kwok/cmd/kwok flags=" -X sigs.k8s.io/kwok/pkg/consts.Version=v$kwok_version" ;;
    coredns)
      single_module coredns "github.com/coredns/coredns@v$coredns_version"
      cp "$sources/coredns/main.go" .
      package=. flags=' ' ;;
    pause)
      mkdir -p "$home/build/pause"
      cd "$home/build/pause"
      [ -f go.mod ] || go mod init streammonitor.invalid/pause
      cp "$sources/pause/main.go" .
      package=. flags=' ' ;;
    *)
      kubernetes_module
      package="k8s.io/kubernetes/cmd/$1" flags=$(kubernetes_flags) ;;
  esac
  go build -mod=mod -trimpath -buildvcs=false -ldflags "-s -w$flags" -o "$2.new" "$package"
  mv "$2.new" "$2"
}

missing=$(missing_commands)
if [ -n "$missing" ]; then
  need_go
  [ "${1-}" != --check ] || exit 0
  export CGO_ENABLED=0 GOWORK=off
  mkdir -p "$bin"
  # One at a time: a build takes gigabytes of memory, and two set-ups would build the same.
  exec 9>"$home/lock"
  flock 9
  for command in $(missing_commands); do
    path=$(path_of "$command")
    echo "set-up: $command of Kubernetes $version (go build; minutes when Go's cache is cold)" >&2
    # A process of its own: what `||` guards would run on past a failure.
    build "$command" "$path" >"$home/log" 2>&1 &
    wait $! || {
      echo "set-up: $command could not be built:" >&2
      tail -n 15 "$home/log" >&2
      exit 1
    }
  done
fi
[ "${1-}" != --check ] || exit 0
for command in $commands; do
  echo "$command $(path_of "$command")"
done
