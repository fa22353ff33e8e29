import { execTmux } from './exec.ts';
import type { TmuxHost } from './host.ts';
import { type Reply, sentinel, sentinelLine } from './reply.ts';

/**
 * Sends the lines through one plain client that ends with them: for a tmux that no channel can be kept open to.
 * Errors come without their line, so each line that printed nothing is given all of them. Never rejects.
 */
export async function runSingleBatch(
  host: TmuxHost,
  lines: readonly string[],
  timeoutMs: number,
): Promise<readonly Reply[]> {
  const input = lines.map((line, i) => `${line}\n${sentinelLine(i)}\n`).join('');
  const result = await execTmux(host, ['source-file', '-'], { timeoutMs, input });
  const errors = result.stderr.trim() === '' ? [] : [result.stderr.trim()];
  const printed = result.stdout.split('\n');
  let from = 0;
  return lines.map((_line, i): Reply => {
    const end = printed.indexOf(sentinel(i), from);
    if (end === -1) return unanswered(result.timedOut, timeoutMs, errors);
    const answer = printed.slice(from, end);
    from = end + 1;
    return { kind: 'answered', lines: answer, errors: answer.length === 0 ? errors : [] };
  });
}

function unanswered(timedOut: boolean, timeoutMs: number, errors: readonly string[]): Reply {
  if (timedOut) {
    const message = `tmux did not answer within ${timeoutMs} ms`;
    return { kind: 'unknown', cause: 'deadline', message };
  }
  return { kind: 'unknown', cause: 'lost', message: errors[0] ?? 'the tmux client ended' };
}
