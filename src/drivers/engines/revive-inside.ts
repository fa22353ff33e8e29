/** What the script ends with when a server keeps its socket file lost. */
const NOT_REVIVED = 75;

/**
 * Plain sh that comes before whatever reaches for the tmux server whose socket is `$0`, in the same exec: when the
 * file is gone but a server still listens behind its name, asks that server (SIGUSR1) to make the file anew. Else the
 * next client would start a second one beside it; so it ends in failure when the file does not come. Costs nothing
 * while the file is there.
 */
export const REVIVE_SOCKET = `
if [ ! -S "$0" ] && [ -r /proc/net/unix ]; then
  while read -r _ _ _ flags _ _ inode path; do
    [ "$flags $path" = "00010000 $0" ] || continue
    for comm in /proc/[0-9]*/comm; do
      { read -r name <"$comm"; } 2>/dev/null || continue
      case $name in 'tmux: server'*) ;; *) continue ;; esac
      pid=\${comm#/proc/}
      pid=\${pid%/comm}
      case $(ls -l "/proc/$pid/fd" 2>/dev/null) in *"socket:[$inode]"*) ;; *) continue ;; esac
      mkdir -m 700 "\${0%/*}" 2>/dev/null
      kill -USR1 "$pid" 2>/dev/null || continue
      tries=0
      while [ ! -S "$0" ]; do
        tries=$((tries + 1))
        if [ "$tries" -gt 20 ]; then
          echo "the server with process id $pid has lost its socket $0 and does not make it anew" >&2
          exit ${NOT_REVIVED}
        fi
        sleep 0.05 2>/dev/null || sleep 1
      done
    done
  done </proc/net/unix
fi
`;
