#!/usr/bin/env bash
# The main job in one command: starts the daemon, applies manifests/demo.yaml and shows what is on the panes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bash scripts/setup.sh

agenttower() { node dist/agenttower.js "$@"; }

# Shows a command as a person would type it, then runs it.
run() {
  printf '\n$ node dist/agenttower.js %s\n' "$*"
  agenttower "$@"
}

# What each pane of the session shows right now, as tmux itself tells.
show_screen() {
  local id title text
  printf '\nOn the screen now:\n'
  while IFS=' ' read -r id title; do
    text="$(tmux -L agenttower capture-pane -p -t "$id")" # without the empty lines at its end
    printf '\n── %s %s\n%s\n' "$title" "$(printf '─%.0s' $(seq $((60 - ${#title}))))" "$(tail -n 12 <<<"$text")"
  done < <(tmux -L agenttower list-panes -s -t '=demo' -F '#{pane_id} #{pane_title}')
}

run ensure-daemon
run apply -f manifests/demo.yaml --wait
run get panes
show_screen
cat <<'TEXT'

The team runs in a tmux server of its own, and keeps running without this terminal.

  see it      node dist/agenttower.js attach demo           leave it with Ctrl-b d
  try it      tmux -L agenttower kill-pane -t '=demo:'      one pane dies, and is back within two seconds
  change it   edit manifests/demo.yaml, then
              node dist/agenttower.js plan  -f manifests/demo.yaml
              node dist/agenttower.js apply -f manifests/demo.yaml --wait
  end it      node dist/agenttower.js delete layout/demo --wait
              node dist/agenttower.js stop-daemon
              tmux -L agenttower kill-server                the tmux server, which is empty now
TEXT
