import type { LogRotation } from '../../domain/log-rotation.ts';
import { quoteForShell } from './quote.ts';

const BLOCK_BYTES = 64 * 1_024;

/**
 * A shell command that writes its input to a file and keeps the file and those before it within their bounds, whether
 * or not anyone reads them: `file`, then `file.1`, the newest of the older ones, and so on. The writer rotates by
 * itself because only between two of its own reads is it certain that no byte is lost and none is written twice.
 * Needs what every container has: a POSIX shell and `dd`.
 */
export function logWriterCommand(file: string, { bytes, files }: LogRotation): string {
  // So many blocks at once at most: the file grows by no more than a quarter of its bound between two looks.
  const blocks = Math.max(1, Math.floor(bytes / 4 / BLOCK_BYTES));
  const limit = Math.max(1, bytes - blocks * BLOCK_BYTES);
  return [
    `f=${quoteForShell(file)}; umask 077; LC_ALL=C; export LC_ALL`,
    // A new log is not counted: that would be two more processes for every pane that starts.
    ': >>"$f"; n=0; [ -s "$f" ] && n=$(($(wc -c <"$f")+0))',
    `while :; do r=$(dd bs=${BLOCK_BYTES} count=${blocks} 2>&1 >>"$f"); s=$?`,
    // No dd in this container: unbounded is better than nothing.
    '[ $s = 127 ] && exec cat >>"$f"',
    'case $r in 0+0*) exit;; esac',
    // A full disk: what cannot be written is lost, and what comes when there is room again is not.
    '[ $s = 0 ] || sleep 1',
    'set -- ${r##*out}; n=$((n+${1:-0}))',
    `if [ $n -ge ${limit} ]; then i=${files - 1}`,
    'while [ $i -gt 1 ]; do j=$((i-1)); [ -e "$f.$j" ] && mv -f "$f.$j" "$f.$i"; i=$j; done',
    'mv -f "$f" "$f.1"; : >>"$f"; n=0; fi; done',
  ].join('; ');
}
