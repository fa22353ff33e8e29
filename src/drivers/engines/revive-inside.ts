/** What the script ends with when a server keeps its socket file lost. */
const NOT_REVIVED = 75;

/**
 * argv of a script of sh, or of a program, that reaches for the tmux server at a socket. In the same exec, before it:
 * when the file is gone but a server still listens behind its name, that server is asked (SIGUSR1) to make the file
 * anew. Else the next client would start a second one beside it; so it ends in failure when the file does not come.
 */
export function afterReviving(
  socketPath: string,
  next: { readonly script: string } | { readonly argv: readonly string[] },
): readonly string[] {
  const [script, argv] = 'script' in next ? [next.script, []] : ['exec "$@"', next.argv];
  return ['sh', '-c', `${REVIVE}${script}`, socketPath, ...argv];
}

/** Plain sh, for images that have little else. Costs nothing while the file, which is `$0`, is there. */
const REVIVE = `
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
