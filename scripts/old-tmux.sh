#!/usr/bin/env bash
# Older versions of tmux for the tests, each with the libraries it wants, from the packages of the systems that shipped
# them. Every file is named here with its checksum.
#   scripts/old-tmux.sh FOLDER    makes FOLDER/VERSION/tmux, which also works where the folder is mounted or moved to;
#                                 prints the versions that are there, and why others are not. What is there is kept.
# Debian's packages come from where apt gets its own; Ubuntu's from $UBUNTU_MIRROR, or from where debootstrap would
# get them. As root it installs debootstrap for that. A version that cannot be had is said so, and that is no failure.
set -euo pipefail

# version, system, file in its archive, SHA-256
files=(
  "2.6 ubuntu t/tmux/tmux_2.6-3ubuntu0.3_amd64.deb a634d1a8dea1d3d36c33ddd4be81c35445fc7a7c63ed1c778a4bab2e1f4af1b7"
  "2.6 ubuntu libe/libevent/libevent-2.1-6_2.1.8-stable-4build1_amd64.deb 76bc94b3bb4356673c61dd2a4a7b06f40de21dab051aa4b31282aa9d7798b383"
  "2.6 ubuntu n/ncurses/libtinfo5_6.1-1ubuntu1_amd64.deb 450bf945387029bee91d8eea76deacb8df907a1f6641fbce388933d1fdfb5a0d"
  "2.6 ubuntu libu/libutempter/libutempter0_1.1.6-3_amd64.deb c09669047010fdc0febd7834b8171be23e2da8c6b0f808eef2bb7fd2a2147566"
  "3.0a ubuntu t/tmux/tmux_3.0a-2ubuntu0.4_amd64.deb ef05f636e20448cf75eb7afa0e98b18b3a1e57dcfb872e1f62d6a0ee7dc91bad"
  "3.1c debian t/tmux/tmux_3.1c-1+deb11u1_amd64.deb cdc40915414b170c2e7108ba25c4c321784ffefeacf66a60a2b54df356474918"
  "3.2a ubuntu t/tmux/tmux_3.2a-4ubuntu0.2_amd64.deb b51865a24b78d68459421ee68e1e35d53112d9c08c4e823b241141342efb21dd"
)
apt_helper=/usr/lib/apt/apt-helper
loader=/lib64/ld-linux-x86-64.so.2

main() {
  case "${1:-}" in
    /*) mkdir -p "$1" ;;
    *) sed -n '2,7s/^# \?//p' "${BASH_SOURCE[0]}" >&2 && exit 64 ;;
  esac
  if [ ! -x "$apt_helper" ] || [ ! -e "$loader" ]; then
    step "no older tmux: their packages are for Debian and Ubuntu on x86-64"
    return
  fi
  # Not local: the trap runs after this function has ended.
  work="$(mktemp -d)"
  trap 'rm -rf "$work"' EXIT
  local version
  for version in $(printf '%s\n' "${files[@]}" | cut -d' ' -f1 | uniq); do
    if works "$1/$version" "$version" || make "$1/$version" "$version"; then echo "$version $1/$version"; fi
  done
}

# make FOLDER VERSION
make() {
  local version system path sum root="$work/root-$2" mirror
  mkdir -p "$root"
  while read -r version system path sum; do
    if [ "$version" != "$2" ]; then continue; fi
    mirror="$(mirror_of "$system")"
    if [ -z "$mirror" ]; then
      step "no tmux $2: it is not known where $system keeps its packages$([ "$system" = debian ] || echo "; set UBUNTU_MIRROR")"
      return 1
    fi
    if ! timeout 60 "$apt_helper" -o Acquire::Retries=0 -o APT::Sandbox::User=root download-file \
        "$mirror/pool/main/$path" "$work/one.deb" "SHA256:$sum" >"$work/log" 2>&1 </dev/null; then
      step "no tmux $2: ${path##*/} cannot be had: $(grep -m1 '^[EW]:' "$work/log" || echo 'no answer in time')"
      return 1
    fi
    dpkg-deb -x "$work/one.deb" "$root" && rm "$work/one.deb"
  done < <(printf '%s\n' "${files[@]}")
  rm -rf "$1" && mkdir -p "$1/lib"
  cp "$root/usr/bin/tmux" "$1/program"
  find "$root" -name '*.so.*' -exec cp -P {} "$1/lib/" \;
  # Not LD_LIBRARY_PATH, which the panes would inherit.
  cat >"$1/tmux" <<WRAPPER
#!/bin/sh
here=\${0%/*}
exec $loader --library-path "\$here/lib" --argv0 tmux "\$here/program" "\$@"
WRAPPER
  chmod 755 "$1" "$1/lib" "$1/tmux"
  if works "$1" "$2"; then return 0; fi
  step "no tmux $2: it does not run here: $("$1/tmux" -V 2>&1 | tail -n 1)"
  rm -rf "$1"
  return 1
}

works() { [ -x "$1/tmux" ] && [ "$("$1/tmux" -V 2>/dev/null)" = "tmux $2" ]; }

# Found once: asking apt takes a while.
mirror_of() {
  if [ ! -e "$work/$1" ]; then
    case "$1" in
      debian) apt_mirror debian ;;
      ubuntu) ubuntu_mirror ;;
    esac >"$work/$1"
  fi
  cat "$work/$1"
}

# apt_mirror NAME: the archive of that name that this machine installs from.
apt_mirror() {
  apt-get indextargets --format '$(SITE)' 2>/dev/null | sed 's:/*$::' | grep -m1 "/$1\$" || true
}

ubuntu_mirror() {
  local known="${UBUNTU_MIRROR:-$(apt_mirror ubuntu)}"
  if [ -z "$known" ]; then
    install_debootstrap
    known="$(debootstrap_mirror)"
  fi
  echo "$known"
}

# What its script for a release of Ubuntu takes when it is told of no other mirror.
debootstrap_mirror() (
  set +eu
  script=/usr/share/debootstrap/scripts/bionic
  [ -e "$script" ] || return 0
  export SUITE=bionic ARCH=amd64
  command_not_found_handle() { :; }
  default_mirror() { echo "$1" >&3; }
  . "$script" 3>&1 >/dev/null 2>&1
)

install_debootstrap() {
  if command -v debootstrap >/dev/null || [ "$(id -u)" -ne 0 ]; then return; fi
  step "installing debootstrap (apt-get)"
  export DEBIAN_FRONTEND=noninteractive
  { apt-get update -qq && apt-get install -y -qq --no-install-recommends debootstrap; } </dev/null >/dev/null 2>&1 || true
}

step() { echo "old-tmux: $*" >&2; }

main "$@"
