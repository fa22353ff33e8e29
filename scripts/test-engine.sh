#!/usr/bin/env bash
# A container engine for the tests, where none answers: a dockerd of our own, which needs no network, no systemd and
# no firewall, and keeps everything it has in one folder, so that it meets no other. Podman needs no daemon.
#   scripts/test-engine.sh start FOLDER           prints the shell lines that lead to it; nothing when one answers
#   scripts/test-engine.sh launch FOLDER [FLAG…]  starts it in any case, with more flags for dockerd
#   scripts/test-engine.sh stop FOLDER            ends it and removes the folder; without one of ours it does nothing
# As root it installs what is missing (apt-get). Without an engine it says so and succeeds: the tests decide.
set -euo pipefail

main() {
  case "${1:-} ${2:-}" in
    'start /'*) start "$2" ;;
    'launch /'*) start_dockerd "${@:2}" ;;
    'stop /'*) stop "$2" ;;
    *) sed -n '2,7s/^# \?//p' "${BASH_SOURCE[0]}" >&2 && exit 64 ;;
  esac
}

start() {
  # By itself it would bring crun, which some machines' limits refuse.
  install_missing podman podman runc
  if answers docker; then return; fi
  install_missing dockerd docker.io
  # The package may have started one.
  if answers docker; then return; fi
  if ! command -v dockerd >/dev/null || [ "$(id -u)" -ne 0 ]; then
    step "no container engine answers; install one with: sudo apt-get install docker.io podman"
    return
  fi
  start_dockerd "$1"
}

start_dockerd() {
  mkdir -p "$1"
  # Not the machine's own settings.
  echo '{}' >"$1/daemon.json"
  # One that was killed leaves this, and then the next refuses to start; its containerd takes a moment to follow it.
  rm -f "$1/dockerd.pid"
  local tries
  for ((tries = 0; tries < 50; tries++)); do
    kill -0 "$(cat "$1/exec/containerd/containerd.pid" 2>/dev/null)" 2>/dev/null || break
    sleep 0.1
  done
  setsid nohup dockerd --host="unix://$1/docker.sock" --pidfile="$1/dockerd.pid" --data-root="$1/data" \
    --exec-root="$1/exec" --config-file="$1/daemon.json" --containerd-namespace=agenttower-test \
    --containerd-plugins-namespace=agenttower-test-plugins --iptables=false --bridge=none --storage-driver=vfs \
    "${@:2}" </dev/null >>"$1/dockerd.log" 2>&1 &
  for ((tries = 0; tries < 300; tries++)); do
    if DOCKER_HOST="unix://$1/docker.sock" answers docker; then
      echo "export DOCKER_HOST=unix://$1/docker.sock"
      return
    fi
    kill -0 $! 2>/dev/null || break
    sleep 0.1
  done
  step "dockerd did not come up:"
  tail -n 5 "$1/dockerd.log" >&2
}

stop() {
  local pid
  # Containers may outlive their engine.
  DOCKER_HOST="unix://$1/docker.sock" docker ps -aq 2>/dev/null |
    DOCKER_HOST="unix://$1/docker.sock" xargs -r docker rm -f >/dev/null 2>&1 || true
  if pid="$(cat "$1/dockerd.pid" 2>/dev/null)"; then
    kill "$pid" 2>/dev/null || true
    while kill -0 "$pid" 2>/dev/null; do sleep 0.1; done
  fi
  # What containers that it did not end had mounted.
  awk -v folder="$1/" 'index($2, folder) == 1 { print $2 }' /proc/mounts | sort -r | xargs -r umount -l
  rm -rf "$1"
}

answers() { timeout 20 "$1" info --format '{{.ID}}' >/dev/null 2>&1; }

# install_missing COMMAND PACKAGE…
install_missing() {
  if command -v "$1" >/dev/null || [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then return; fi
  step "installing ${*:2} (apt-get)"
  export DEBIAN_FRONTEND=noninteractive
  # One that cannot be had is told by what needs it.
  { apt-get update -qq && apt-get install -y -qq --no-install-recommends "${@:2}"; } </dev/null >/dev/null || true
}

step() { echo "test-engine: $*" >&2; }

main "$@"
