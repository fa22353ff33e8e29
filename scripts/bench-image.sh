#!/usr/bin/env bash
# Makes the images that stand for bench containers in the tests, out of this machine's own programs, so that no
# registry is needed:
#   agenttower-bench:latest    a shell, the usual small programs and tmux; users root and bench (uid 1000)
#   agenttower-bench:no-tmux   the same without tmux
# Does nothing when they are there already and nothing in them has changed. The argument is the engine's command.
#   scripts/bench-image.sh [docker|podman]
set -euo pipefail

engine="${1:-docker}"
label=agenttower.bench.content
programs=(
  bash sh tmux apt-get awk base64 basename cat chmod chown cp cut date dd df dirname echo env expr false find flock free
  getent grep head hostname id infocmp kill ln ls mkdir mkfifo mktemp mount mv nice nohup nproc nsenter od pgrep
  pkill printenv printf ps pwd readlink realpath rm rmdir sed seq setpriv setsid sha256sum sleep sort split stat
  stty sync tail tee test timeout top touch tr true tty uname uniq unshare wc which whoami xargs
)
# What Node needs beyond the above: the tests mount the program itself.
libraries=(libstdc++.so.6 libgcc_s.so.1 libm.so.6 libdl.so.2 libpthread.so.0 librt.so.1)
# Ends at once on TERM, as `docker stop` expects of a container's first process, and leaves no zombies.
command='["bash", "-c", "trap \"exit 0\" TERM; while :; do sleep 86400 & wait; done"]'

main() {
  local sources content
  sources="$(list_sources)"
  content="$({ cat "${BASH_SOURCE[0]}" && xargs -d '\n' stat -Lc '%n %s %Y' <<<"$sources"; } | sha256sum | cut -c1-64)"
  if is_current latest "$content" && is_current no-tmux "$content"; then return; fi
  # Not local: the trap runs after this function has ended.
  work="$(mktemp -d)"
  trap 'rm -rf "$work"' EXIT
  root="$work/root"
  archive="$work/root.tar"
  make_root "$sources"
  import latest "$content"
  rm "$root/usr/bin/tmux"
  import no-tmux "$content"
}

is_current() {
  [ "$("$engine" image inspect -f "{{index .Config.Labels \"$label\"}}" "agenttower-bench:$1" 2>/dev/null)" = "$2" ]
}

# Absolute paths of every program and library, one a line.
list_sources() {
  local program path
  for program in "${programs[@]}"; do
    # Some are builtins of this shell too; those that this machine does not have are left out.
    path="$(type -P "$program")" || continue
    echo "$path"
    ldd "$path" 2>/dev/null | grep -o '/[^ ]*' | grep -v ':$' || true
  done | sort -u
  for program in "${libraries[@]}"; do
    ldconfig -p | awk -v name="$program" '$1 == name && !seen { print $NF; seen = 1 }'
  done
}

make_root() {
  local path
  mkdir -p "$root"/{dev,etc,home,opt,proc,root,run,sys,tmp,var/tmp,usr/{bin,sbin,lib,lib64,share}}
  chmod 0755 "$root"
  for path in bin sbin lib lib64; do ln -s "usr/$path" "$root/$path"; done
  chmod 1777 "$root/tmp" "$root/var/tmp"
  while read -r path; do
    case "$path" in
      */bin/* | */sbin/*) cp -L "$path" "$root/usr/bin/" ;;
      *) mkdir -p "$root$(dirname "$path")" && cp -L "$path" "$root$path" ;;
    esac
  done <<<"$1"
  copy_terminals
  add_users
}

# Terminal descriptions, and the one locale that tmux needs to speak UTF-8.
copy_terminals() {
  local name folder
  for name in tmux-256color tmux screen screen-256color xterm xterm-256color linux; do
    for folder in /etc/terminfo /lib/terminfo /usr/share/terminfo; do
      [ -e "$folder/${name:0:1}/$name" ] || continue
      mkdir -p "$root/usr/share/terminfo/${name:0:1}"
      cp -L "$folder/${name:0:1}/$name" "$root/usr/share/terminfo/${name:0:1}/"
    done
  done
  if [ -d /usr/lib/locale/C.utf8 ]; then
    mkdir -p "$root/usr/lib/locale"
    cp -rL /usr/lib/locale/C.utf8 "$root/usr/lib/locale/"
  fi
}

add_users() {
  printf '%s\n' 'root:x:0:0:root:/root:/bin/bash' 'bench:x:1000:1000::/home/bench:/bin/bash' >"$root/etc/passwd"
  printf '%s\n' 'root:x:0:' 'bench:x:1000:' >"$root/etc/group"
  printf '%s\n' 'passwd: files' 'group: files' >"$root/etc/nsswitch.conf"
  printf '%s\n' 'PRETTY_NAME="AgentTower bench"' 'ID=debian' >"$root/etc/os-release"
  mkdir -p "$root/home/bench"
}

import() {
  # Owners are given here, so that this needs no root.
  tar -C "$root" --numeric-owner --owner=0 --group=0 --exclude=./home/bench -cf "$archive" .
  tar -C "$root" --numeric-owner --owner=1000 --group=1000 -rf "$archive" ./home/bench
  "$engine" import --change "LABEL $label=$2" --change "CMD $command" \
      --change 'ENV PATH=/usr/local/bin:/usr/bin:/bin' "$archive" "agenttower-bench:$1" >/dev/null
}

main
