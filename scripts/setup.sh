#!/usr/bin/env bash
# Makes this clone ready to run: system packages, npm packages, dist/. Does only what is missing; quiet when nothing is.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

stamp=node_modules/.agenttower-installed

main() {
  require_node
  local wanted
  # node_modules is left alone when it was made from this lock file by this kind of Node.
  wanted="$(node -p 'process.platform + process.arch + process.versions.modules') $(cksum <package-lock.json)"
  if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then
    install_system_packages tmux git
  else
    install_system_packages tmux git python3 make g++
    install_npm_packages
    echo "$wanted" >"$stamp"
  fi
  build
}

require_node() {
  local name
  for name in node npm; do
    command -v "$name" >/dev/null || fail "$name is not installed; install Node.js 20.19 or newer: https://nodejs.org/en/download"
  done
  if ! node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)'; then
    fail "Node $(node --version) is too old; install 20.19 or newer: https://nodejs.org/en/download"
  fi
}

# Installs the commands given that are missing, by packages of the same name.
install_system_packages() {
  local missing=() name
  for name in "$@"; do
    command -v "$name" >/dev/null || missing+=("$name")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    fail "missing: ${missing[*]}. Install with:
  sudo apt-get update && sudo apt-get install -y ${missing[*]}
then run this again."
  fi
  step "installing ${missing[*]} (apt-get)"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq </dev/null >/dev/null
  apt-get install -y -qq --no-install-recommends "${missing[@]}" </dev/null >/dev/null
}

install_npm_packages() {
  # SQLite is compiled here: no binary is published for Node 20, and asking for one only costs time.
  export npm_config_build_from_source=true
  local prefix
  prefix="$(dirname "$(dirname "$(node -p process.execPath)")")"
  if [ -f "$prefix/include/node/node.h" ]; then export npm_config_nodedir="$prefix"; fi
  step "installing npm packages (a minute or two: SQLite is compiled)"
  # Not `npm ci`: it refuses a lock file that leaves out other platforms' binaries, which not every registry has.
  npm install --no-save --no-audit --no-fund --loglevel=error </dev/null
  node -e 'new (require("better-sqlite3"))(":memory:").close()'
}

build() {
  if [ -f dist/.built ] && [ -z "$(find src package.json tsconfig.json tsconfig.build.json -newer dist/.built -print -quit)" ]; then
    return 0
  fi
  step "building"
  npm run --silent build
  touch dist/.built
}

step() { echo "setup: $*" >&2; }

fail() {
  echo "setup: $*" >&2
  exit 1
}

main
