#!/bin/sh
# Installs the packages of package-lock.json, among them the pinned Node, unless they are installed already.
set -eu
cd "$(dirname "$0")/../.."

for command in node npm; do
  command -v $command >/dev/null || {
    echo "set-up: $command is missing; install Node.js 20 or newer with npm (https://nodejs.org)" >&2
    exit 1
  }
done

node test/setup/npm-installed.mjs && [ -x node_modules/node/bin/node ] && exit 0

echo 'set-up: npm ci (packages of package-lock.json, Node 24 among them)'
# Test tools are dev dependencies: they are wanted even where NODE_ENV says production.
npm ci --include=dev --no-audit --no-fund --loglevel=error

[ -x node_modules/node/bin/node ] || {
  echo 'set-up: the npm package "node" installed no Node 24: npm must be allowed to run install scripts (ignore-scripts=false)' >&2
  exit 1
}
