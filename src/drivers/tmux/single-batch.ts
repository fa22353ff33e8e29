import { dialectOf } from './dialect.ts';
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
  const result = dialectOf(host).readsStdin
    ? await execTmux(host, ['source-file', '-'], { timeoutMs, input })
    : await execTmux(host, ['source-file'], { timeoutMs, input, through: THROUGH_FILE });
  const { answers, rest } = cutAtSentinels(result.stdout.split('\n'), lines.length);
  // A line that could not be parsed is told behind all the others, on stdout, by tmux before 3.1.
  const errors = [result.stderr.trim(), rest.join('\n').trim()].filter((text) => text !== '');
  return lines.map((_line, i): Reply => {
    const answer = answers[i];
    if (answer === undefined) return unanswered(result.timedOut, timeoutMs, errors);
    return { kind: 'answered', lines: answer, errors: answer.length === 0 ? errors : [] };
  });
}

/**
 * Before 3.1 tmux reads commands from files alone, and the server itself opens them. So the file lies where the server
 * makes its sockets: both see that place.
 */
const THROUGH_FILE = [
  'sh',
  '-c',
  `umask 077
file=$(mktemp "\${TMUX_TMPDIR:-/tmp}/agenttower.XXXXXXXX") || exit 1
trap 'rm -f "$file"' EXIT
trap 'exit 1' HUP INT TERM
cat >"$file" && "$@" "$file"`,
  'sh',
];

/** What was printed before each sentinel, and after the last one that came. */
function cutAtSentinels(
  printed: readonly string[],
  count: number,
): { readonly answers: readonly (readonly string[])[]; readonly rest: readonly string[] } {
  const answers: (readonly string[])[] = [];
  let from = 0;
  while (answers.length < count) {
    const end = printed.indexOf(sentinel(answers.length), from);
    if (end === -1) break;
    answers.push(printed.slice(from, end));
    from = end + 1;
  }
  return { answers, rest: answers.length === count ? printed.slice(from) : [] };
}

function unanswered(timedOut: boolean, timeoutMs: number, errors: readonly string[]): Reply {
  if (timedOut) {
    const message = `tmux did not answer within ${timeoutMs} ms`;
    return { kind: 'unknown', cause: 'deadline', message };
  }
  return { kind: 'unknown', cause: 'lost', message: errors[0] ?? 'the tmux client ended' };
}
